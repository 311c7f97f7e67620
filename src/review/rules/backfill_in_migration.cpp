// An UPDATE of a whole table holds every row's lock, and all locks before it, until the last row is written.
#include "base/text.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/wishes.hpp"

namespace sluice::review {

namespace {

// The comment lines directly before the statement.
bool runs_in_batches(const sql::ParsedStatement& statement) {
  const auto at = static_cast<size_t>(statement.at);
  const std::string_view before(statement.text.data() - at, at);
  const size_t semicolon = before.rfind(';');
  return sql::wishes_in(semicolon == std::string_view::npos ? before : before.substr(semicolon + 1)).backfill;
}

void check(const Step& step, Report& report) {
  const auto* update = step.as<sql::Update>();
  if (!update || runs_in_batches(step.statement())) return;
  const ddl::Name table = step.before.resolve(update->table.name);
  if (!step.is_busy(table)) return;
  if (!update->has_where) {
    report.add("every row of " + shown(table) + " is written in one transaction", -1, "", table);
    return;
  }
  if (update->only_joins) {
    report.add("every row of " + shown(table) + " with a row to join is written in one transaction", -1, "", table);
    return;
  }
  // WHERE new IS NULL of a column that was added here means every row too.
  for (const Judged& judged : step.file.statements)
    if (const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command))
      for (const sql::AlterAction& action : alter->actions)
        if (action.kind == sql::Alter::add_column && step.before.resolve(alter->table.name) == table &&
            update->where.columns == std::vector<std::string>{action.name} &&
            text::to_lower(update->where.text).find("is null") != std::string::npos)
          return void(
              report.add("every row of " + shown(table) + " is written in one transaction: " + action.name + " is new",
                         -1, "", table));
}

}  // namespace

const Rule backfill_in_migration{
    "SL504",
    "backfill-in-migration",
    Level::warning,
    "An UPDATE of a whole table holds every row's lock, and all locks before it, until the last row is written.",
    "Batches by key, each in a transaction of its own: with the line \"-- sluice:backfill\" before it.",
    check};

}  // namespace sluice::review
