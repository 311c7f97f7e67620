// What a deployment did, stage by stage: for the terminal, as JSON, as Markdown and as JUnit's XML.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace sluice::cli {

struct DeployStep {
  std::string name;     // "review", "migrate", "after"
  std::string outcome;  // ok, left out, failed, refused
  std::string text;     // what was done, or what went wrong
  double milliseconds = 0;
};

struct DeployStage {
  std::string name;
  std::string database;             // "database "app" at db.internal"; empty if it was not reached
  std::string outcome = "waiting";  // waiting, running, done, skipped, failed, refused, interrupted
  std::string state;                // a sentence: what is true of the database now
  std::vector<DeployStep> steps;
  std::vector<std::string> applied;  // migrations
};

struct DeployReport {
  std::string id, folder, git_revision, version, started_at;
  std::string outcome;             // done, failed, refused, findings, interrupted, dry_run
  std::string error;               // why it stopped
  std::string next;                // the command that goes on
  std::vector<DeployStep> checks;  // of the folder, before any stage
  std::vector<DeployStage> stages;
};

Json to_json(const DeployReport& report);
Json to_json(const std::vector<DeployStep>& steps);
std::string deploy_markdown(const DeployReport& report);
std::string deploy_junit(const DeployReport& report);

// A <testsuite> of JUnit's XML with a case for each step; `waiting`: why nothing of it was done, empty if something
// was.
std::string junit_suite(const std::string& name, const std::vector<DeployStep>& steps, const std::string& waiting);
// One cell of a Markdown table.
std::string markdown_cell(const std::string& text);

// Writes the report in the form that the file's name asks for: .json, .md or .xml. Throws Error for another one.
void write_report(const DeployReport& report, const std::filesystem::path& file);
// Throws Error if write_report() could not write such a file: asked before anything is done.
void require_report_name(const std::filesystem::path& file);

}  // namespace sluice::cli
