// Citus copies a table's rows to where they are to be while writers wait.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/citus.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const std::optional<sql::CitusCall> call = sql::citus_call(step.statement());
  if (!call || (!call->is("create_distributed_table") && !call->is("create_reference_table"))) return;
  for (const impact::Touched* table : busy(step, [](const impact::Touched& t) { return t.scan; }))
    report.add("writes to " + shown(table->relation) + " wait while its rows are copied to the workers", -1, "",
               table->relation);
}

}  // namespace

const Rule distribution_blocks{
    "SL705",
    "distribution-blocks",
    Level::error,
    "create_distributed_table() copies the rows that are there while every writer of the table waits.",
    "create_distributed_table_concurrently(), in a migration of its own; or distribute a table before it has rows.",
    check};

}  // namespace sluice::review
