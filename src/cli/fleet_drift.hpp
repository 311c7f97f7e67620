// What was changed by hand on the targets of a fleet: for `fleet drift`, and for a stage of `deploy` that is a fleet.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "cli/config.hpp"
#include "cli/drift.hpp"

namespace sluice::cli {

struct TargetDrift {
  std::optional<Drift> drift;
  std::vector<std::string> warnings;
  std::optional<Error> error;  // it could not be read, or what its migrations make could not be made here
};

// Compares the catalog of each target with what the migrations in its ledger make. They are run once on a scratch
// server for all targets that have the same. `done` is called after each, one call at a time. Throws Error if
// interrupted, or if there are no PostgreSQL programs on this machine.
std::vector<TargetDrift> find_fleet_drift(const std::vector<apply::FleetTarget>& targets, const Config& config,
                                          const Fleet& fleet, const history::Folder& folder,
                                          const std::vector<std::string>& ignore, const std::function<void()>& done);

// "CREATE INDEX …;" and "made by hand: function f()", a line for each.
std::vector<std::string> lines_of(const Drift& drift);

}  // namespace sluice::cli
