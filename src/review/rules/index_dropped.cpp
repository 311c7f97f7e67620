// Queries that the index served read the whole table.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

// Those that the rest of the file makes.
void add_later_indexes(const Step& step, ddl::Relation& table) {
  for (const sql::ParsedStatement& later : step.file.parsed.statements) {
    if (later.at <= step.statement().at) continue;
    if (const auto* create = std::get_if<sql::CreateIndex>(&later.command)) {
      if (step.before.resolve(create->table.name) != table.name) continue;
      ddl::Index& index = table.indexes.emplace_back();
      index.keys = create->keys;
      index.where = create->where;
    } else if (const auto* alter = std::get_if<sql::AlterTable>(&later.command)) {
      if (step.before.resolve(alter->table.name) != table.name) continue;
      for (const sql::AlterAction& action : alter->actions) {
        if (action.kind != sql::Alter::add_constraint || (action.constraint.kind != sql::ConstraintKind::primary_key &&
                                                          action.constraint.kind != sql::ConstraintKind::unique))
          continue;
        ddl::Index& index = table.indexes.emplace_back();
        for (const std::string& column : action.constraint.columns) index.keys.push_back({column, {}, "", true, false});
      }
    }
  }
}

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
    add_later_indexes(step, without);
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
