// char(n) pads with blanks, and every change of its length rewrites the table.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_column(step, [&](const ddl::Name& table, const sql::ColumnDefinition& column, bool) {
    if (column.type.name == "char" && column.type.schema.empty())
      report.add(shown(table) + "." + column.name + " is " + sql::display(column.type), column.at, "", table);
  });
}

}  // namespace

const Rule char_column{"SL406",
                       "char-column",
                       Level::note,
                       "char(n) pads with blanks, and every change of its length rewrites the table.",
                       "text, with a CHECK on the length where one is needed.",
                       check};

}  // namespace sluice::review
