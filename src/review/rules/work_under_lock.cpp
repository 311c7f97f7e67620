// A lock that keeps everybody waiting is held until the transaction ends, also while later statements work.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  for (const Finding& finding : step.file.findings)  // once for each transaction
    if (finding.rule == &work_under_lock &&
        step.file.statements[static_cast<size_t>(finding.statement)].transaction == step.judged.transaction)
      return;
  bool works = false;
  std::string what;
  for (const impact::Touched& item : step.impact().touched)
    if (!item.fresh && !item.created && item.index_of.empty() && item.scan && !item.emptied)
      works = true, what = shown(item.relation);
  const auto* update = step.as<sql::Update>();
  const auto* remove = step.as<sql::Delete>();
  if (update && !update->has_where && step.is_busy(step.before.resolve(update->table.name)))
    works = true, what = shown(step.before.resolve(update->table.name));
  if (remove && !remove->has_where && step.is_busy(step.before.resolve(remove->table.name)))
    works = true, what = shown(step.before.resolve(remove->table.name));
  if (!works || step.impact().outside_transaction) return;
  for (int i = 0; i < step.number; i++) {
    const Judged& earlier = step.file.statements[static_cast<size_t>(i)];
    if (earlier.transaction != step.judged.transaction) continue;
    for (const impact::Touched& item : earlier.impact.touched) {
      if (item.lock != impact::Lock::access_exclusive || item.fresh || item.created || item.dropped ||
          !item.index_of.empty())
        continue;
      const impact::Touched* again = step.impact().find(item.relation);
      if (again) continue;  // the work is on the locked table itself: that is said by its own rule
      report.add("reads and writes of " + shown(item.relation) + ", locked in line " +
                     std::to_string(earlier.statement->line) + ", wait until this work on " + what + " is done",
                 -1, "", item.relation);
      return;
    }
  }
}

}  // namespace

const Rule work_under_lock{
    "SL118",
    "work-under-lock",
    Level::warning,
    "A lock that keeps everybody waiting is held until the transaction ends, also while later statements work.",
    "Give the long work a migration of its own, before or after.",
    check};

}  // namespace sluice::review
