// The table's rows are gone, and code that still runs fails on its next query.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/quote.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* drop = step.as<sql::Drop>();
  if (!drop || drop->kind != sql::ObjectKind::table) return;
  for (const sql::Target& object : drop->objects) {
    const ddl::Name table = step.before.resolve(object.name);
    if (!step.before.find(table) && drop->if_exists && step.before.complete) continue;
    if (step.is_busy(table))
      report.add("the rows of " + shown(table) + " are lost", object.at, "", table).query =
          "SELECT count(*) FROM " + sql::qualified(table.schema, table.name);
  }
}

}  // namespace

const Rule drop_table{"SL202",
                      "drop-table",
                      Level::error,
                      "The table's rows are gone, and code that still runs fails on its next query.",
                      "First deploy code without it; rename it away or save it, and drop it in a later migration.",
                      check};

}  // namespace sluice::review
