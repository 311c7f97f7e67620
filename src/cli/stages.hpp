// The stages of sluice.toml that a deployment works on.
#pragma once

#include <string>
#include <vector>

#include "cli/config.hpp"

namespace sluice::cli {

// The stages that are named, all of them if none is, each after those that it needs. Throws Error for one that does not
// exist, and for stages that need each other.
std::vector<const Stage*> stages_in_order(const Settings& settings, const std::vector<std::string>& named);

// The configuration with the database of a stage. Throws Error that names the variables that are not set.
Config config_of(const Config& config, const Stage& stage);

// A word as a shell reads it: quoted where it must be.
std::string shell_word(const std::string& text);

}  // namespace sluice::cli
