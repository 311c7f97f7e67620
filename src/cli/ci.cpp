// Writes the workflow that reviews pull requests and deploys what is merged, for GitHub or GitLab.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"
#include "cli/fleet_targets.hpp"
#include "cli/stages.hpp"

namespace sluice::cli {

namespace {

struct CiOptions {
  Overrides overrides;
  std::string system, action, branch = "main";
  bool force = false, print = false;
};

// What the templates need to know about the project.
struct Project {
  fs::path root;          // of the repository
  std::string directory;  // of the configuration, from the root; "." for the root itself
  std::string out;        // of the migrations, from the root
  std::string install;    // of the node packages; empty without a package.json
  std::string cache;      // of actions/setup-node
  std::string sluice;     // how it is called
  std::vector<const Stage*> stages;
  std::vector<std::string> variables;  // that the stages' URLs name
};

struct Manager {
  const char *lock, *cache, *install, *exec;
};
constexpr Manager managers[] = {
    {"pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile", "pnpm exec sluice"},
    {"yarn.lock", "yarn", "yarn install --immutable", "yarn sluice"},
    {"bun.lock", "", "bun install --frozen-lockfile", "bunx --no-install sluice"},
    {"bun.lockb", "", "bun install --frozen-lockfile", "bunx --no-install sluice"},
    {"package-lock.json", "npm", "npm ci", "npx --no-install sluice"},
};

fs::path repository_root(const fs::path& directory) {
  for (fs::path up = directory; up != up.parent_path(); up = up.parent_path())
    if (fs::exists(up / ".git")) return up;
  return directory;
}

// The variables that a URL of sluice.toml names.
void add_variables(const std::string& url, std::vector<std::string>& out) {
  Config nothing;
  std::vector<std::string> names;
  expand(nothing, url, &names);
  for (std::string& name : names)
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
}

Project look(const Config& config, const CiOptions& options) {
  Project out;
  const fs::path here = fs::absolute(config.file ? config.file->parent_path() : config.directory).lexically_normal();
  out.root = repository_root(here);
  out.directory = here.lexically_relative(out.root).string();
  out.out = config.out.lexically_relative(out.root).string();
  out.sluice = "sluice";
  for (fs::path up = here; out.install.empty(); up = up.parent_path()) {
    for (const Manager& manager : managers)
      if (out.install.empty() && fs::exists(up / manager.lock)) {
        out.install = manager.install;
        out.cache = manager.cache;
        if (options.action.empty()) out.sluice = manager.exec;
      }
    if (up == out.root || up == up.parent_path()) break;
  }
  if (!config.settings.stages.empty()) out.stages = stages_in_order(config.settings, {});
  for (const Stage* stage : out.stages) {
    if (stage->fleet.empty()) {
      add_variables(stage->url, out.variables);
      continue;
    }
    const Fleet fleet = fleet_named(config.settings, stage->fleet);
    add_variables(fleet.url, out.variables);
    if (fleet.file.empty()) continue;
    for (const std::string& line : text::split(files::read_if_exists(config.directory / fleet.file).value_or(""), "\n"))
      if (!text::trim(line).starts_with('#')) add_variables(line, out.variables);
  }
  return out;
}

std::string indented(const std::string& text, const std::string& by) {
  std::string out;
  for (const std::string& line : text::split(text, "\n")) out += line.empty() ? "\n" : by + line + "\n";
  out.pop_back();
  return out;
}

// A stage's name as the key of a job: letters, digits, - and _, and no name twice.
std::map<std::string, std::string> job_names(const Project& project) {
  std::map<std::string, std::string> out;
  std::set<std::string> taken{"review"};
  for (const Stage* stage : project.stages) {
    std::string name;
    for (const char c : stage->name)
      name += std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ? c : '-';
    if (name.empty() || !(std::isalpha(static_cast<unsigned char>(name.front())) || name.front() == '_'))
      name = "stage-" + name;
    if (taken.contains(name)) name = "deploy-" + name;
    for (int n = 2; taken.contains(name); n++) name = fmt::format("deploy-{}-{}", name, n);
    taken.insert(name);
    out[stage->name] = name;
  }
  return out;
}

// A text in YAML, in quotes where it would be read as something else.
std::string yaml(const std::string& text) {
  const bool plain =
      !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
  static const std::set<std::string> words{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
  return plain && !words.contains(text::to_lower(text)) ? text : Json(text).dump();
}

// A command as a plain line of YAML, or in quotes where it would not be one.
std::string yaml_line(const std::string& command) {
  return command.find(": ") == std::string::npos && command.find(" #") == std::string::npos ? command
                                                                                            : Json(command).dump();
}

std::string names_of(const std::vector<std::string>& stages, const std::map<std::string, std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& stage : stages) out.push_back(names.at(stage));
  return text::join(out, ", ");
}

// ---- GitHub

std::string github_setup(const Project& project, const CiOptions& options) {
  std::string out = "- uses: actions/checkout@v4\n  with:\n    fetch-depth: 0\n";
  if (!project.install.empty()) {
    if (project.cache == "pnpm") out += "- uses: pnpm/action-setup@v4\n";
    if (project.install.starts_with("bun")) out += "- uses: oven-sh/setup-bun@v2\n";
    out += "- uses: actions/setup-node@v4\n  with:\n    node-version: 22\n";
    if (!project.cache.empty()) out += "    cache: " + project.cache + "\n";
    out += "- name: Install packages\n  run: " + project.install + "\n";
  }
  if (!options.action.empty()) out += "- name: Sluice, from the cache\n  uses: " + options.action + "\n";
  return out;
}

std::string github_job_environment(const Project& project) {
  std::string out;
  for (const std::string& name : project.variables) out += fmt::format("  {0}: ${{{{ secrets.{0} }}}}\n", name);
  return out.empty() ? "" : "env:\n" + out;
}

std::string github(const Project& project, const CiOptions& options) {
  const std::string directory =
      project.directory == "."
          ? ""
          : fmt::format("    defaults:\n      run:\n        working-directory: {}\n", project.directory);
  const std::string setup = indented(github_setup(project, options), "      ");
  std::string out = fmt::format(
      R"(# Written by 'sluice ci init github'; yours to change.
name: Migrations
on:
  pull_request:
  push:
    branches: [{branch}]

permissions:
  contents: read
  security-events: write

concurrency:
  group: migrations-${{{{ github.ref }}}}

jobs:
  review:
    name: Review
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
{directory}    steps:
{setup}
      - name: Folder
        run: {sluice} check
      - name: Annotations
        run: {sluice} review --since "origin/${{{{ github.base_ref }}}}" --format github
      - name: Summary
        if: always()
        run: {sluice} review --since "origin/${{{{ github.base_ref }}}}" --format markdown --fail-on never >> "$GITHUB_STEP_SUMMARY"
      - name: Findings as SARIF
        if: always()
        run: {sluice} review --since "origin/${{{{ github.base_ref }}}}" --format sarif --fail-on never > "$RUNNER_TEMP/sluice.sarif"
      - name: Upload
        if: always()
        uses: github/codeql-action/upload-sarif@v3
        with:
          sarif_file: ${{{{ runner.temp }}}}/sluice.sarif
          category: sluice
      - name: Every migration up, down and up again, on a scratch server
        run: {sluice} verify
)",
      fmt::arg("branch", options.branch), fmt::arg("directory", directory), fmt::arg("setup", setup),
      fmt::arg("sluice", project.sluice));
  const std::string environment = github_job_environment(project);
  const std::map<std::string, std::string> names = job_names(project);
  for (size_t i = 0; i < project.stages.size(); i++) {
    const Stage& stage = *project.stages[i];
    out += fmt::format("\n  {}:\n    name: {}\n    if: github.event_name == 'push'\n", names.at(stage.name),
                       yaml(stage.name));
    if (!stage.needs.empty()) out += "    needs: [" + names_of(stage.needs, names) + "]\n";
    // Who may approve is GitHub's business: required reviewers of the environment.
    out += fmt::format("    environment: {}\n    runs-on: ubuntu-latest\n    concurrency:\n      group: deploy-{}\n",
                       yaml(stage.name), names.at(stage.name));
    if (!environment.empty()) out += indented(environment.substr(0, environment.size() - 1), "    ") + "\n";
    out += directory + "    steps:\n" + setup + "\n";
    out += fmt::format(
        R"(      - name: Deploy
        run: {}
      - name: Summary
        if: always()
        run: if [ -e "$RUNNER_TEMP/deployment.md" ]; then cat "$RUNNER_TEMP/deployment.md" >> "$GITHUB_STEP_SUMMARY"; fi
)",
        yaml_line(project.sluice + " deploy " + shell_word(stage.name) +
                  (stage.approval ? " --approve " + shell_word(stage.name) : "") +
                  " --report \"$RUNNER_TEMP/deployment.md\" --report \"$RUNNER_TEMP/deployment.xml\""));
  }
  return out;
}

// ---- GitLab

std::string gitlab(const Project& project, const CiOptions& options) {
  const std::map<std::string, std::string> names = job_names(project);
  // verify and deploy replay the migrations on a scratch server.
  std::string before = "    - apt-get update -q && apt-get install -yq --no-install-recommends postgresql\n";
  if (project.cache == "pnpm") before += "    - corepack enable\n";
  if (!project.install.empty()) before += "    - " + project.install + "\n";
  if (project.directory != ".") before += "    - cd " + project.directory + "\n";
  std::string stages = "stages: [review";
  for (const Stage* stage : project.stages) stages += ", " + names.at(stage->name);
  std::string out = fmt::format(
      R"(# Written by 'sluice ci init gitlab'; yours to change. Include it from .gitlab-ci.yml:
#   include: .gitlab/migrations.yml
{stages}]

.sluice:
  image: node:22-bookworm
  variables:
    GIT_DEPTH: 0
  before_script:
{before}
migrations:review:
  extends: .sluice
  stage: review
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - {sluice} check
    - {sluice} review --since "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" --format gitlab --fail-on never > "$CI_PROJECT_DIR/sluice.json"
    - {sluice} review --since "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
  artifacts:
    when: always
    reports:
      codequality: sluice.json
)",
      fmt::arg("stages", stages), fmt::arg("before", before), fmt::arg("sluice", project.sluice));
  for (const Stage* stage : project.stages) {
    out +=
        fmt::format("\nmigrations:{0}:\n  extends: .sluice\n  stage: {0}\n  environment: {0}\n  resource_group: {0}\n",
                    names.at(stage->name));
    if (!stage->needs.empty()) {
      out += "  needs:";
      for (const std::string& need : stage->needs) out += "\n    - migrations:" + names.at(need);
      out += "\n";
    }
    out += fmt::format("  rules:\n    - if: $CI_COMMIT_BRANCH == \"{}\"\n", options.branch);
    // Somebody presses a button: that is the approval.
    if (stage->approval) out += "      when: manual\n";
    out += "  script:\n    - " +
           yaml_line(project.sluice + " deploy " + shell_word(stage->name) +
                     (stage->approval ? " --approve " + shell_word(stage->name) : "") +
                     " --report \"$CI_PROJECT_DIR/deployment.xml\"") +
           "\n";
    out += "  artifacts:\n    when: always\n    reports:\n      junit: deployment.xml\n";
  }
  return out;
}

Exit init(const CiOptions& options, Terminal& terminal) {
  const Config config = load_config(options.overrides, {Needs::folder});
  const Project project = look(config, options);
  const std::string text = options.system == "github" ? github(project, options) : gitlab(project, options);
  if (options.print) {
    terminal.say(text);
    if (terminal.json()) terminal.answer({{"status", "ok"}, {"text", text}});
    return Exit::done;
  }
  const fs::path file =
      project.root / (options.system == "github" ? ".github/workflows/migrations.yml" : ".gitlab/migrations.yml");
  if (fs::exists(file) && files::read(file) != text && !options.force) {
    ErrorContext context;
    context.at.file = file.string();
    context.exit = Exit::refused;
    context.state = "Nothing was written.";
    context.hint = "--print shows what would be written, --force writes it.";
    throw Error("there is a workflow of that name already, and it says something else", context);
  }
  fs::create_directories(file.parent_path());
  files::write_atomically(file, text);
  terminal.success("Written: " + fs::proximate(file).string());
  if (project.stages.empty())
    terminal.say(
        "  sluice.toml has no [[stage]] yet: the workflow reviews, and deploys nothing. Run it again with --force "
        "then.");
  else if (!project.variables.empty())
    terminal.say("  Secrets to set there: " + text::join(project.variables, ", "));
  if (options.action.empty() && !project.install.empty())
    terminal.say("  It calls '" + project.sluice + "': the package sluice has to be among the devDependencies.");
  if (options.action.empty() && project.install.empty())
    terminal.say(
        "  It calls 'sluice', which has to be on the PATH of the runner; --action OWNER/REPOSITORY@REF puts it there.");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"file", file.string()}, {"secrets", project.variables}});
  return Exit::done;
}

}  // namespace

void add_ci(CLI::App& app, Chosen& chosen) {
  CLI::App* group = app.add_subcommand("ci", "Workflows for GitHub and GitLab");
  group->require_subcommand(1);
  auto options = std::make_shared<CiOptions>();
  CLI::App* command =
      add_command(*group, chosen, "init", "Write the workflow that reviews pull requests and deploys what is merged",
                  "  sluice ci init github\n  sluice ci init gitlab --print\n"
                  "  sluice ci init github --action acme/sluice@v0.1.0");
  add_location_options(command, options->overrides, false);
  command->add_option("system", options->system, "github or gitlab")
      ->required()
      ->check(CLI::IsMember({"github", "gitlab"}));
  command->add_option("--branch", options->branch, "what is merged there is deployed (default main)");
  command->add_option("--action", options->action,
                      "GitHub action that puts sluice on the PATH (default: the npm package)");
  command->add_flag("--force", options->force, "write over a workflow that is there");
  command->add_flag("--print", options->print, "print it, write nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return init(*options, terminal); }; });
}

}  // namespace sluice::cli
