// Migrates the targets of a fleet, wave by wave.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/deploy_report.hpp"
#include "cli/fleet.hpp"
#include "cli/fleet_report.hpp"
#include "sluice/version.hpp"

namespace sluice::cli {

namespace {

using apply::FleetOutcome;
using Clock = std::chrono::steady_clock;

struct FleetMigrateOptions {
  FleetChoice choice;
  std::vector<std::string> waves, reports;
  std::optional<std::string> halt, to;
  std::optional<int> last_wave, wait;
  std::optional<double> lock_timeout;
  bool dry_run = false, allow_out_of_order = false, no_backup = false, no_keep = false;
};

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" '\"$*?%&|;<>()[]{}\\\n") == std::string::npos) return word;
  return "'" + text::replace_all(word, "'", "'\\''") + "'";
}

std::string targets_text(size_t count) { return fmt::format("{} target{}", count, count == 1 ? "" : "s"); }

class FleetMigrate {
 public:
  FleetMigrate(const FleetMigrateOptions& options, Terminal& terminal)
      : options_(options), terminal_(terminal), chosen_(choose_fleet(options.choice)), line_(terminal) {}

  Exit run() {
    const Fleet& fleet = chosen_.fleet;
    for (const std::string& file : options_.reports) require_report_name(chosen_.config.directory / file);
    const history::Folder folder = history::Folder::open(chosen_.config.out);
    require_folder(folder);
    const size_t total = chosen_.targets.size();
    apply::FleetOptions run;
    run.waves = wave_sizes(options_.waves.empty() ? fleet.waves : options_.waves, total);
    run.last_wave = static_cast<size_t>(options_.last_wave.value_or(0));
    if (run.last_wave > run.waves.size())
      throw Error(
          fmt::format("there is no wave {}: {} are {} waves", run.last_wave, targets_text(total), run.waves.size()));
    run.parallel = static_cast<size_t>(fleet.parallel);
    run.halt = share_of(options_.halt.value_or(fleet.halt), total);
    run.shared = fleet.shared;
    run.no_backup = options_.no_backup;
    run.migrate.execute.ledger = chosen_.config.ledger;
    run.migrate.execute.backfill = chosen_.config.settings.backfill;
    run.migrate.allow_out_of_order =
        options_.allow_out_of_order || chosen_.config.settings.out_of_order == OutOfOrder::apply;
    run.migrate.to = options_.to;
    RunOptions budget;
    budget.wait_seconds = options_.wait.value_or(fleet.wait);
    budget.lock_timeout = options_.lock_timeout ? options_.lock_timeout : fleet.lock_timeout;
    budget.no_keep = options_.no_keep;
    apply_run_options(budget, run.migrate.execute);
    if (options_.dry_run) return dry_run(folder, run);

    run.migrate.run = run_info(chosen_.config, "fleet migrate");
    report_.id = run.migrate.run.run_id;
    report_.fleet = fleet.name;
    report_.version = run.migrate.run.version;
    report_.git_revision = run.migrate.run.git_revision.value_or("");
    report_.started_at = now_utc();
    report_.targets = chosen_.targets;
    waves_ = run.waves;
    listen(run);
    const Clock::time_point start = Clock::now();
    apply::migrate_fleet(report_.targets, folder, run, report_.results);
    report_.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    line_.clear();
    return finish(run);
  }

 private:
  // ---- while it runs
  void listen(apply::FleetOptions& run) {
    run.wave = [this](size_t wave) {
      wave_ = wave;
      done_ = 0;
      line_.clear();
      terminal_.say(terminal_.bold(fmt::format("wave {} of {}", wave, waves_.size())) + "  " +
                    targets_text(waves_[wave - 1]));
    };
    run.begun = [this](size_t) {
      at_work_++;
      show();
    };
    run.warning = [this](size_t i, const std::string& text) {
      line_.clear();
      terminal_.warning(report_.targets[i].name + ": " + text);
      show();
    };
    run.ended = [this](size_t i) {
      const apply::FleetResult& result = report_.results[i];
      at_work_--;
      done_++;
      const std::string& name = report_.targets[i].name;
      if (result.outcome == FleetOutcome::failed) {
        line_.clear();
        failed_++;
        terminal_.say("  " + terminal_.colored("✘", "31") + " " + name);
        // The first time in full; the others most likely fail for the same reason.
        if (std::find(errors_.begin(), errors_.end(), result.error->what()) == errors_.end()) {
          errors_.emplace_back(result.error->what());
          terminal_.print(*result.error);
        } else {
          terminal_.note(std::string("    ") + result.error->what());
        }
      } else if (result.outcome == FleetOutcome::applied && !line_.visible()) {
        terminal_.say("  " + terminal_.colored("✔", "32") + " " + name + "  " + describe(result.applied));
      }
      show();
    };
  }

  void show() {
    line_.show(fmt::format("wave {}", wave_), done_, waves_[wave_ - 1],
               fmt::format(", {} at work{}", at_work_, failed_ ? fmt::format(", {} failed", failed_) : ""));
  }

  // ---- afterwards
  Exit finish(const apply::FleetOptions& run) {
    const size_t failed = report_.count(FleetOutcome::failed), waiting = report_.count(FleetOutcome::waiting);
    const bool interrupted = interrupt::requested();
    const std::string counts = fmt::format(
        "{} migrated, {} up to date{}{}", report_.count(FleetOutcome::applied), report_.count(FleetOutcome::up_to_date),
        failed ? fmt::format(", {} failed", failed) : "", waiting ? fmt::format(", {} not touched", waiting) : "");
    report_.outcome = interrupted ? "interrupted" : failed ? "failed" : waiting ? "stopped" : "done";
    if (report_.outcome != "done") report_.next = command_again(report_.outcome == "stopped");
    ErrorContext context;
    if (failed) {
      report_.error = fmt::format("{} of {} failed", failed, targets_text(report_.targets.size()));
      if (waiting) report_.error += ", so the others were not begun";
    }
    for (const std::string& file : options_.reports) write_report(report_, chosen_.config.directory / file);
    if (terminal_.json()) terminal_.answer(to_json(report_));
    if (report_.outcome == "done" || report_.outcome == "stopped") {
      terminal_.success(targets_text(report_.targets.size()) + ": " + counts + " (" +
                        text::duration(report_.milliseconds) + ")");
      if (waiting) terminal_.say(fmt::format("  after wave {}; next: {}", run.last_wave, report_.next));
      return Exit::done;
    }
    terminal_.note("");
    if (failed) terminal_.print(Error(report_.error));
    if (interrupted) terminal_.note("interrupted");
    terminal_.note("  state: " + counts +
                   "; each target has all of a migration, or nothing, or goes on where it stopped");
    terminal_.note("  next: " + std::string(failed ? "mend it, then " : "") + report_.next);
    return interrupted ? Exit::interrupted : Exit::error;
  }

  // The command that goes on: the same one, after a wave without its end.
  std::string command_again(bool all_waves) const {
    const FleetChoice& choice = options_.choice;
    std::string out = "sluice fleet migrate";
    if (!choice.name.empty()) out += " " + quoted(choice.name);
    const std::pair<const char*, const std::string*> flags[] = {{"--schemas", &choice.given.schemas},
                                                                {"--databases", &choice.given.databases},
                                                                {"--query", &choice.given.query},
                                                                {"--file", &choice.given.file}};
    for (const auto& [flag, value] : flags)
      if (!value->empty()) out += std::string(" ") + flag + " " + quoted(*value);
    if (!choice.given.url.empty()) out += " --url …";  // may have a password
    for (const std::string& only : choice.only) out += " --only " + quoted(only);
    if (options_.to) out += " --to " + quoted(*options_.to);
    if (options_.last_wave && !all_waves) out += fmt::format(" --wave {}", *options_.last_wave);
    return out;
  }

  Exit dry_run(const history::Folder& folder, const apply::FleetOptions& run) {
    const std::vector<apply::FleetState> states =
        apply::look_at_fleet(chosen_.targets, folder, chosen_.config.ledger, run.parallel, {});
    Json waves = Json::array();
    size_t i = 0, failing = 0, pending = 0;
    for (size_t wave = 0; wave < run.waves.size(); wave++) {
      terminal_.say(terminal_.bold(fmt::format("wave {} of {}", wave + 1, run.waves.size())) + "  " +
                    targets_text(run.waves[wave]));
      Json targets = Json::array();
      for (const size_t end = i + run.waves[wave]; i < end; i++) {
        std::vector<std::string> tags;
        std::string error = states[i].error ? states[i].error->what() : "";
        if (states[i].status) {
          try {
            for (const history::Migration& migration : apply::pending(folder, *states[i].status, run.migrate))
              tags.push_back(migration.entry.tag);
          } catch (const Error& thrown) {
            error = thrown.what();
          }
        }
        failing += !error.empty();
        pending += !tags.empty();
        if (!error.empty())
          terminal_.say("  " + terminal_.colored("✘", "31") + " " + chosen_.targets[i].name + "  " + error);
        else if (!tags.empty())
          terminal_.say("  " + terminal_.colored("●", "33") + " " + chosen_.targets[i].name + "  " +
                        text::join(tags, ", "));
        targets.push_back({{"target", chosen_.targets[i].name},
                           {"pending", tags},
                           {"error", error.empty() ? Json(nullptr) : Json(error)}});
      }
      waves.push_back({{"wave", wave + 1}, {"targets", targets}});
    }
    terminal_.say(fmt::format("Dry run: {} of {} have pending migrations{}, nothing was changed", pending,
                              targets_text(chosen_.targets.size()),
                              failing ? fmt::format(", {} would fail", failing) : ""));
    if (terminal_.json()) terminal_.answer({{"status", "dry_run"}, {"fleet", chosen_.fleet.name}, {"waves", waves}});
    return failing ? Exit::error : Exit::done;
  }

  const FleetMigrateOptions& options_;
  Terminal& terminal_;
  ChosenFleet chosen_;
  ProgressLine line_;
  FleetReport report_;
  std::vector<size_t> waves_;
  size_t wave_ = 1, done_ = 0, at_work_ = 0, failed_ = 0;
  std::vector<std::string> errors_;
};

}  // namespace

void add_fleet_migrate(CLI::App& fleet, Chosen& chosen) {
  auto options = std::make_shared<FleetMigrateOptions>();
  CLI::App* command = add_command(
      fleet, chosen, "migrate", "Apply the pending migrations to all targets, wave by wave; run again, it goes on",
      "  sluice fleet migrate                     # the fleet of sluice.toml\n"
      "  sluice fleet migrate --dry-run\n"
      "  sluice fleet migrate --wave 1            # only the canary; run again without it for the others\n"
      "  sluice fleet migrate --schemas 'tenant_%' --url \"$DATABASE_URL\" --report fleet.md");
  add_fleet_options(command, options->choice);
  const CLI::Validator share(
      [](std::string& text) {
        const std::string digits = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
        return digits.empty() || digits.size() > 6 || digits.find_first_not_of("0123456789") != std::string::npos ||
                       digits.find_first_not_of('0') == std::string::npos
                   ? "'" + text + "' is neither a number of targets from 1 nor a part of them such as 5%"
                   : std::string();
      },
      "", "");
  command->add_option("--wave", options->last_wave, "stop after this wave, counted from 1")->check(CLI::PositiveNumber);
  command->add_option("--waves", options->waves, "targets of each wave, the rest is one more (default 1,5%)")
      ->delimiter(',')
      ->check(share);
  command
      ->add_option("--halt", options->halt,
                   "so many failures, or a part of all such as 2%, stop it (default 1); in the first wave each does")
      ->check(share);
  command->add_option("--to", options->to, "number or name of the last migration to apply");
  command->add_flag("--dry-run", options->dry_run, "say what is pending where, change nothing");
  command->add_option("--report", options->reports, "write a report: .json, .md, or .xml (JUnit)");
  command
      ->add_option("--lock-timeout", options->lock_timeout,
                   "seconds that a statement waits for its lock before it lets others go first and tries again "
                   "(default: the role's setting, else 3; 0: no limit)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--wait", options->wait, "seconds that a target may wait for locks and other runners (default 60)")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--allow-out-of-order", options->allow_out_of_order,
                    "apply migrations that are dated before an applied one");
  command->add_flag("--no-backup", options->no_backup, "run migrations that are marked major without a restore point");
  command->add_flag("--no-keep", options->no_keep, "do not keep a copy of what is dropped or converted");
  command->callback([&chosen, options] {
    chosen.run = [options](Terminal& terminal) { return FleetMigrate(*options, terminal).run(); };
  });
}

}  // namespace sluice::cli
