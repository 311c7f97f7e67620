// DETACH PARTITION locks the whole partitioned table; it waits for every query and every query waits behind it.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind == sql::Alter::detach_partition && !action.concurrently && step.is_busy(table))
      report.add("reads and writes of " + shown(table) + " wait for the detachment", action.at, "", table);
  });
}

}  // namespace

const Rule detach_blocks{
    "SL114",
    "detach-blocks",
    Level::warning,
    "DETACH PARTITION locks the whole partitioned table; it waits for every query and every query waits behind it.",
    "DETACH PARTITION … CONCURRENTLY (PostgreSQL 14 and newer, no default partition), outside of a transaction.",
    check};

}  // namespace sluice::review
