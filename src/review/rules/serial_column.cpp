// serial makes a sequence with rights of its own, and lets INSERT write any value.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_column(step, [&](const ddl::Name& table, const sql::ColumnDefinition& column, bool) {
    if (column.type.schema.empty() && column.type.name.ends_with("serial"))
      report.add(shown(table) + "." + column.name + " is " + column.type.name, column.at, "", table);
  });
}

}  // namespace

const Rule serial_column{"SL404",
                         "serial-column",
                         Level::note,
                         "serial makes a sequence with rights of its own, and lets INSERT write any value.",
                         "GENERATED ALWAYS AS IDENTITY.",
                         check};

}  // namespace sluice::review
