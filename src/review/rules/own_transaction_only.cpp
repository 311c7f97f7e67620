// The statement cannot share a transaction: `sluice migrate` runs it by itself, drizzle-orm's migrate() fails on it.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (step.impact().outside_transaction) report.add("it runs outside of the migration's transaction");
}

}  // namespace

const Rule own_transaction_only{
    "SL503",
    "own-transaction-only",
    Level::note,
    "The statement cannot share a transaction: `sluice migrate` runs it by itself, drizzle-orm's migrate() fails on "
    "it.",
    "Nothing, if Sluice applies the migrations. A migration of its own keeps it apart from what could fail.",
    check};

}  // namespace sluice::review
