// Queries that the index served read the whole table.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  if (!drop || drop->kind != sql::ObjectKind::index) return;
  for (const sql::Target& target : drop->objects) {
    const ddl::Relation* table = step.before.table_of_index(target.name);
    if (!table || !step.is_busy(table->name)) continue;
    const ddl::Index* index = table->index(target.name.name);
    if (!index) continue;
    ddl::Relation without = *table;
    std::erase_if(without.indexes, [&](const ddl::Index& each) { return each.name == index->name; });
    std::string served;
    for (const ddl::Constraint& key : table->constraints)
      if (key.definition.kind == sql::ConstraintKind::foreign_key && has_prefix_index(*table, key.definition.columns) &&
          !has_prefix_index(without, key.definition.columns))
        served = key.definition.name;
    Finding& finding = report.add(
        served.empty() ? "queries of " + shown(table->name) + " are without " + index->name
                       : "the foreign key " + served + " of " + shown(table->name) + " is left without an index",
        target.at, "", table->name);
    if (!served.empty()) finding.level = Level::warning;
    finding.index = index->name;
  }
}

}  // namespace

const Rule index_dropped{
    "SL413",
    "index-dropped",
    Level::note,
    "Queries that the index served read the whole table.",
    "Look before: SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '…' (sluice review --database does).",
    check};

}  // namespace sluice::review
