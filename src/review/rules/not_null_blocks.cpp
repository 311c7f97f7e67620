// SET NOT NULL keeps readers and writers waiting while it reads the table.
#include "base/text.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const impact::Impact& impact = step.impact();
  auto blamed = [&](const std::string& column) {  // a column that something proves is not read for
    for (const impact::Risk& risk : impact.risks)
      if (risk.what.ends_with("." + column)) return true;
    return false;
  };
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    const sql::Constraint& key = action.constraint;
    if (action.kind == sql::Alter::add_constraint && key.kind == sql::ConstraintKind::primary_key &&
        !key.index.empty() && step.is_busy(table)) {
      // The index is there already, but its columns may be NULL.
      const impact::Touched* touched = impact.find(table);
      if (touched && touched->scan && !impact.risks.empty())
        report.add(
            "reads and writes of " + shown(table) + " wait while the primary key's columns are searched for NULL",
            action.at, "Make the columns NOT NULL in a migration before, in the way that reads nothing under the lock.",
            table);
      return;
    }
    const bool not_null =
        action.kind == sql::Alter::set_not_null ||
        (action.kind == sql::Alter::add_constraint && action.constraint.kind == sql::ConstraintKind::not_null);
    if (!not_null || !step.is_busy(table)) return;
    const std::string column =
        action.kind == sql::Alter::set_not_null ? action.name : text::join(action.constraint.columns, ", ");
    const impact::Touched* touched = impact.find(table);
    const ddl::Relation* known = step.before.find(table);
    const ddl::Column* target = known ? known->column(column) : nullptr;
    const bool filled = target && target->filled && !target->not_null;  // it cannot fail, and is read all the same
    if (!touched || !touched->scan || (!blamed(column) && !filled)) return;
    report.add("reads and writes of " + shown(table) + " wait while " + column + " is searched for NULL", action.at,
               step.options.version >= 18
                   ? "ADD CONSTRAINT … NOT NULL " + column +
                         " NOT VALID; then VALIDATE CONSTRAINT in the next migration (PostgreSQL 18)."
                   : "",
               table);
  });
}

}  // namespace

const Rule not_null_blocks{"SL107",
                           "not-null-blocks",
                           Level::error,
                           "SET NOT NULL keeps readers and writers waiting while it reads the table.",
                           "ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID; VALIDATE it in the next migration; "
                           "then SET NOT NULL reads nothing, and the check can go.",
                           check};

}  // namespace sluice::review
