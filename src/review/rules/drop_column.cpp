// The column's values are gone, and code that still runs fails on its next query.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/quote.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::drop_column || !step.is_busy(table)) return;
    const ddl::Relation* known = step.before.find(table);
    const ddl::Column* column = known ? known->column(action.name) : nullptr;
    if (known && known->complete && !column && action.if_exists) return;
    report
        .add(column && column->generated
                 ? "code that reads " + shown(table) + "." + action.name + " fails"
                 : "the values of " + shown(table) + "." + action.name + " are lost, and code that uses it fails",
             action.at, "", table)
        .query = "SELECT count(" + sql::identifier(action.name) + ") FROM " + sql::qualified(table.schema, table.name);
  });
}

}  // namespace

const Rule drop_column{"SL201",
                       "drop-column",
                       Level::error,
                       "The column's values are gone, and code that still runs fails on its next query.",
                       "First make it nullable and deploy code without it; drop it in a later migration, after its "
                       "data has been moved or saved.",
                       check};

}  // namespace sluice::review
