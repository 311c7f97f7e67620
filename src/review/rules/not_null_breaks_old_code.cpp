// Code that still runs and writes no value, or NULL, fails as soon as the column is NOT NULL.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

// In this statement or a later one of the file.
bool gets_default(const Step& step, const ddl::Name& table, const std::string& column) {
  for (const sql::ParsedStatement& later : step.file.parsed.statements) {
    const auto* alter = std::get_if<sql::AlterTable>(&later.command);
    if (!alter || later.at < step.statement().at || step.before.resolve(alter->table.name) != table) continue;
    for (const sql::AlterAction& action : alter->actions)
      if (action.name == column && (action.kind == sql::Alter::add_identity ||
                                    (action.kind == sql::Alter::set_default && !action.expression.null)))
        return true;
  }
  return false;
}

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::set_not_null || !step.is_busy(table)) return;
    const ddl::Relation* known = step.before.find(table);
    const ddl::Column* column = known ? known->column(action.name) : nullptr;
    if (column && (column->not_null || !column->default_value.empty() || column->identity)) return;
    if (gets_default(step, table, action.name)) return;
    report.add("code that writes no value for " + shown(table) + "." + action.name + " fails", action.at, "", table);
  });
}

}  // namespace

const Rule not_null_breaks_old_code{
    "SL304",
    "not-null-breaks-old-code",
    Level::warning,
    "Code that still runs and writes no value, or NULL, fails as soon as the column is NOT NULL.",
    "Deploy code that always writes a value first, or give the column a DEFAULT.",
    check};

}  // namespace sluice::review
