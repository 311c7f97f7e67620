// Migrates the targets of a fleet, or takes migrations back, wave by wave.
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
#include "cli/preflight.hpp"
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
  bool dry_run = false, allow_out_of_order = false, no_keep = false, preflight = true;
  bool back = false, yes = false;  // fleet rollback
  SafeguardOptions safeguard;
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
    run.migrate.execute.ledger = chosen_.config.ledger;
    run.migrate.execute.backfill = chosen_.config.settings.backfill;
    run.migrate.allow_out_of_order =
        options_.allow_out_of_order || chosen_.config.settings.out_of_order == OutOfOrder::apply;
    (options_.back ? run.back_to : run.migrate.to) = options_.to;
    RunOptions budget;
    budget.wait_seconds = options_.wait.value_or(fleet.wait);
    budget.lock_timeout = options_.lock_timeout ? options_.lock_timeout : fleet.lock_timeout;
    budget.no_keep = options_.no_keep;
    apply_run_options(budget, run.migrate.execute);
    if (options_.back && options_.preflight) look_at_ways_back(run, chosen_.targets, terminal_);
    if (!options_.back)
      look_after_targets(run, chosen_.config, chosen_.targets, options_.preflight, options_.safeguard, terminal_);
    run.migrate.run = run_info(chosen_.config, options_.back ? "fleet rollback" : "fleet migrate");
    if (options_.dry_run) return options_.back ? dry_rollback(folder, run) : dry_run(folder, run);
    if (options_.back) confirm();

    report_.back = options_.back;
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

  // Data may be lost: targets that are not on this machine have to be meant.
  void confirm() const {
    const auto far = std::find_if(chosen_.targets.begin(), chosen_.targets.end(),
                                  [](const auto& target) { return server::place_of(target.url).host != "localhost"; });
    if (options_.yes || far == chosen_.targets.end()) return;
    if (terminal_.interactive() &&
        terminal_.ask("This takes migrations back on " + targets_text(chosen_.targets.size()) + ". Type '" +
                      chosen_.fleet.name + "' to go on:") == chosen_.fleet.name)
      return;
    throw Error("rolling back '" + chosen_.fleet.name + "', which is not on this machine, was not confirmed",
                {.hint = "'--dry-run' shows what it would do. Run it again with --yes.",
                 .state = "Nothing was changed.",
                 .exit = Exit::refused});
  }

  // ---- afterwards
  const char* done_word() const { return options_.back ? "rolled back" : "migrated"; }

  Exit finish(const apply::FleetOptions& run) {
    const size_t failed = report_.count(FleetOutcome::failed), waiting = report_.count(FleetOutcome::waiting);
    const bool interrupted = interrupt::requested();
    const size_t midway = report_.count(FleetOutcome::interrupted);
    const std::string counts = fmt::format(
        "{} {}, {} {}{}{}{}", report_.count(FleetOutcome::applied), done_word(),
        report_.count(FleetOutcome::up_to_date), options_.back ? "with nothing to take back" : "up to date",
        failed ? fmt::format(", {} failed", failed) : "", midway ? fmt::format(", {} interrupted", midway) : "",
        waiting ? fmt::format(", {} not touched", waiting) : "");
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
    std::string out = options_.back ? "sluice fleet rollback" : "sluice fleet migrate";
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

  Exit dry_rollback(const history::Folder& folder, apply::FleetOptions run) {
    run.only_look = true;
    std::vector<apply::FleetResult> results;
    apply::migrate_fleet(chosen_.targets, folder, run, results);
    interrupt::check();
    Json targets = Json::array();
    size_t failing = 0, with_some = 0;
    for (size_t i = 0; i < results.size(); i++) {
      const apply::FleetResult& result = results[i];
      failing += result.error.has_value();
      with_some += result.planned > 0;
      if (result.error)
        terminal_.say("  " + terminal_.colored("✘", "31") + " " + chosen_.targets[i].name + "  " +
                      result.error->what());
      else if (result.planned > 0)
        terminal_.say(fmt::format("  {} {}  {} to take back", terminal_.colored("●", "33"), chosen_.targets[i].name,
                                  result.planned));
      targets.push_back({{"target", chosen_.targets[i].name},
                         {"takesBack", result.planned},
                         {"error", result.error ? Json(result.error->what()) : Json(nullptr)}});
    }
    terminal_.say(fmt::format("Dry run: {} of {} have something to take back{}, nothing was changed", with_some,
                              targets_text(chosen_.targets.size()),
                              failing ? fmt::format(", {} would fail", failing) : ""));
    if (terminal_.json())
      terminal_.answer({{"status", "dry_run"}, {"fleet", chosen_.fleet.name}, {"targets", targets}});
    return failing ? Exit::error : Exit::done;
  }

  Exit dry_run(const history::Folder& folder, apply::FleetOptions run) {
    run.only_look = true;
    std::vector<apply::FleetResult> looked;
    apply::migrate_fleet(chosen_.targets, folder, run, looked);
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
        if (error.empty() && looked[i].error) {
          error = looked[i].error->what();
          for (const Diagnostic& diagnostic : looked[i].error->context.diagnostics) error += "; " + diagnostic.message;
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

// How it goes through the waves.
void add_wave_options(CLI::App* command, FleetMigrateOptions& options) {
  const CLI::Validator share(
      [](std::string& text) {
        const std::string digits = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
        return digits.empty() || digits.size() > 6 || digits.find_first_not_of("0123456789") != std::string::npos ||
                       digits.find_first_not_of('0') == std::string::npos
                   ? "'" + text + "' is neither a number of targets from 1 nor a part of them such as 5%"
                   : std::string();
      },
      "", "");
  command->add_option("--wave", options.last_wave, "stop after this wave, counted from 1")->check(CLI::PositiveNumber);
  command->add_option("--waves", options.waves, "targets of each wave, the rest is one more (default 1,5%)")
      ->delimiter(',')
      ->check(share);
  command
      ->add_option("--halt", options.halt,
                   "so many failures, or a part of all such as 2%, stop it (default 1); in the first wave each does")
      ->check(share);
  command->add_option("--report", options.reports, "write a report: .json, .md, or .xml (JUnit)");
  command
      ->add_option("--lock-timeout", options.lock_timeout,
                   "seconds that a statement waits for its lock before it lets others go first and tries again "
                   "(default: the role's setting, else 3; 0: no limit)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--wait", options.wait, "seconds that a target may wait for locks and other runners (default 60)")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--no-keep", options.no_keep, "do not keep a copy of what is dropped or converted");
}

}  // namespace

void look_at_ways_back(apply::FleetOptions& run, const std::vector<apply::FleetTarget>& targets, Terminal& terminal) {
  const std::vector<std::string> shared = run.shared;
  run.look = [&targets, &terminal, shared](size_t i, server::Connection& connection,
                                           const std::vector<history::Migration>& down) {
    for (const history::Migration& each : down)
      refuse_obstacles_of_way_back(connection, each, terminal, apply::schemas_of(targets[i], shared));
  };
}

void look_after_targets(apply::FleetOptions& run, const Config& config, const std::vector<apply::FleetTarget>& targets,
                        bool preflight, const SafeguardOptions& safeguard_options, Terminal& terminal) {
  const std::vector<std::string> shared = run.shared;
  if (preflight)
    run.look = [&targets, &terminal, shared](size_t i, server::Connection& connection,
                                             const std::vector<history::Migration>& pending) {
      refuse_obstacles(connection, pending, terminal, apply::schemas_of(targets[i], shared));
    };
  else
    run.look = [](size_t, server::Connection&, const std::vector<history::Migration>&) {};
  run.before = [&targets, &terminal, &config, shared, safeguard_options](
                   size_t i, server::Connection& connection, const history::Migration& migration,
                   const apply::Ledger& ledger, const std::string& run_id) {
    // A restore point for every migration of every target would be no way back that anybody finds.
    if (!safeguard_options.always && !apply::is_major(migration.sql)) return;
    SafeguardOptions options = safeguard_options;
    options.schemas = apply::schemas_of(targets[i], shared);
    Config own = config;
    own.url = targets[i].url;
    own.ledger = apply::ledger_of(targets[i], config.ledger);
    own.settings.backup.pgbackrest.clear();  // it saves the whole server: once, before the fleet
    safeguard(connection, own, migration, ledger, run_id, options, terminal);
  };
}

void add_fleet_rollback(CLI::App& fleet, Chosen& chosen) {
  auto options = std::make_shared<FleetMigrateOptions>();
  options->back = true;
  CLI::App* command =
      add_command(fleet, chosen, "rollback",
                  "Take back what comes after a migration on all targets, wave by wave, with the .down.sql files",
                  "  sluice fleet rollback --to 0002 --dry-run   # who has something to take back\n"
                  "  sluice fleet rollback --to 0002\n"
                  "  sluice fleet rollback --to 0002 --only tenant_7 --only 'tenant_1*'");
  add_fleet_options(command, options->choice);
  command->add_option("--to", options->to, "number or name of the migration to go back to; 'none' takes back all")
      ->required();
  add_wave_options(command, *options);
  command->add_flag("--dry-run", options->dry_run, "say how many would be taken back where, change nothing");
  command->add_flag("!--no-preflight", options->preflight,
                    "do not look first for rows that would make a way back of several steps fail");
  command->add_flag("--yes", options->yes, "do not ask, also for targets that are not on this machine");
  command->callback([&chosen, options] {
    chosen.run = [options](Terminal& terminal) { return FleetMigrate(*options, terminal).run(); };
  });
}

void add_fleet_migrate(CLI::App& fleet, Chosen& chosen) {
  auto options = std::make_shared<FleetMigrateOptions>();
  CLI::App* command = add_command(
      fleet, chosen, "migrate", "Apply the pending migrations to all targets, wave by wave; run again, it goes on",
      "  sluice fleet migrate                     # the fleet of sluice.toml\n"
      "  sluice fleet migrate --dry-run\n"
      "  sluice fleet migrate --wave 1            # only the canary; run again without it for the others\n"
      "  sluice fleet migrate --schemas 'tenant_%' --url \"$DATABASE_URL\" --report fleet.md");
  add_fleet_options(command, options->choice);
  add_wave_options(command, *options);
  command->add_option("--to", options->to, "number or name of the last migration to apply");
  command->add_flag("--dry-run", options->dry_run, "say what is pending where, change nothing");
  command->add_flag("--allow-out-of-order", options->allow_out_of_order,
                    "apply migrations that are dated before an applied one");
  CLI::Option* backup = command->add_flag("--backup", options->safeguard.always,
                                          "before each migration, as before one that is marked major: a restore point, "
                                          "and the dump that [backup] of sluice.toml says");
  command->add_flag("--no-backup", options->safeguard.never, "make none of that")->excludes(backup);
  command->add_flag("!--no-preflight", options->preflight,
                    "do not look for rows that would make a statement fail before the first target is changed");
  command->callback([&chosen, options] {
    chosen.run = [options](Terminal& terminal) { return FleetMigrate(*options, terminal).run(); };
  });
}

}  // namespace sluice::cli
