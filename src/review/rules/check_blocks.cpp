// A check constraint that is checked at once keeps readers and writers waiting while it reads the table.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_constraint(step, [&](const ddl::Name& table, const sql::Constraint& constraint, bool new_table) {
    if (constraint.kind != sql::ConstraintKind::check || new_table || constraint.not_valid || !constraint.enforced)
      return;
    if (const impact::Touched* touched = step.impact().find(table); touched && touched->scan && !touched->fresh)
      report.add("reads and writes of " + shown(table) + " wait while every row is checked", constraint.at, "", table);
  });
}

}  // namespace

const Rule check_blocks{
    "SL106",
    "check-blocks",
    Level::error,
    "A check constraint that is checked at once keeps readers and writers waiting while it reads the table.",
    "ADD CONSTRAINT … CHECK (…) NOT VALID; then VALIDATE CONSTRAINT in the next migration, which blocks nobody.",
    check};

}  // namespace sluice::review
