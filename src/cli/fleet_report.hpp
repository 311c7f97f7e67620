// What a run over a fleet did, target by target: as JSON, as Markdown and as JUnit's XML.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct FleetReport {
  std::string fleet, id, version, git_revision, started_at;
  bool back = false;    // a rollback
  std::string outcome;  // done, stopped (after --wave), failed, interrupted
  std::string error;    // why it stopped
  std::string next;     // the command that goes on
  double milliseconds = 0;
  std::vector<apply::FleetTarget> targets;
  std::vector<apply::FleetResult> results;

  size_t count(apply::FleetOutcome outcome) const;
};

Json to_json(const FleetReport& report);
// In the form that the file's name asks for (require_report_name() of deploy_report.hpp).
void write_report(const FleetReport& report, const std::filesystem::path& file);

// "0003_add_x (12 ms), 0004_y (3 ms)"
std::string describe(const std::vector<apply::Applied>& applied);

}  // namespace sluice::cli
