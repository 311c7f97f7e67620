// LOCK TABLE keeps others waiting until the transaction ends.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* lock = step.as<sql::Lock>();
  if (!lock || lock->mode < 5) return;
  for (const sql::Target& table : lock->tables)
    if (step.is_busy(step.before.resolve(table.name)))
      report.add(std::string(impact::display(static_cast<impact::Lock>(lock->mode))) + " on " +
                     shown(step.before.resolve(table.name)) + " is held until the end of the transaction",
                 table.at, "", step.before.resolve(table.name));
}

}  // namespace

const Rule explicit_lock{"SL120",
                         "explicit-lock",
                         Level::warning,
                         "LOCK TABLE keeps others waiting until the transaction ends.",
                         "Let each statement take the lock that it needs.",
                         check};

}  // namespace sluice::review
