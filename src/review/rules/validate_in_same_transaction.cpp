// NOT VALID spares the lock only if VALIDATE runs in a later transaction: here the lock is still held while the table
// is read.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::validate_constraint || !step.is_busy(table)) return;
    for (int i = 0; i <= step.number; i++) {
      const Judged& earlier = step.file.statements[static_cast<size_t>(i)];
      if (earlier.transaction != step.judged.transaction) continue;
      const auto* alter = std::get_if<sql::AlterTable>(&earlier.statement->command);
      if (!alter || step.before.resolve(alter->table.name) != table) continue;
      for (const sql::AlterAction& other : alter->actions)
        if (other.kind == sql::Alter::add_constraint && other.constraint.name == action.name &&
            other.constraint.not_valid)
          report.add("the lock that added " + action.name + " is held while " + shown(table) + " is read", action.at,
                     "", table);
    }
  });
}

}  // namespace

const Rule validate_in_same_transaction{
    "SL117",
    "validate-in-same-transaction",
    Level::error,
    "NOT VALID spares the lock only if VALIDATE runs in a later transaction: here "
    "the lock is still held while the table is read.",
    "Begin a new step before VALIDATE CONSTRAINT: the line \"-- sluice:step\", or the next migration.",
    check};

}  // namespace sluice::review
