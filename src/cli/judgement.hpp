// The judgement of `sluice review` in short, for commands that have just written a migration or are about to run one.
#pragma once

#include <string>

#include "cli/terminal.hpp"
#include "model/schema.hpp"

namespace sluice::cli {

// Reviews one migration against the schema before it, prints a line for each error and warning, and gives them as JSON.
// Notes are left out: the full review has them.
Json print_judgement(const model::Schema& before, const std::string& name, const std::string& text, Terminal& terminal);

}  // namespace sluice::cli
