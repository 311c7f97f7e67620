// Each statement that rewrites a table keeps its readers and writers waiting once more.
#include <map>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  std::map<ddl::Name, int> first;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    if (!std::holds_alternative<sql::AlterTable>(judged.statement->command)) continue;
    for (const impact::Touched& item : judged.impact.touched) {
      if (!item.rewrite || item.fresh || item.created || item.emptied || !item.index_of.empty()) continue;
      auto [found, is_new] = first.emplace(item.relation, judged.statement->line);
      if (!is_new)
        report
            .add(shown(item.relation) + " is rewritten in line " + std::to_string(found->second) + " and again here",
                 judged.statement->at, "", item.relation)
            .statement = number;
    }
  }
}

}  // namespace

const Rule rewritten_twice{"SL124",
                           "rewritten-twice",
                           Level::warning,
                           "Each statement that rewrites a table keeps its readers and writers waiting once more.",
                           "One ALTER TABLE with all the actions: it rewrites the table once.",
                           nullptr,
                           check};

}  // namespace sluice::review
