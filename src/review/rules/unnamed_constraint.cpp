// PostgreSQL makes a name up; a later migration that drops the constraint has to guess it.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind == sql::Alter::add_constraint && action.constraint.name.empty() && action.constraint.index.empty())
      report.add("a constraint of " + shown(table) + " has no name", action.constraint.at, "", table);
  });
}

}  // namespace

const Rule unnamed_constraint{
    "SL409",
    "unnamed-constraint",
    Level::note,
    "PostgreSQL makes a name up; a later migration that drops the constraint has to guess it.",
    "CONSTRAINT name …",
    check};

}  // namespace sluice::review
