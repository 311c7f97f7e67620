// A check constraint that is checked at once keeps readers and writers waiting while it reads the table.
#include <algorithm>

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
  // With the type of a column its checks are made again, also where the rows stay as they are.
  const auto* alter = step.as<sql::AlterTable>();
  if (!alter) return;
  const ddl::Name name = step.before.resolve(alter->table.name);
  const ddl::Relation* table = step.before.find(name);
  const impact::Touched* touched = step.impact().find(name);
  if (!table || !touched || touched->fresh || touched->rewrite || !touched->scan) return;
  for (const sql::AlterAction& action : alter->actions) {
    if (action.kind != sql::Alter::type) continue;
    for (const ddl::Constraint& constraint : table->constraints) {
      const std::vector<std::string>& columns = constraint.definition.expression.columns;
      if (constraint.definition.kind == sql::ConstraintKind::check && constraint.valid &&
          std::find(columns.begin(), columns.end(), action.name) != columns.end())
        report.add("reads and writes of " + shown(name) +
                       " wait while every row is checked again: " + constraint.definition.name,
                   action.at, "", name);
    }
  }
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
