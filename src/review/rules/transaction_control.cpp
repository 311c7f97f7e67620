// BEGIN, COMMIT and ROLLBACK end the transaction that the migration runs in: what failed after them is half applied.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* control = step.as<sql::TransactionControl>();
  if (!control || control->action == sql::TransactionControl::Action::savepoint) return;
  Finding& finding = report.add("the migration's own transaction ends here");
  if (control->action == sql::TransactionControl::Action::rollback) finding.level = Level::error;
  if (control->action == sql::TransactionControl::Action::begin)
    finding.message = "the migration is in a transaction already";
}

}  // namespace

const Rule transaction_control{"SL502",
                               "transaction-control",
                               Level::warning,
                               "BEGIN, COMMIT and ROLLBACK end the transaction that the migration runs in: what failed "
                               "after them is half applied.",
                               "Leave them out; a migration is one transaction by itself.",
                               check};

}  // namespace sluice::review
