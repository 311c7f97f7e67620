// Which tables `generate` changes in small steps that keep nobody waiting.
#pragma once

#include <optional>

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "plan/plan.hpp"

namespace sluice::cli {

// As the flags say, else [generate] of sluice.toml. Asks a database how large the tables are where the settings want
// that; if it cannot, every table counts as large, with a warning.
std::optional<plan::Online> online_for(const Config& config, const Overrides& overrides, std::optional<bool> flag,
                                       std::optional<int> server, Terminal& terminal);

}  // namespace sluice::cli
