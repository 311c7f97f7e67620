// Every row is gone, with CASCADE also those of tables that refer to it.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (!step.as<sql::Truncate>()) return;
  std::vector<std::string> tables;
  for (const impact::Touched* table :
       busy(step, [](const impact::Touched& t) { return t.emptied && t.index_of.empty(); }))
    tables.push_back(shown(table->relation));
  if (!tables.empty()) report.add("every row of " + list_of(tables) + " is lost");
}

}  // namespace

const Rule truncate{"SL203",
                    "truncate",
                    Level::error,
                    "Every row is gone, with CASCADE also those of tables that refer to it.",
                    "DELETE what is really meant, in a job and not in a migration.",
                    check};

}  // namespace sluice::review
