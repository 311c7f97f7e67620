// json has no equality: DISTINCT, GROUP BY and UNION fail on it, and it is parsed at each use.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_column(step, [&](const ddl::Name& table, const sql::ColumnDefinition& column, bool) {
    if (column.type.name == "json" && column.type.schema.empty())
      report.add(shown(table) + "." + column.name + " is json", column.at, "", table);
  });
}

}  // namespace

const Rule json_column{
    "SL403",     "json-column",
    Level::note, "json has no equality: DISTINCT, GROUP BY and UNION fail on it, and it is parsed at each use.",
    "jsonb.",    check};

}  // namespace sluice::review
