// timestamp keeps no zone: the same instant reads differently in sessions and programs with other zones.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_column(step, [&](const ddl::Name& table, const sql::ColumnDefinition& column, bool) {
    if (column.type.name == "timestamp" && column.type.schema.empty())
      report.add(shown(table) + "." + column.name + " is a timestamp without time zone", column.at, "", table);
  });
}

}  // namespace

const Rule timestamp_without_time_zone{
    "SL405",
    "timestamp-without-time-zone",
    Level::note,
    "timestamp keeps no zone: the same instant reads differently in sessions and programs with other zones.",
    "timestamp with time zone.",
    check};

}  // namespace sluice::review
