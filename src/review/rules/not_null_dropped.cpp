// Code that still runs and reads the column may count on a value.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::drop_not_null || !step.is_busy(table)) return;
    const ddl::Relation* known = step.before.find(table);
    const ddl::Column* column = known ? known->column(action.name) : nullptr;
    if (column && !column->not_null) return;
    report.add(shown(table) + "." + action.name + " may be NULL from now on", action.at, "", table);
  });
}

}  // namespace

const Rule not_null_dropped{"SL308",
                            "not-null-dropped",
                            Level::note,
                            "Code that still runs and reads the column may count on a value.",
                            "Deploy readers that know NULL first.",
                            check};

}  // namespace sluice::review
