// A unique or primary key constraint builds its index while readers and writers wait.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_constraint(step, [&](const ddl::Name& table, const sql::Constraint& constraint, bool new_table) {
    const bool key =
        constraint.kind == sql::ConstraintKind::unique || constraint.kind == sql::ConstraintKind::primary_key;
    if (!key || new_table || !constraint.index.empty()) return;
    report.add("reads and writes of " + shown(table) + " wait while the index of the " +
                   (constraint.kind == sql::ConstraintKind::unique ? "unique constraint" : "primary key") + " is built",
               constraint.at, "", table);
  });
}

}  // namespace

const Rule unique_blocks{
    "SL108",
    "unique-blocks",
    Level::error,
    "A unique or primary key constraint builds its index while readers and writers wait.",
    "CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own; then ADD CONSTRAINT … USING INDEX.",
    check};

}  // namespace sluice::review
