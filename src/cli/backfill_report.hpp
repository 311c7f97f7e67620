// A migration of several steps as a person sees it: each step with its lock and what it cost others; a backfill with
// rows, rate and time left on a terminal, a line now and then elsewhere.
#pragma once

#include <functional>

#include "apply/backfill.hpp"
#include "apply/stall.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

std::function<void(const apply::BackfillProgress&)> backfill_report(Terminal& terminal);
std::string describe(const apply::StepReport& step);

// The same where there is one line for it.
std::string one_line(const apply::StepReport& step);
std::string one_line(const apply::BackfillProgress& now);

}  // namespace sluice::cli
