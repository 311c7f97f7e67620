// DROP INDEX waits for every query on the table, and every later query waits behind it.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  if (!drop || drop->kind != sql::ObjectKind::index || drop->concurrently) return;
  for (const sql::Target& index : drop->objects) {
    const ddl::Relation* table = step.before.table_of_index(index.name);
    if (table ? !step.is_busy(table->name) : step.before.complete) continue;
    report.add("reads and writes of " + (table ? shown(table->name) : "the table") +
                   " wait behind the drop of the index " + index.name.name,
               index.at, "", table ? table->name : ddl::Name{});
  }
}

}  // namespace

const Rule drop_index_blocks{"SL102",
                             "drop-index-blocks",
                             Level::warning,
                             "DROP INDEX waits for every query on the table, and every later query waits behind it.",
                             "DROP INDEX CONCURRENTLY, in a migration of its own.",
                             check};

}  // namespace sluice::review
