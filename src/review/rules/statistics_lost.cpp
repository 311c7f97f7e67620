// A column's statistics are gone after a change of its type: until the next ANALYZE its queries are planned without.
#include <map>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  std::map<ddl::Name, std::pair<int, std::string>> changed;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    if (const auto* vacuum = std::get_if<sql::Vacuum>(&judged.statement->command)) {
      if (vacuum->tables.empty()) changed.clear();
      for (const sql::Target& table : vacuum->tables) changed.erase(whole.after.resolve(table.name));
    }
    const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command);
    if (!alter) continue;
    const ddl::Name table = whole.after.resolve(alter->table.name);
    const impact::Touched* touched = judged.impact.find(table);
    if (!touched || touched->fresh || touched->created) continue;
    for (const sql::AlterAction& action : alter->actions)
      if (action.kind == sql::Alter::type) changed.emplace(table, std::pair{number, action.name});
  }
  for (const auto& [table, where] : changed)
    report
        .add("the statistics of " + shown(table) + "." + where.second + " are gone",
             whole.file.statements[static_cast<size_t>(where.first)].statement->at,
             "ANALYZE " + shown(table) + " (" + where.second + ");", table)
        .statement = where.first;
}

}  // namespace

const Rule statistics_lost{"SL125",
                           "statistics-lost",
                           Level::note,
                           "A column's statistics are gone after a change of its type: until the next ANALYZE its "
                           "queries are planned without.",
                           "ANALYZE the table's column after it, in a migration or job of its own.",
                           nullptr,
                           check};

}  // namespace sluice::review
