// `sluice fleet`: its commands share how the fleet is chosen.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/fleet_targets.hpp"
#include "cli/safeguard.hpp"

namespace sluice::cli {

struct FleetChoice {
  Overrides overrides;
  std::string name;  // of sluice.toml
  Fleet given;       // on the command line: url, schemas, databases, query, file; wins over sluice.toml
  std::vector<std::string> only;
  std::optional<int> parallel;
};

// What was chosen, with its targets, in the order of the waves.
struct ChosenFleet {
  Config config;
  Fleet fleet;
  std::vector<apply::FleetTarget> targets;
};
ChosenFleet choose_fleet(const FleetChoice& choice);

void add_fleet_options(CLI::App* command, FleetChoice& choice);
void add_fleet_status(CLI::App& fleet, Chosen& chosen);
void add_fleet_migrate(CLI::App& fleet, Chosen& chosen);
void add_fleet_rollback(CLI::App& fleet, Chosen& chosen);
void add_fleet_drift(CLI::App& fleet, Chosen& chosen);

// What a run does for each target besides the migrations: rows that stand in the way are looked for before anything is
// changed, and [backup] is made before migrations that are marked major, or all of them.
void look_after_targets(apply::FleetOptions& run, const Config& config, const std::vector<apply::FleetTarget>& targets,
                        bool preflight, const SafeguardOptions& safeguard, Terminal& terminal);
// The same on the way back.
void look_at_ways_back(apply::FleetOptions& run, const std::vector<apply::FleetTarget>& targets, Terminal& terminal);

// How many of how many are done: one line on standard error that is written over; nothing where that is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(const Terminal& terminal);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool visible() const { return visible_; }
  void show(const std::string& what, size_t done, size_t total, const std::string& more);
  void clear();

 private:
  bool visible_, shown_ = false;
};

}  // namespace sluice::cli
