// Rows that exist have no value for a NOT NULL column without a default: the statement fails on any table with rows.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_column(step, [&](const ddl::Name& table, const sql::ColumnDefinition& column, bool new_table) {
    if (new_table) return;
    for (const impact::Risk& risk : step.impact().risks)
      if (risk.any_row && risk.what.ends_with(" " + column.name))
        report.add("rows of " + shown(table) + " have no value for " + column.name, column.at, "", table).query =
            risk.query;
  });
}

}  // namespace

const Rule required_column_without_value{
    "SL209",
    "required-column-without-value",
    Level::error,
    "Rows that exist have no value for a NOT NULL column without a default: the statement fails on any table with "
    "rows.",
    "Give it a DEFAULT (a constant or now() costs nothing), or add it nullable, fill it, then SET NOT NULL.",
    check};

}  // namespace sluice::review
