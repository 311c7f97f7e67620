// What the constraint kept out can come in from now on; code may count on it.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::drop_constraint || !step.is_busy(table)) return;
    const ddl::Relation* known = step.before.find(table);
    const ddl::Constraint* constraint = known ? known->constraint(action.name) : nullptr;
    if (known && known->complete && !constraint && action.if_exists) return;
    std::string what = "nothing keeps " + action.name + " of " + shown(table) + " any more";
    if (constraint && constraint->definition.kind == sql::ConstraintKind::foreign_key)
      what = "rows of " + shown(table) + " may refer to nothing from now on; " +
             shown(constraint->definition.references) + " is locked for a moment too";
    report.add(what, action.at, "", table);
  });
}

}  // namespace

const Rule constraint_dropped{
    "SL211",
    "constraint-dropped",
    Level::note,
    "What the constraint kept out can come in from now on; code may count on it.",
    "Nothing, if that is meant. To replace one: add the new one NOT VALID, validate it, then drop the old one.",
    check};

}  // namespace sluice::review
