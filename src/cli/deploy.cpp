// Brings the migrations through the stages of sluice.toml: looked at everywhere first, then applied, tested and
// verified one stage after the other; stops at the first failure, and goes on where it stopped when it is run again.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "apply/deployments.hpp"
#include "apply/migrate.hpp"
#include "apply/rollback.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "base/trace.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"
#include "cli/commands.hpp"
#include "cli/deploy_fleet.hpp"
#include "cli/deploy_report.hpp"
#include "cli/drift.hpp"
#include "cli/live.hpp"
#include "cli/preflight.hpp"
#include "cli/project_seed.hpp"
#include "cli/replay.hpp"
#include "cli/review_database.hpp"
#include "cli/review_output.hpp"
#include "cli/safeguard.hpp"
#include "cli/stages.hpp"
#include "review/rule.hpp"
#include "server/local.hpp"
#include "sluice/version.hpp"

namespace sluice::cli {

namespace {

using Clock = std::chrono::steady_clock;

struct DeployOptions {
  Overrides overrides;
  std::vector<std::string> stages, approve, reports;
  bool dry_run = false, again = false;
};

// Findings that say: the code that runs now does not work with what this migration leaves.
bool breaks_running_code(const review::Rule& rule) {
  const std::string_view name = rule.name;
  return std::string_view(rule.code).starts_with("SL3") || name == "drop-column" || name == "drop-table" ||
         name == "drop-schema";
}

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::string full_text(const Error& error) {
  std::string out = error.what();
  if (!error.context.sqlstate.empty()) out += " [SQLSTATE " + error.context.sqlstate + "]";
  if (!error.context.detail.empty()) out += "\n" + error.context.detail;
  if (!error.context.state.empty()) out += "\n" + error.context.state;
  return out;
}

// What a step says that looked at nothing.
constexpr std::string_view left_out_mark = "not looked for: ";

// A stage under work.
struct Work {
  const Stage* stage = nullptr;
  Config config;
  std::unique_ptr<FleetStage> fleet;  // if it is one
  apply::LedgerName record_of;        // under which its deployments are written down
  std::unique_ptr<Runner> guard;      // holds the deployment's lock, and writes its record
  std::optional<std::int64_t> record;
  std::vector<history::Migration> first, last;  // before the release, and after it
  bool skipped = false;                         // an earlier deployment has done it
  std::string not_compared;                     // why nobody compared its catalog
};

class Deploy {
 public:
  Deploy(const DeployOptions& options, Terminal& terminal)
      : options_(options), terminal_(terminal), config_(load_config(options.overrides, {Needs::folder})) {}

  Exit run() {
    stages_ = stages_in_order(config_.settings, options_.stages);
    for (const std::string& name : options_.approve) stages_in_order(config_.settings, {name});  // does it exist?
    for (const std::string& file : options_.reports) require_report_name(config_.directory / file);
    for (const Stage* stage : stages_) report_.stages.push_back({stage->name, "", "waiting", "", {}, {}});
    report_.version = std::string(version());
    try {
      check_folder();
      for (size_t i = 0; i < stages_.size(); i++) look(i);
      if (options_.dry_run) return finish("dry_run");
      for (size_t i = 0; i < stages_.size(); i++)
        if (!works_[i].skipped) work(i);
      return finish("done");
    } catch (const Error& error) {
      stop(error);
      if (!terminal_.json()) throw;
      terminal_.print(error);  // the report is the one answer
      return error.context.exit;
    }
  }

 private:
  // ---- what is written down
  template <class Function>
  void step(std::vector<DeployStep>& steps, const std::string& name, Function function) {
    interrupt::check();
    const Clock::time_point start = Clock::now();
    trace::Span span(name);
    steps.push_back({name, "running", "", 0});
    note_progress();
    auto end = [&](const std::string& outcome, const std::string& text) {
      steps.back() = {name, outcome, text, milliseconds_since(start)};
      const std::string sign = outcome == "ok"         ? terminal_.colored("✔", "32")
                               : outcome == "left out" ? terminal_.colored("–", "33")
                                                       : terminal_.colored("✘", "31");
      terminal_.say(fmt::format("  {} {:<9}  {}", sign, name, text::replace_all(text, "\n", "\n               ")));
    };
    try {
      const std::string text = function();
      end(text.starts_with(left_out_mark) ? "left out" : "ok", text);
    } catch (const Error& error) {
      span.fail(error.what());
      end(error.context.exit == Exit::refused ? "refused" : "failed", full_text(error));
      throw;
    }
  }

  apply::Deployment deployment(size_t i) const {
    apply::Deployment out;
    const DeployStage& stage = report_.stages[i];
    out.id = report_.id;
    out.stage = stage.name;
    out.folder = report_.folder;
    out.git_revision = report_.git_revision;
    out.version = report_.version;
    out.outcome = stage.outcome;
    out.step = stage.steps.empty() ? "" : stage.steps.back().name;
    out.migrations = stage.applied;
    out.steps = to_json(stage.steps).dump(-1, ' ', false, Json::error_handler_t::replace);
    return out;
  }

  void note_progress() noexcept {
    for (size_t i = 0; i < works_.size(); i++) {
      Work& work = works_[i];
      if (!work.record || report_.stages[i].outcome == "done" || work.guard->connection.broken()) continue;
      try {
        apply::note_deployment(work.guard->connection, *work.record, deployment(i));
      } catch (const std::exception&) {  // the record is a help; what it tells about is in the ledger
      }
    }
  }

  void settle(size_t i, const std::string& outcome, const std::string& state) {
    report_.stages[i].state = state;
    Work& work = works_[i];
    report_.stages[i].outcome = outcome;
    if (!work.record || work.guard->connection.broken()) return;
    work.guard->connection.ignore_interrupts();
    apply::note_deployment(work.guard->connection, *work.record, deployment(i));
  }

  Exit finish(const std::string& outcome) {
    report_.outcome = outcome;
    write_reports();
    if (outcome == "dry_run")
      terminal_.say("Dry run: nothing was changed");
    else
      terminal_.success("Deployed: " + text::join(names(), ", "));
    if (terminal_.json()) terminal_.answer(to_json(report_));
    return Exit::done;
  }

  void write_reports() {
    for (const std::string& file : options_.reports) write_report(report_, config_.directory / file);
  }

  // The command that goes on, for a shell.
  std::string again(const std::vector<std::string>& stages, const std::vector<std::string>& approve) const {
    std::string out = "sluice deploy";
    auto flag = [&](const char* name, const std::optional<std::string>& value) {
      if (value) out += std::string(" ") + name + " " + shell_word(*value);
    };
    for (const std::string& name : stages) out += " " + shell_word(name);
    for (const std::string& name : approve) out += " --approve " + shell_word(name);
    flag("--config", options_.overrides.config);
    flag("--out", options_.overrides.out);
    return out;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const Stage* stage : stages_) out.push_back(stage->name);
    return out;
  }

  // It stopped: says where each stage is, and what goes on.
  void stop(const Error& error) {
    const Exit exit = error.context.exit;
    report_.outcome = exit == Exit::refused       ? "refused"
                      : exit == Exit::findings    ? "findings"
                      : exit == Exit::interrupted ? "interrupted"
                                                  : "failed";
    report_.error = error.what();
    if (report_.next.empty()) report_.next = again(options_.stages, options_.approve);
    try {
      for (size_t i = 0; i < works_.size(); i++)
        if (report_.stages[i].outcome == "running")
          settle(i, report_.outcome == "findings" ? "failed" : report_.outcome, report_.stages[i].state);
      write_reports();
    } catch (const Error& another) {
      terminal_.warning(another.what());
    }
    terminal_.note("");
    for (const DeployStage& stage : report_.stages) {
      std::string line =
          fmt::format("  {:<12} {}", stage.name, stage.outcome == "running" ? report_.outcome : stage.outcome);
      if (!stage.applied.empty()) line += ": applied " + text::join(stage.applied, ", ");
      if (!stage.state.empty()) line += (stage.applied.empty() ? ": " : "; ") + stage.state;
      terminal_.note(line);
    }
    terminal_.note("  next: " + std::string(exit == Exit::refused ? "" : "mend it, then ") + report_.next);
    if (terminal_.json()) terminal_.answer(to_json(report_));
  }

  // ---- before anything is changed
  void check_folder() {
    step(report_.checks, "folder", [&] {
      if (std::optional<Diagnostic> conflict = history::Folder::check_conflict(config_.out))
        throw Error(conflict->message, {.hint = conflict->hint, .exit = Exit::findings});
      folder_ = history::Folder::open(config_.out);
      require_folder(*folder_);
      std::string all;
      ErrorContext context;
      for (const Diagnostic& diagnostic : folder_->check())
        if (diagnostic.severity == Severity::error) context.diagnostics.push_back(diagnostic);
      if (!context.diagnostics.empty()) {
        context.exit = Exit::findings;
        context.hint = "sluice check";
        throw Error("the migrations folder is not in order", context);
      }
      for (const history::Entry& entry : folder_->entries()) all += entry.tag + " " + folder_->read(entry).hash + "\n";
      report_.folder = files::sha256(all);
      return text::counted(folder_->entries().size(), "migration") + ", in order";
    });
  }

  apply::MigrateOptions migrate_options(const Work& work, const Runner& runner) const {
    apply::MigrateOptions run;
    run.execute = runner.execute;
    run.run = runner.info;
    RunOptions given;
    given.lock_timeout = work.stage->lock_timeout;
    if (work.stage->wait) given.wait_seconds = *work.stage->wait;
    given.max_stall = work.stage->max_stall;
    apply_run_options(given, run.execute);
    return run;
  }

  // Everything that can be known about a stage without changing it.
  void look(size_t i) {
    Work& work = works_.emplace_back();
    work.stage = stages_[i];
    DeployStage& report = report_.stages[i];
    trace::Span span("look", {{"sluice.stage", work.stage->name}});
    terminal_.say(terminal_.bold(work.stage->name));
    report.outcome = "running";
    step(report.steps, "connect", [&] {
      if (!work.stage->fleet.empty()) work.fleet = std::make_unique<FleetStage>(config_, *work.stage, terminal_);
      work.config = work.fleet ? work.fleet->control() : config_of(config_, *work.stage);
      work.record_of = work.fleet ? FleetStage::record_of(work.stage->fleet) : work.config.ledger;
      work.guard = std::make_unique<Runner>(work.config, "deploy", terminal_);
      if (report_.id.empty()) {
        report_.id = work.guard->info.run_id;
        report_.git_revision = work.guard->info.git_revision.value_or("");
        report_.started_at =
            work.guard->connection.execute("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
                .text(0, 0);
      }
      report.database = work.guard->connection.describe();
      if (work.fleet) report.database = work.fleet->describe() + ", by way of " + report.database;
      for (size_t other = 0; other < i; other++)
        if (works_[other].record_of.sql() == work.record_of.sql() &&
            server::same_database(works_[other].config.url, work.config.url))
          throw Error("the stages '" + stages_[other]->name + "' and '" + work.stage->name +
                          "' are one database: " + report.database,
                      {.hint = "Set the url of one of them in sluice.toml to its own database."});
      if (!options_.dry_run && !apply::take_deployment_lock(work.guard->connection, work.record_of))
        throw Error("another deployment is at work on " + report.database,
                    {.hint = "Wait for it; 'sluice log' shows who runs.", .exit = Exit::refused});
      return report.database;
    });
    server::Connection& connection = work.guard->connection;
    apply::Status status;
    if (!work.fleet) status = apply::compare(*folder_, apply::read_ledger(connection, work.config.ledger));
    step(report.steps, "ledger", [&] { return look_at_ledger(work, status); });
    if (work.skipped) {
      report.outcome = "skipped";
      report.state = "done by an earlier run";
      return;
    }
    require_needs(work);
    if (!work.first.empty()) {
      std::vector<history::Migration> pending = work.first;
      if (!work.fleet)
        for (const apply::Progress& progress : apply::read_ledger(connection, work.config.ledger).progress)
          apply::leave_out_done(pending, progress);
      step(report.steps, "review", [&] { return review(work, pending); });
      step(report.steps, "preflight", [&] {
        if (work.fleet) return work.fleet->preflight(*folder_);
        refuse_obstacles(connection, pending, terminal_);
        for (const history::Migration& migration : pending)
          if (is_guarded(work, migration)) require_way_back(apply::recovery_of(connection), work.config, migration);
        return std::string("no rows stand in the way");
      });
    }
    if (work.fleet || status.items.size() > work.first.size() + work.last.size())
      step(report.steps, "drift", [&] { return drift(work, "what its migrations made"); });
    report.outcome = "waiting";
  }

  std::string look_at_ledger(Work& work, const apply::Status& status) {
    for (const apply::Item& item : status.items)
      if (item.state == apply::State::edited || item.state == apply::State::missing_file)
        throw Error(
            item.entry.file_name() + (item.state == apply::State::edited ? " was edited after it was applied"
                                                                         : " is applied, and its file is gone"),
            {.hint = "git log -- " + item.entry.file_name() + " tells why; 'sluice repair' accepts it with the reason.",
             .exit = Exit::refused});
    if (!status.unknown.empty())
      throw Error(
          status.unknown.front().name.value_or("a migration") + " is applied, and this folder does not have it",
          {.hint = "Is this an older commit than the one deployed last? Deploy the newer one, or see 'sluice status'.",
           .exit = Exit::refused});
    server::Connection& connection = work.guard->connection;
    work.first = work.fleet ? work.fleet->pending(*folder_)
                            : apply::pending(*folder_, status, migrate_options(work, *work.guard));
    const std::optional<apply::Deployment> last = apply::last_deployment(connection, work.record_of, work.stage->name);
    if (!options_.again && work.first.empty() && last && last->outcome == "done" && last->folder == report_.folder &&
        last->git_revision == report_.git_revision) {
      work.skipped = true;
      return "done already, " + last->finished_at + " (--again does it again)";
    }
    std::string text = work.first.empty() ? "nothing is pending" : fmt::format("{} pending", work.first.size());
    if (last && last->folder == report_.folder && last->outcome != "done")
      text += "; goes on after a deployment that " + (last->outcome == "running" ? "died" : last->outcome) + " at " +
              last->step;
    return text;
  }

  // Stages that this one needs and that are not part of this run must have this very folder.
  void require_needs(const Work& work) {
    for (const std::string& need : work.stage->needs) {
      if (std::any_of(stages_.begin(), stages_.end(), [&](const Stage* each) { return each->name == need; })) continue;
      const Stage& stage = *stages_in_order(config_.settings, {need}).front();
      step(report_.stages.at(works_.size() - 1).steps, "needs", [&] {
        const bool is_fleet = !stage.fleet.empty();
        const Config config = is_fleet ? FleetStage(config_, stage, terminal_).control() : config_of(config_, stage);
        Runner runner(config, "deploy", terminal_);
        const std::optional<apply::Deployment> last = apply::last_deployment(
            runner.connection, is_fleet ? FleetStage::record_of(stage.fleet) : config.ledger, need);
        const bool other_commit = last && last->git_revision != report_.git_revision;
        if (!last || last->outcome != "done" || last->folder != report_.folder || other_commit) {
          std::vector<std::string> both{need};
          both.insert(both.end(), options_.stages.begin(), options_.stages.end());
          report_.next = again(both, options_.approve);
          throw Error("'" + work.stage->name + "' needs '" + need + "', which is not done with these migrations" +
                          (last && last->outcome == "done" && last->folder == report_.folder ? " at this commit" : ""),
                      {.hint = report_.next, .exit = Exit::refused});
        }
        return need + " is done, " + last->finished_at;
      });
    }
  }

  std::string review(Work& work, std::vector<history::Migration> pending) {
    std::optional<FleetStage::Example> example;
    if (work.fleet) {
      example = work.fleet->example(pending);
      pending = example->migrations;
    }
    server::Connection& connection = example ? example->connection : work.guard->connection;
    const ReviewSettings& settings = work.config.settings.review;
    review::Options options;
    options.version = std::clamp(connection.version() / 10000, 13, 18);
    options.supabase = settings.supabase.value_or(is_supabase(connection));
    for (const auto& [rule, reason] : settings.allow) options.allowed.push_back({rule, reason, false});
    const std::string level = !work.stage->review.empty() ? work.stage->review : settings.fail_on.value_or("error");
    review::Reviewer reviewer(options,
                              live_catalog(connection, example ? example->schemas : std::vector<std::string>{}));
    std::vector<Reviewed> files;
    std::optional<size_t> breaking;
    files.reserve(pending.size());
    std::vector<std::string> because;
    for (size_t i = 0; i < pending.size(); i++) {
      Reviewed& file = files.emplace_back();
      file.path = fs::proximate(pending[i].file).string();
      file.text = pending[i].sql;
      file.review = reviewer.review(file.path, file.text);
      weigh(file.review, connection);
      bool breaks = false;
      for (const review::Finding& finding : file.review.findings)
        if (breaks_running_code(*finding.rule)) breaks = true;
      if (breaks && !breaking) breaking = i;
      if (breaks || !breaking) continue;
      because.push_back(pending[i].entry.tag);
    }
    // With a release in between, what breaks the old code waits until that is gone.
    const bool waits = breaking && !work.stage->release.empty();
    if (waits && !because.empty())
      throw Error(pending[*breaking].entry.tag + " breaks the code that runs now, and what comes after it (" +
                      text::join(because, ", ") + ") may be needed by the new code",
                  {.hint = "Deploy in two releases: first what the new code needs, then what the old code needed. "
                           "'sluice rebase' and a new number put the breaking migration last.",
                   .exit = Exit::findings});
    if (waits) {
      work.last.assign(work.first.begin() + static_cast<std::ptrdiff_t>(*breaking), work.first.end());
      work.first.resize(*breaking);
    }
    size_t stopping = 0, keep_waiting = 0;
    for (size_t i = 0; i < files.size(); i++)
      for (review::Finding& finding : files[i].review.findings) {
        if (finding.allowed) continue;
        const std::string_view code = finding.rule->code;
        if (waits && i >= *breaking && code.starts_with("SL3")) continue;
        bool stops = level != "never" && finding.level >= review::parse_level(level);
        if (code.starts_with("SL1") && work.stage->online)
          stops = *work.stage->online && finding.level != review::Level::note;
        if (!stops) continue;
        stopping++;
        if (code.starts_with("SL1")) keep_waiting++;
        terminal_.note(finding_text(files[i], finding, terminal_));
      }
    const Totals sums = totals(files);
    if (stopping)
      throw Error(
          fmt::format("{} in what is pending for '{}'", text::counted(stopping, "finding"), work.stage->name),
          {.hint = std::string(keep_waiting == 0 ? ""
                               : work.stage->online
                                   ? "The stage has online = true. 'sluice review --fix --write FILE' writes a file in "
                                     "steps that keep nobody waiting.\n"
                                   : "'sluice review --fix --write FILE' writes a file in steps that keep nobody "
                                     "waiting; a stage with online = false puts up with it.\n") +
                   "'sluice review --pending' shows them all; '-- sluice:allow RULE REASON' in the file accepts one.",
           .exit = Exit::findings});
    std::string text = sentence(sums, files.size());
    if (waits) text += "; after the release: " + tags(work.last);
    return text;
  }

  static std::string tags(const std::vector<history::Migration>& migrations) {
    std::vector<std::string> out;
    for (const history::Migration& each : migrations) out.push_back(each.entry.tag);
    return text::join(out, ", ");
  }

  std::string drift(Work& work, const std::string& expected) {
    if (server::find_binaries(config_.directory).empty()) {
      work.not_compared = "there are no PostgreSQL programs on this machine";
      return std::string(left_out_mark) + work.not_compared + " (apt-get install postgresql)";
    }
    if (work.fleet) return fleet_drift(work, expected);
    const Drift found = find_drift(work.guard->connection, work.config, *folder_, {}, terminal_);
    if (found.empty()) return "it is " + expected;
    std::string lines;
    for (const plan::Statement& each : found.by_hand) lines += "\n" + std::string(text::trim(each.sql));
    for (const std::string& each : found.others) lines += "\n" + each;
    if (work.stage->ignore_drift) return "somebody changed it by hand; ignore_drift says to go on:" + lines;
    throw Error("somebody changed " + work.guard->connection.describe() + " by hand",
                {.detail = std::string(text::trim(lines)),
                 .hint = "'sluice drift --url …' shows it, --adopt makes a migration of it, --restore undoes it.",
                 .exit = Exit::refused});
  }

  std::string fleet_drift(Work& work, const std::string& expected) {
    std::string lines;
    if (work.stage->ignore_drift) {
      work.not_compared = "ignore_drift says so";
      return std::string(left_out_mark) + work.not_compared;
    }
    for (const std::string& each : work.fleet->drift(*folder_)) lines += "\n" + each;
    if (lines.empty()) return "every target is " + expected;
    throw Error("somebody changed targets of " + work.fleet->describe() + " by hand",
                {.detail = std::string(text::trim(lines)),
                 .hint = "'sluice fleet drift " + work.stage->fleet + "' shows it.",
                 .exit = Exit::refused});
  }

  // ---- the stage itself
  void work(size_t i) {
    Work& work = works_[i];
    DeployStage& report = report_.stages[i];
    trace::Span span("stage", {{"sluice.stage", work.stage->name}});
    bool released = false;  // the application may be the new one, which needs what was applied
    terminal_.say(terminal_.bold(work.stage->name) + "  " + report.database);
    report.outcome = "running";
    apply::Deployment begun = deployment(i);
    if (work.stage->approval) step(report.steps, "approval", [&] { return approval(*work.stage); });
    work.record = apply::begin_deployment(work.guard->connection, work.record_of, begun);
    if (!work.record)
      terminal_.warning("this role may not write the record of deployments; a run again cannot skip the stage");
    try {
      for (const std::string& command : work.stage->before)
        step(report.steps, "before", [&] { return run_command(work, command); });
      if (!work.first.empty() || !work.last.empty()) back_up(work, report);
      if (!work.first.empty()) migrate(work, report, work.first);
      if (work.last.empty()) verify(work, report);
      for (const std::string& command : work.stage->release) {
        released = true;
        step(report.steps, "release", [&] { return run_command(work, command); });
      }
      if (!work.last.empty()) {
        migrate(work, report, work.last);
        verify(work, report);
      }
      for (const std::string& command : work.stage->after)
        step(report.steps, "after", [&] { return run_command(work, command); });
    } catch (const Error& error) {
      if (work.stage->rollback && released && !report.applied.empty())
        report.state = "not rolled back: the application was released, and may need what was applied";
      else if (work.stage->rollback && !report.applied.empty() && error.context.exit != Exit::interrupted)
        take_back(work, report);
      throw;
    }
    std::string state = work.fleet ? "the catalogs and the ledgers of its targets are the folder's"
                                   : "its catalog and its ledger are the folder's";
    if (!work.not_compared.empty())
      state = std::string(work.fleet ? "the ledgers of its targets are the folder's; their catalogs were"
                                     : "its ledger is the folder's; its catalog was") +
              " not compared: " + work.not_compared;
    settle(i, "done", state);
  }

  std::string approval(const Stage& stage) {
    if (std::find(options_.approve.begin(), options_.approve.end(), stage.name) != options_.approve.end())
      return "by --approve " + stage.name;
    if (terminal_.interactive()) {
      if (terminal_.choose("Deploy to " + stage.name + "?", {"Stop here", "Yes, go on"}) == 1) return "on the terminal";
    }
    std::vector<std::string> approved = options_.approve;
    approved.push_back(stage.name);
    report_.next = again(options_.stages, approved);
    throw Error("'" + stage.name + "' waits for approval", {.hint = report_.next, .exit = Exit::refused});
  }

  std::string run_command(const Work& work, const std::string& command) {
    process::Options options;
    options.directory = config_.file ? fs::absolute(*config_.file).parent_path() : config_.directory;
    options.environment = {"DATABASE_URL=" + work.config.url, "SLUICE_STAGE=" + work.stage->name,
                           path_with_node_modules(options.directory)};
    if (const std::string trace = environment_of_trace(); !trace.empty()) options.environment.push_back(trace);
    terminal_.note("  $ " + command);
    const int code = process::run_visibly({"/bin/sh", "-c", command}, terminal_.json() ? 2 : 1, options);
    interrupt::check();
    if (code != 0) throw Error(fmt::format("'{}' ended with {}", command, code));
    return command;
  }

  // A name in the WAL that a restore can go to, and what the project has of its own.
  void back_up(Work& work, DeployStage& report) {
    step(report.steps, "backup", [&] {
      const std::string name =
          "sluice " + report_.id + " before " + (work.first.empty() ? work.last : work.first).front().entry.tag;
      std::string text;
      server::Connection& connection = work.guard->connection;
      const history::Migration& next = (work.first.empty() ? work.last : work.first).front();
      try {
        if (work.fleet) {
          text = "restore point '" + name.substr(0, 63) + "' at " +
                 connection.query("SELECT pg_catalog.pg_create_restore_point($1)", {name.substr(0, 63)}).text(0, 0);
        } else {
          apply::Ledger ledger = apply::read_ledger(connection, work.config.ledger);
          apply::prepare_ledger(connection, work.config.ledger, ledger);
          const apply::RestorePoint point =
              apply::write_restore_point(connection, work.config.ledger, ledger, next.entry, report_.id, "");
          text = point.name.empty()
                     ? "the moment is noted, " + point.made_at + " (this role may not write a restore point by name)"
                     : "restore point '" + point.name + "' at " + point.lsn;
        }
      } catch (const Error& error) {
        if (error.context.sqlstate.empty() || connection.broken()) throw;
        text = "no restore point: " + std::string(error.what());
      }
      for (const std::string& command : work.stage->backup) text += "\n" + run_command(work, command);
      return text;
    });
  }

  // Does it want a way back of its own? The stage's own backup is one.
  static bool is_guarded(const Work& work, const history::Migration& migration) {
    const BackupSettings& settings = work.config.settings.backup;
    return apply::is_major(migration.sql) &&
           (work.stage->backup.empty() || !settings.dump.empty() || !settings.pgbackrest.empty());
  }

  void migrate(Work& work, DeployStage& report, const std::vector<history::Migration>& which) {
    step(report.steps, "migrate", [&] {
      if (work.fleet) return migrate_targets(work, report, which.back().entry.tag);
      Runner runner(work.config, "deploy", terminal_);
      apply::MigrateOptions run = migrate_options(work, runner);
      run.to = which.back().entry.tag;
      SafeguardOptions guard;
      run.before = [&](const history::Migration& migration, const apply::Ledger& ledger) {
        if (is_guarded(work, migration))
          safeguard(runner.connection, work.config, migration, ledger, runner.info.run_id, guard, terminal_);
      };
      run.applied = [&](const history::Migration& migration, double) { report.applied.push_back(migration.entry.tag); };
      std::vector<std::string> lines;
      for (const apply::Applied& each : apply::migrate(runner.connection, *folder_, run))
        lines.push_back(each.tag + " (" + text::duration(each.milliseconds) + ")");
      return lines.empty() ? std::string("nothing: another runner was faster") : text::join(lines, "\n");
    });
  }

  std::string migrate_targets(Work& work, DeployStage& report, const std::string& last) {
    try {
      const std::string text = work.fleet->migrate(*folder_, run_info(work.config, "deploy"), last);
      report.applied = work.fleet->applied();
      return text;
    } catch (const Error&) {
      report.applied = work.fleet->applied();
      report.state = work.fleet->state();
      throw;
    }
  }

  void verify(Work& work, DeployStage& report) {
    step(report.steps, "verify", [&] {
      if (work.fleet) return work.fleet->verify(*folder_) + "; " + drift(work, "what the migrations make");
      const apply::Status status =
          apply::compare(*folder_, apply::read_ledger(work.guard->connection, work.config.ledger));
      if (status.count(apply::State::applied) != status.items.size() || !status.unknown.empty())
        throw Error("the ledger of " + report.database + " is not the folder", {.hint = "sluice status"});
      return fmt::format("{} of {} applied; {}", status.items.size(), status.items.size(),
                         drift(work, "what the migrations make"));
    });
  }

  // Automatic, so only if the ways back are proved: on a scratch server, with rows.
  void take_back(Work& work, DeployStage& report) {
    try {
      step(report.steps, "rollback", [&] {
        if (work.fleet) {
          prove(work, report.applied);
          const std::string text = work.fleet->take_back(*folder_, run_info(work.config, "deploy"));
          report.applied.clear();
          report.state = "the targets are what they were before";
          return text + ", the ways back proved before";
        }
        Runner runner(work.config, "deploy", terminal_);
        apply::RollbackOptions run;
        run.execute = runner.execute;
        run.run = runner.info;
        run.steps = report.applied.size();
        run.look = [&](server::Connection& connection, const history::Migration& down) {
          refuse_obstacles_of_way_back(connection, down, terminal_);
        };
        const std::vector<apply::Back> plan =
            apply::plan_rollback(*folder_, apply::read_ledger(runner.connection, work.config.ledger), run);
        for (const apply::Back& back : plan)
          if (std::find(report.applied.begin(), report.applied.end(), back.entry.tag) == report.applied.end())
            throw Error(back.entry.tag + " was applied meanwhile by another runner");
        prove(work, report.applied);
        apply::rollback(runner.connection, *folder_, plan, run);
        const std::string text = text::join(report.applied, ", ") + " taken back, their ways back proved before";
        report.applied.clear();
        report.state = "the database is what it was before";
        return text;
      });
    } catch (const Error& error) {
      report.state = "not rolled back: " + std::string(error.what());
      if (error.context.exit == Exit::interrupted) throw;
    }
  }

  void prove(Work& work, const std::vector<std::string>& applied) {
    Replay replay(work.config, *folder_, work.guard->connection.version() / 10000);
    auto is_new = [&](const history::Entry& entry) {
      return std::find(applied.begin(), applied.end(), entry.tag) != applied.end();
    };
    std::set<std::string> there;
    if (work.fleet) {  // each target has what came before what this run applied, or fails the verification
      for (const history::Entry& entry : folder_->entries()) {
        if (is_new(entry)) break;
        there.insert(entry.tag);
      }
    } else {
      const apply::Status now =
          apply::compare(*folder_, apply::read_ledger(work.guard->connection, work.config.ledger));
      for (const apply::Item& item : now.items)
        if (item.row) there.insert(item.entry.tag);
    }
    replay.up_to_all([&](const history::Entry& entry) { return there.contains(entry.tag) && !is_new(entry); });
    replay.add_rows();
    const model::Schema before = replay.catalog().schema;
    const auto rows = replay.rows();
    replay.up_to_all([&](const history::Entry& entry) { return is_new(entry); });
    for (size_t i = 0; i < applied.size(); i++) replay.down();
    if (!statements_between(before, replay.catalog().schema).empty() || rows != replay.rows())
      throw Error("the ways back do not lead back to what was before (sluice verify)");
  }

  const DeployOptions& options_;
  Terminal& terminal_;
  Config config_;
  std::optional<history::Folder> folder_;
  std::vector<const Stage*> stages_;
  std::vector<Work> works_;
  DeployReport report_;
};

}  // namespace

void add_deploy(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App* command = add_command(app, chosen, "deploy",
                                  "Bring the migrations through the stages of sluice.toml: review, apply, test, verify",
                                  "  sluice deploy                              # every stage, in order\n"
                                  "  sluice deploy --dry-run                    # look at all of them, change nothing\n"
                                  "  sluice deploy production --approve production --report deployment.md");
  add_location_options(command, options->overrides, false);
  command->add_option("stages", options->stages, "stages to work on (default: all)");
  command->add_option("--approve", options->approve, "say yes to a stage that waits for approval");
  command->add_option("--report", options->reports, "write a report: .json, .md, or .xml (JUnit)");
  command->add_flag("--dry-run", options->dry_run, "check, review and preflight everywhere, change nothing");
  command->add_flag("--again", options->again, "also stages that an earlier run has done");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return Deploy(*options, terminal).run(); }; });
}

}  // namespace sluice::cli
