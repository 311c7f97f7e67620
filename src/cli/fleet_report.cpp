#include "cli/fleet_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/deploy_report.hpp"

namespace sluice::cli {

using apply::FleetOutcome;

namespace {

std::string sentence(const apply::FleetResult& result) {
  if (result.error) {
    const ErrorContext& c = result.error->context;
    std::string out = result.error->what();
    if (!c.sqlstate.empty()) out += " [SQLSTATE " + c.sqlstate + "]";
    if (c.at.known())
      out += " at " + std::filesystem::path(c.at.file).filename().string() +
             (c.at.line > 0 ? ":" + std::to_string(c.at.line) : "");
    if (!c.state.empty()) out += "\n" + c.state;
    return out;
  }
  if (!result.applied.empty()) return describe(result.applied);
  return result.outcome == FleetOutcome::up_to_date ? "nothing was to be done" : "";
}

std::string markdown(const FleetReport& report) {
  std::string out = fmt::format("# Fleet {}: {}\n\n", report.fleet, report.outcome);
  if (!report.git_revision.empty()) out += fmt::format("Revision {}, ", report.git_revision);
  out += fmt::format("run {}, begun {}, took {}, Sluice {}.\n\n", report.id, report.started_at,
                     text::duration(report.milliseconds), report.version);
  out += fmt::format("{} targets: {} {}, {} {}, {} failed, {} interrupted, {} not touched.\n\n", report.targets.size(),
                     report.count(FleetOutcome::applied), report.back ? "rolled back" : "migrated",
                     report.count(FleetOutcome::up_to_date), report.back ? "with nothing to take back" : "up to date",
                     report.count(FleetOutcome::failed), report.count(FleetOutcome::interrupted),
                     report.count(FleetOutcome::waiting));
  if (!report.error.empty()) out += "**" + markdown_cell(report.error) + "**\n\n";
  if (!report.next.empty()) out += "Next: `" + report.next + "`\n\n";
  out += "| | target | wave | what | time |\n|---|---|--:|---|--:|\n";
  for (size_t i = 0; i < report.targets.size(); i++) {
    const apply::FleetResult& result = report.results[i];
    const bool waits = result.outcome == FleetOutcome::waiting;
    out += fmt::format("| {} | {} | {} | {} | {} |\n",
                       waits          ? "–"
                       : result.error ? "✘"
                                      : "✔",
                       markdown_cell(report.targets[i].name), result.wave,
                       markdown_cell(waits ? "not touched" : sentence(result)),
                       waits ? "" : text::duration(result.milliseconds));
  }
  return out;
}

std::string junit(const FleetReport& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sluice fleet\">\n";
  for (size_t i = 0; i < report.targets.size();) {
    const size_t wave = report.results[i].wave;
    std::vector<DeployStep> steps;
    size_t waiting = 0;
    for (; i < report.targets.size() && report.results[i].wave == wave; i++) {
      const apply::FleetResult& result = report.results[i];
      if (result.outcome == FleetOutcome::waiting)
        waiting++;
      else
        steps.push_back(
            {report.targets[i].name, result.error ? "failed" : "ok", sentence(result), result.milliseconds});
    }
    out += junit_suite(fmt::format("wave {}", wave), steps,
                       waiting ? fmt::format("{} targets were not touched", waiting) : "");
  }
  return out + "</testsuites>\n";
}

}  // namespace

size_t FleetReport::count(FleetOutcome wanted) const {
  return static_cast<size_t>(std::count_if(results.begin(), results.end(),
                                           [&](const apply::FleetResult& result) { return result.outcome == wanted; }));
}

std::string describe(const std::vector<apply::Applied>& applied) {
  std::vector<std::string> out;
  for (const apply::Applied& each : applied) out.push_back(each.tag + " (" + text::duration(each.milliseconds) + ")");
  return text::join(out, ", ");
}

Json to_json(const FleetReport& report) {
  Json targets = Json::array();
  for (size_t i = 0; i < report.targets.size(); i++) {
    const apply::FleetResult& result = report.results[i];
    Json applied = Json::array();
    for (const apply::Applied& each : result.applied)
      applied.push_back({{"migration", each.tag}, {"durationMs", each.milliseconds}});
    targets.push_back({{"target", report.targets[i].name},
                       {"wave", result.wave},
                       {"outcome", apply::name_of(result.outcome)},
                       {"applied", applied},
                       {"durationMs", result.milliseconds},
                       {"warnings", result.warnings},
                       {"error", result.error ? to_json(*result.error)["error"] : Json(nullptr)}});
  }
  return {{"status", report.outcome},
          {"fleet", report.fleet},
          {"action", report.back ? "rollback" : "migrate"},
          {"run", report.id},
          {"startedAt", report.started_at},
          {"durationMs", report.milliseconds},
          {"gitRevision", report.git_revision},
          {"version", report.version},
          {"applied", report.count(FleetOutcome::applied)},
          {"upToDate", report.count(FleetOutcome::up_to_date)},
          {"failed", report.count(FleetOutcome::failed) + report.count(FleetOutcome::interrupted)},
          {"waiting", report.count(FleetOutcome::waiting)},
          {"targets", targets},
          {"error", report.error.empty() ? Json(nullptr) : Json(report.error)},
          {"next", report.next.empty() ? Json(nullptr) : Json(report.next)}};
}

void write_report(const FleetReport& report, const std::filesystem::path& file) {
  require_report_name(file);
  const std::string ending = file.extension().string();
  files::write_atomically(file, ending == ".json"
                                    ? to_json(report).dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                                : ending == ".md" ? markdown(report)
                                                  : junit(report));
}

}  // namespace sluice::cli
