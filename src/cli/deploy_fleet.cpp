#include "cli/deploy_fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "apply/script.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/fleet.hpp"
#include "cli/fleet_drift.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

using apply::FleetOutcome;

namespace {

constexpr size_t most_errors = 5;

std::string targets_text(size_t count) { return fmt::format("{} target{}", count, count == 1 ? "" : "s"); }

size_t count_of(const std::vector<apply::FleetResult>& results, FleetOutcome outcome) {
  return static_cast<size_t>(std::count_if(results.begin(), results.end(),
                                           [&](const apply::FleetResult& each) { return each.outcome == outcome; }));
}

std::string sentence(const Error& error) {
  std::string out = error.what();
  if (!error.context.sqlstate.empty()) out += " [SQLSTATE " + error.context.sqlstate + "]";
  if (error.context.at.known() && error.context.at.line > 0)
    out += fmt::format(" at {}:{}", fs::path(error.context.at.file).filename().string(), error.context.at.line);
  for (const Diagnostic& diagnostic : error.context.diagnostics)
    if (diagnostic.message != error.what()) out += "; " + diagnostic.message;
  return out;
}

// "tenant_7: relation "x" already exists", a line for each, the first of them.
std::string listed(const std::vector<std::string>& lines) {
  std::vector<std::string> some(lines.begin(),
                                lines.begin() + static_cast<std::ptrdiff_t>(std::min(lines.size(), most_errors)));
  if (lines.size() > some.size()) some.push_back(fmt::format("and {} more", lines.size() - some.size()));
  return text::join(some, "\n");
}

}  // namespace

FleetStage::FleetStage(const Config& config, const Stage& stage, Terminal& terminal)
    : config_(config), stage_(stage), terminal_(terminal), fleet_(fleet_named(config.settings, stage.fleet)) {
  targets_ = fleet_targets(config, fleet_);
  config_.url = fleet_.url.empty() ? targets_.front().url : expand(config, fleet_.url);
  config_.url_source = "fleet " + fleet_.name;
  applied_.resize(targets_.size());
}

std::string FleetStage::describe() const { return "fleet \"" + fleet_.name + "\", " + targets_text(targets_.size()); }

std::vector<history::Migration> FleetStage::pending(const history::Folder& folder) {
  const std::vector<apply::FleetState> states =
      apply::look_at_fleet(targets_, folder, config_.ledger, static_cast<size_t>(fleet_.parallel), {});
  std::vector<std::string> wrong;
  std::map<std::int64_t, history::Migration> pending;  // by their time
  size_t most = 0;
  const apply::MigrateOptions run = options().migrate;
  for (size_t i = 0; i < targets_.size(); i++) {
    const apply::FleetState& state = states[i];
    auto say = [&](const std::string& what) { wrong.push_back(targets_[i].name + ": " + what); };
    if (!state.status) {
      say(state.error ? state.error->what() : "it could not be read");
      continue;
    }
    for (const apply::Item& item : state.status->items) {
      if (item.state == apply::State::edited) say(item.entry.file_name() + " was edited after it was applied");
      if (item.state == apply::State::missing_file) say(item.entry.file_name() + " is applied, and its file is gone");
    }
    if (!state.status->unknown.empty())
      say(state.status->unknown.front().name.value_or("a migration") + " is applied, and this folder does not have it");
    try {
      const std::vector<history::Migration> here = apply::pending(folder, *state.status, run);
      if (here.size() > most) {
        most = here.size();
        example_ = i;
      }
      for (const history::Migration& migration : here) pending.emplace(migration.entry.when, migration);
    } catch (const Error& error) {
      say(error.what());
    }
  }
  if (!wrong.empty())
    throw Error(fmt::format("{} cannot be deployed to", targets_text(wrong.size())),
                {.detail = listed(wrong), .hint = "'sluice fleet status' shows all of them.", .exit = Exit::refused});
  std::vector<history::Migration> out;
  for (auto& [when, migration] : pending) out.push_back(std::move(migration));
  return out;
}

FleetStage::Example FleetStage::example(const std::vector<history::Migration>& migrations) const {
  const apply::FleetTarget& target = targets_[example_];
  Example out{apply::connect(target, fleet_.shared, "sluice deploy"), apply::schemas_of(target, fleet_.shared),
              migrations};
  for (history::Migration& migration : out.migrations) apply::adapt(migration, target);
  const apply::Ledger ledger = apply::read_ledger(out.connection, apply::ledger_of(target, config_.ledger));
  for (const apply::Progress& progress : ledger.progress) apply::leave_out_done(out.migrations, progress);
  return out;
}

apply::FleetOptions FleetStage::options() const {
  apply::FleetOptions out;
  out.waves = wave_sizes(fleet_.waves, targets_.size());
  out.parallel = static_cast<size_t>(fleet_.parallel);
  out.halt = share_of(fleet_.halt, targets_.size());
  out.shared = fleet_.shared;
  out.migrate.execute.ledger = config_.ledger;
  out.migrate.execute.backfill = config_.settings.backfill;
  out.migrate.allow_out_of_order = config_.settings.out_of_order == OutOfOrder::apply;
  RunOptions budget;
  budget.wait_seconds = stage_.wait.value_or(fleet_.wait);
  budget.lock_timeout = stage_.lock_timeout ? stage_.lock_timeout : fleet_.lock_timeout;
  budget.max_stall = stage_.max_stall;
  apply_run_options(budget, out.migrate.execute);
  return out;
}

// Runs it, and throws Error for what failed.
std::vector<apply::FleetResult> FleetStage::run(const history::Folder& folder, apply::FleetOptions options,
                                                const std::string& what) {
  std::vector<apply::FleetResult> results;
  ProgressLine line(terminal_);
  size_t done = 0;
  options.warning = [&](size_t i, const std::string& text) {
    line.clear();
    terminal_.warning(targets_[i].name + ": " + text);
  };
  options.ended = [&](size_t) { line.show(what, ++done, targets_.size(), ""); };
  apply::migrate_fleet(targets_, folder, options, results);
  line.clear();
  for (size_t i = 0; i < results.size(); i++)
    for (const apply::Applied& each : results[i].applied)
      if (options.back.empty()) applied_[i].push_back(each.tag);
  failed_ = count_of(results, FleetOutcome::failed) + count_of(results, FleetOutcome::interrupted);
  waiting_ = options.only_look ? 0 : count_of(results, FleetOutcome::waiting);
  interrupt::check();
  if (failed_ == 0) return results;
  std::vector<std::string> lines;
  for (size_t i = 0; i < results.size(); i++)
    if (results[i].error) lines.push_back(targets_[i].name + ": " + sentence(*results[i].error));
  throw Error(fmt::format("{} of {} failed{}", failed_, targets_text(targets_.size()),
                          waiting_ ? fmt::format(", so {} were not begun", waiting_) : ""),
              {.detail = listed(lines)});
}

std::string FleetStage::preflight(const history::Folder& folder) {
  apply::FleetOptions look = options();
  look_after_targets(look, config_, targets_, true, {}, terminal_);
  look.only_look = true;
  run(folder, look, "looked at");
  return "no rows stand in the way on " + targets_text(targets_.size());
}

std::string FleetStage::migrate(const history::Folder& folder, const apply::RunInfo& info, const std::string& last) {
  apply::FleetOptions migrate = options();
  look_after_targets(migrate, config_, targets_, true, {}, terminal_);
  migrate.migrate.run = info;
  migrate.migrate.to = last;
  const std::vector<apply::FleetResult> results = run(folder, migrate, "migrated");
  return fmt::format("{} of {} migrated in {} wave{}, {} up to date", count_of(results, FleetOutcome::applied),
                     targets_text(targets_.size()), migrate.waves.size(), migrate.waves.size() == 1 ? "" : "s",
                     count_of(results, FleetOutcome::up_to_date));
}

std::vector<std::string> FleetStage::applied() const {
  std::vector<std::string> out;
  for (const std::vector<std::string>& tags : applied_)
    for (const std::string& tag : tags)
      if (std::find(out.begin(), out.end(), tag) == out.end()) out.push_back(tag);
  std::sort(out.begin(), out.end());
  return out;
}

std::string FleetStage::state() const {
  const auto some = std::count_if(applied_.begin(), applied_.end(), [](const auto& tags) { return !tags.empty(); });
  return fmt::format("{} of {} migrated by this run, {} failed, {} not begun", some, targets_text(targets_.size()),
                     failed_, waiting_);
}

std::string FleetStage::verify(const history::Folder& folder) {
  std::vector<std::string> wrong;
  const std::vector<apply::FleetState> states =
      apply::look_at_fleet(targets_, folder, config_.ledger, static_cast<size_t>(fleet_.parallel), {});
  for (size_t i = 0; i < targets_.size(); i++) {
    const apply::FleetState& state = states[i];
    if (!state.status)
      wrong.push_back(targets_[i].name + ": " + (state.error ? state.error->what() : "it could not be read"));
    else if (state.status->count(apply::State::applied) != state.status->items.size() || !state.status->unknown.empty())
      wrong.push_back(targets_[i].name + ": its ledger is not the folder");
  }
  if (!wrong.empty())
    throw Error(fmt::format("{} are not what the folder says", targets_text(wrong.size())),
                {.detail = listed(wrong), .hint = "sluice fleet status " + fleet_.name});
  return fmt::format("{} migrations applied on {}", folder.entries().size(), targets_text(targets_.size()));
}

std::vector<std::string> FleetStage::drift(const history::Folder& folder) {
  std::vector<TargetDrift> found;
  {
    ProgressLine line(terminal_);
    size_t done = 0;
    found = find_fleet_drift(targets_, config_, fleet_, folder, {},
                             [&] { line.show("compared", ++done, targets_.size(), ""); });
  }
  std::vector<std::string> out, failed;
  for (size_t i = 0; i < found.size(); i++) {
    if (found[i].error) failed.push_back(targets_[i].name + ": " + sentence(*found[i].error));
    if (!found[i].drift || found[i].drift->empty()) continue;
    const std::vector<std::string> lines = lines_of(*found[i].drift);
    out.push_back(targets_[i].name + ": " + sql::one_line(lines.front(), 100) +
                  (lines.size() > 1 ? fmt::format(" and {} more", lines.size() - 1) : ""));
  }
  if (!failed.empty())
    throw Error(fmt::format("{} cannot be compared with what the migrations make", targets_text(failed.size())),
                {.detail = listed(failed),
                 .hint = "'sluice fleet drift " + fleet_.name + "' looks again; ignore_drift = true goes without."});
  if (out.empty()) return out;
  return text::split(listed(out), "\n");
}

std::string FleetStage::take_back(const history::Folder& folder, const apply::RunInfo& info) {
  apply::FleetOptions back = options();
  back.migrate.run = info;
  back.waves = {targets_.size()};
  back.halt = targets_.size() + 1;  // each target that can go back is to
  look_at_ways_back(back, targets_, terminal_);
  for (const std::vector<std::string>& tags : applied_) back.back.push_back(tags.size());
  const std::string text = text::join(applied(), ", ");
  const std::vector<apply::FleetResult> results = run(folder, back, "taken back");
  applied_.assign(targets_.size(), {});
  return fmt::format("{} taken back on {}", text, targets_text(count_of(results, FleetOutcome::applied)));
}

}  // namespace sluice::cli
