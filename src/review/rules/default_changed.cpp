// Code that still runs and leaves the column out writes another value from now on; rows that are there keep theirs.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::set_default || !step.is_busy(table)) return;
    const ddl::Relation* known = step.before.find(table);
    const ddl::Column* column = known ? known->column(action.name) : nullptr;
    if (!column || column->default_value.empty() || column->default_value.text == action.expression.text) return;
    report.add("rows of " + shown(table) + " without a value for " + action.name + " get " + action.expression.text +
                   " instead of " + column->default_value.text,
               action.at, "", table);
  });
}

}  // namespace

const Rule default_changed{
    "SL309",
    "default-changed",
    Level::note,
    "Code that still runs and leaves the column out writes another value from now on; rows that are there keep theirs.",
    "Nothing, if that is meant.",
    check};

}  // namespace sluice::review
