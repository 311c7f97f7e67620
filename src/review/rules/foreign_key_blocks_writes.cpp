// A foreign key that is checked at once keeps writers of both tables waiting while it reads them.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_constraint(step, [&](const ddl::Name& table, const sql::Constraint& constraint, bool new_table) {
    if (constraint.kind != sql::ConstraintKind::foreign_key || new_table) return;
    const impact::Touched* touched = step.impact().find(table);
    if (!touched || !touched->scan || touched->fresh) return;
    const ddl::Name target = step.before.resolve(constraint.references);
    const bool both = target != table && step.is_busy(target);
    report.add(
        "writes to " + shown(table) + (both ? " and " + shown(target) : "") + " wait while the foreign key is checked",
        constraint.at, "", table);
  });
}

}  // namespace

const Rule foreign_key_blocks_writes{
    "SL105",
    "foreign-key-blocks-writes",
    Level::error,
    "A foreign key that is checked at once keeps writers of both tables waiting while it reads them.",
    "ADD CONSTRAINT … NOT VALID; then VALIDATE CONSTRAINT in the next migration, which blocks nobody.",
    check};

}  // namespace sluice::review
