// Which databases or schemas a fleet is: from a file, a query, or a pattern.
#pragma once

#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "cli/config.hpp"

namespace sluice::cli {

// The fleet of that name; the only one if none is given. Throws Error with the names that there are.
Fleet fleet_named(const Settings& settings, const std::string& name);

// Its targets, in the order in which the waves take them: of the file, of the query, or by name. Throws Error for a
// fleet without any (unless it may be empty), for one that is named twice, and for a line that cannot be read; never
// with a password in it.
std::vector<apply::FleetTarget> fleet_targets(const Config& config, const Fleet& fleet, bool may_be_empty = false);

// "3" or "5%" (rounded up) of `total`.
size_t share_of(const std::string& share, size_t total);
// How many targets each wave has; what is left over is the last one.
std::vector<size_t> wave_sizes(const std::vector<std::string>& waves, size_t total);

}  // namespace sluice::cli
