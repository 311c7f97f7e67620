// What the trigger checks or writes is left out for every row that comes meanwhile; ALL means foreign keys too.
#include <map>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  int number = -1;
  std::map<std::pair<ddl::Name, std::string>, std::pair<int, int>> off;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command);
    if (!alter) continue;
    const ddl::Name table = whole.after.resolve(alter->table.name);
    for (const sql::AlterAction& action : alter->actions) {
      const impact::Touched* touched = judged.impact.find(table);
      if (touched && (touched->fresh || touched->created)) continue;
      if (action.kind == sql::Alter::disable_trigger) off[{table, action.name}] = {number, action.at};
      if (action.kind == sql::Alter::enable_trigger) off.erase({table, action.name});
    }
  }
  for (const auto& [key, where] : off)
    report
        .add((key.second.empty() ? "the triggers" : "the trigger " + key.second) + " of " + shown(key.first) +
                 (key.second.empty() ? " stay off" : " stays off"),
             where.second, "", key.first)
        .statement = where.first;
}

}  // namespace

const Rule trigger_disabled{
    "SL213",
    "trigger-disabled",
    Level::warning,
    "What the trigger checks or writes is left out for every row that comes meanwhile; ALL means foreign keys too.",
    "ENABLE TRIGGER again in the same transaction.",
    nullptr,
    check};

}  // namespace sluice::review
