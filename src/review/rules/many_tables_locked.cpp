// A transaction that locks many tables waits for the slowest query of all of them, keeps the first locked meanwhile,
// and can deadlock.
#include <map>
#include <set>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  std::map<int, std::set<std::string>> locked;
  for (const Judged& judged : whole.file.statements)
    for (const impact::Touched& item : judged.impact.touched)
      if (impact::blocks_writes(item.lock) && !item.fresh && !item.created && item.index_of.empty())
        locked[judged.transaction].insert(shown(item.relation));
  constexpr size_t many = 4;
  for (const auto& [transaction, tables] : locked)
    if (tables.size() >= many)
      report.add(std::to_string(tables.size()) +
                 " tables are locked in one transaction: " + list_of({tables.begin(), tables.end()}));
}

}  // namespace

const Rule many_tables_locked{"SL119",
                              "many-tables-locked",
                              Level::warning,
                              "A transaction that locks many tables waits for the slowest query of all of them, keeps "
                              "the first locked meanwhile, and can deadlock.",
                              "Small and focused migrations: one table each.",
                              nullptr,
                              check};

}  // namespace sluice::review
