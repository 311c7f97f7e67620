// Values are rounded or cut without an error.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::type || !step.is_busy(table)) return;
    for (const impact::Loss& loss : step.impact().losses)
      if (loss.relation == table && loss.what.ends_with("." + action.name))
        report.add(action.expression.empty() || action.expression.cast_column == action.name
                       ? "values of " + shown(table) + "." + action.name + " lose digits or parts as " +
                             sql::display(action.column.type)
                       : "values of " + shown(table) + "." + action.name + " are replaced by " + action.expression.text,
                   action.at, "", table);
  });
}

}  // namespace

const Rule lossy_type_change{"SL207",
                             "lossy-type-change",
                             Level::warning,
                             "Values are rounded or cut without an error.",
                             "A new column, filled and compared, before the old one goes.",
                             check};

}  // namespace sluice::review
