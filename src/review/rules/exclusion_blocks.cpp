// An exclusion constraint builds its index while readers and writers wait, and there is no other way to add one.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_constraint(step, [&](const ddl::Name& table, const sql::Constraint& constraint, bool new_table) {
    if (constraint.kind == sql::ConstraintKind::exclusion && !new_table)
      report.add("reads and writes of " + shown(table) + " wait while the exclusion constraint is built", constraint.at,
                 "", table);
  });
}

}  // namespace

const Rule exclusion_blocks{
    "SL109",
    "exclusion-blocks",
    Level::error,
    "An exclusion constraint builds its index while readers and writers wait, and there is no other way to add one.",
    "A new table with the constraint and a copy of the rows, or a time without traffic.",
    check};

}  // namespace sluice::review
