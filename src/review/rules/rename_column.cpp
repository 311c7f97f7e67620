// Code that still runs asks for the old name and fails at once.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* rename = step.as<sql::Rename>();
  if (!rename || rename->kind != sql::ObjectKind::column) return;
  const ddl::Name table = step.before.resolve(rename->object.name);
  if (step.is_busy(table))
    report.add(
        "code that uses " + shown(table) + "." + rename->object.of_table_member + " fails until it knows " + rename->to,
        -1, "", table);
}

}  // namespace

const Rule rename_column{
    "SL301",
    "rename-column",
    Level::error,
    "Code that still runs asks for the old name and fails at once.",
    "Add the new column, copy the values, deploy code that uses it, drop the old one in a later migration.",
    check};

}  // namespace sluice::review
