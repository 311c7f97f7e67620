#include "cli/deploy_report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice::cli {

namespace {

std::string xml(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t')
      out += c;
  }
  return out;
}

std::string mark(const std::string& outcome) {
  return outcome == "ok" || outcome == "done" || outcome == "skipped" ? "✔"
         : outcome == "waiting" || outcome == "left out"              ? "–"
                                                                      : "✘";
}

std::string steps_table(const std::vector<DeployStep>& steps) {
  std::string out = "| | step | what | time |\n|---|---|---|--:|\n";
  for (const DeployStep& step : steps)
    out += fmt::format("| {} | {} | {} | {} |\n", mark(step.outcome), step.name, markdown_cell(step.text),
                       text::duration(step.milliseconds));
  return out;
}

}  // namespace

std::string markdown_cell(const std::string& text) {
  return text::replace_all(text::replace_all(text::replace_all(text, "|", "\\|"), "\r", ""), "\n", "<br>");
}

std::string junit_suite(const std::string& name, const std::vector<DeployStep>& steps, const std::string& waiting) {
  size_t failures = 0, skipped = 0;
  double seconds = 0;
  std::string cases;
  for (const DeployStep& step : steps) {
    seconds += step.milliseconds / 1000;
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">", xml(name), xml(step.name),
                         step.milliseconds / 1000);
    if (step.outcome == "left out") {
      skipped++;
      cases += fmt::format("<skipped message=\"{}\"/>", xml(step.text));
    } else if (step.outcome != "ok") {
      failures++;
      cases += fmt::format("<failure message=\"{}\">{}</failure>",
                           xml(std::string(text::split(step.text, "\n").front())), xml(step.text));
    }
    cases += "</testcase>\n";
  }
  size_t more = 0;
  if (!waiting.empty()) {
    more = 1;
    cases += fmt::format("    <testcase classname=\"{}\" name=\"stage\"><skipped message=\"{}\"/></testcase>\n",
                         xml(name), xml(waiting));
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n{}  </testsuite>\n",
      xml(name), steps.size() + more, failures, skipped + more, seconds, cases);
}

Json to_json(const std::vector<DeployStep>& steps) {
  Json list = Json::array();
  for (const DeployStep& step : steps)
    list.push_back(
        {{"step", step.name}, {"outcome", step.outcome}, {"text", step.text}, {"durationMs", step.milliseconds}});
  return list;
}

Json to_json(const DeployReport& report) {
  Json stages = Json::array();
  for (const DeployStage& stage : report.stages)
    stages.push_back({{"stage", stage.name},
                      {"database", stage.database},
                      {"outcome", stage.outcome},
                      {"state", stage.state},
                      {"applied", stage.applied},
                      {"steps", to_json(stage.steps)}});
  return {{"status", report.outcome},
          {"deployment", report.id},
          {"startedAt", report.started_at},
          {"folder", report.folder},
          {"gitRevision", report.git_revision},
          {"version", report.version},
          {"checks", to_json(report.checks)},
          {"stages", stages},
          {"error", report.error.empty() ? Json(nullptr) : Json(report.error)},
          {"next", report.next.empty() ? Json(nullptr) : Json(report.next)}};
}

std::string deploy_markdown(const DeployReport& report) {
  std::string out = fmt::format("# Deployment {}: {}\n\n", report.id, report.outcome);
  if (!report.git_revision.empty()) out += fmt::format("Revision {}, ", report.git_revision);
  out += fmt::format("begun {}, Sluice {}.\n\n", report.started_at, report.version);
  if (!report.error.empty()) out += "**" + markdown_cell(report.error) + "**\n\n";
  if (!report.next.empty()) out += "Next: `" + report.next + "`\n\n";
  if (!report.checks.empty()) out += "## Folder\n\n" + steps_table(report.checks) + "\n";
  for (const DeployStage& stage : report.stages) {
    out += fmt::format("## {} {}\n\n", mark(stage.outcome), stage.name);
    if (!stage.database.empty()) out += stage.database + ": ";
    out += stage.outcome + (stage.state.empty() ? ".\n\n" : ". " + stage.state + "\n\n");
    if (!stage.applied.empty()) out += "Applied: " + text::join(stage.applied, ", ") + "\n\n";
    if (!stage.steps.empty()) out += steps_table(stage.steps) + "\n";
  }
  return out;
}

std::string deploy_junit(const DeployReport& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sluice deploy\">\n";
  out += junit_suite("folder", report.checks, "");
  for (const DeployStage& stage : report.stages)
    out +=
        junit_suite(stage.name, stage.steps,
                    stage.outcome == "waiting" || stage.outcome == "skipped" ? stage.outcome + " " + stage.state : "");
  return out + "</testsuites>\n";
}

void require_report_name(const std::filesystem::path& file) {
  const std::string ending = file.extension().string();
  if (ending == ".json" || ending == ".md" || ending == ".xml") {
    const std::filesystem::path directory = std::filesystem::absolute(file).parent_path();
    if (!std::filesystem::is_directory(file) && access(directory.c_str(), W_OK) == 0) return;
    throw Error("--report " + file.string() + ": no file can be written there",
                {.detail = std::filesystem::is_directory(file) ? "It is a directory." : std::strerror(errno),
                 .state = "Nothing was done."});
  }
  throw Error("--report " + file.string() + ": the name must end in .json, .md or .xml (JUnit)",
              {.hint = "For example: --report deployment.md"});
}

void write_report(const DeployReport& report, const std::filesystem::path& file) {
  require_report_name(file);
  const std::string ending = file.extension().string();
  files::write_atomically(file, ending == ".json"
                                    ? to_json(report).dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                                : ending == ".md" ? deploy_markdown(report)
                                                  : deploy_junit(report));
}

}  // namespace sluice::cli
