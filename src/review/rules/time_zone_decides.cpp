// Between timestamp and timestamptz the session's TimeZone decides what the values mean, and whether the table is
// rewritten.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::type || !step.is_busy(table)) return;
    const ddl::Relation* known = step.before.find(table);
    const ddl::Column* column = known ? known->column(action.name) : nullptr;
    if (!column || column->type.dimensions || action.column.type.dimensions) return;
    const std::string &from = column->type.name, &to = action.column.type.name;
    if (!((from == "timestamp" && to == "timestamptz") || (from == "timestamptz" && to == "timestamp"))) return;
    if (!action.expression.empty() && action.expression.cast_column != action.name) return;
    for (int i = 0; i < step.number; i++) {
      const auto* set =
          std::get_if<sql::SetParameter>(&step.file.statements[static_cast<size_t>(i)].statement->command);
      if (set && set->name == "timezone" && !set->reset) return;
    }
    report.add("the values of " + shown(table) + "." + action.name + " are taken as times of the session's TimeZone",
               action.at, "", table);
  });
}

}  // namespace

const Rule time_zone_decides{"SL212",
                             "time-zone-decides",
                             Level::warning,
                             "Between timestamp and timestamptz the session's TimeZone decides what the values mean, "
                             "and whether the table is rewritten.",
                             "Say it: USING column AT TIME ZONE 'UTC', or SET LOCAL timezone = 'UTC' before it.",
                             check};

}  // namespace sluice::review
