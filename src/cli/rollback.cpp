// Takes back the last migrations, with their reverse SQL.
#include "apply/rollback.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/preflight.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

struct RollbackOptions {
  Overrides overrides;
  size_t steps = 1;
  std::optional<std::string> to;
  bool dry_run = false, yes = false, preflight = true;
  RunOptions run;
};

// With what will not come back, since it was not kept.
Json print_plan(const std::vector<apply::Back>& plan, const std::vector<apply::Kept>& kept, Terminal& terminal) {
  Json list = Json::array();
  for (const apply::Back& back : plan) {
    std::string at = back.row.applied_at ? "  (applied " + *back.row.applied_at + ")" : "";
    terminal.say("  " + terminal.bold(back.entry.tag) + at);
    Json statements = Json::array();
    for (const sql::Chunk& chunk : sql::chunks(back.sql))
      for (const sql::Statement& statement : sql::statements(chunk)) {
        statements.push_back(std::string(statement.text));
        terminal.detail("    " + sql::one_line(statement.text, 110) + ";");
      }
    if (statements.empty()) terminal.detail("    (no statements: only the row in the ledger is taken away)");
    Json lacking = Json::array();
    for (const apply::Kept& each : kept) {
      if (each.kind != "not_kept" || each.direction != "up" || each.migration != back.row.name.value_or(back.entry.tag))
        continue;
      terminal.warning("the values of " + each.object + " do not come back: " + each.reason);
      lacking.push_back({{"object", each.object}, {"reason", each.reason}});
    }
    list.push_back({{"migration", back.entry.tag}, {"statements", statements}, {"doesNotComeBack", lacking}});
  }
  return list;
}

// Data may be lost: a database that is not on this machine is asked for by name; any, if rows go that are not kept.
void confirm(server::Connection& connection, const std::vector<apply::Back>& plan, const apply::KeepOptions& keep,
             bool yes, Terminal& terminal) {
  if (yes) return;
  std::vector<std::string> lost;
  if (keep.enabled)
    for (const apply::Back& back : plan)
      for (std::string& table : apply::too_large_to_keep(connection, back.sql, keep)) lost.push_back(std::move(table));
  if (lost.empty() && connection.is_local()) return;
  for (const std::string& table : lost)
    terminal.warning(table + " is dropped with its rows, which are more than is kept (--keep-limit)");
  std::string database = connection.execute("SELECT pg_catalog.current_database()").text(0, 0);
  if (terminal.interactive() &&
      terminal.ask("This changes " + connection.describe() + ". Type '" + database + "' to go on:") == database)
    return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Run it again with --yes.";
  if (!lost.empty()) {
    context.hint = "Run it again with a --keep-limit (in MB) that is larger, or with --yes to let the rows go.";
    throw Error("rolling back would lose the rows of " + text::join(lost, ", ") + ", which was not confirmed", context);
  }
  throw Error("rolling back " + connection.describe() + ", which is not on this machine, was not confirmed", context);
}

Exit rollback(const RollbackOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder, Needs::database});
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  Runner runner(config, "rollback", terminal);
  apply::RollbackOptions run;
  run.execute = runner.execute;
  run.run = runner.info;
  run.steps = options.steps;
  run.to = options.to;
  apply_run_options(options.run, run.execute);

  const apply::Ledger ledger = apply::read_ledger(runner.connection, config.ledger);
  std::vector<apply::Back> plan = apply::plan_rollback(folder, ledger, run);
  if (plan.empty()) {
    terminal.say("Nothing to roll back in " + runner.connection.describe());
    if (terminal.json()) terminal.answer({{"status", "ok"}, {"rolledBack", Json::array()}});
    return Exit::done;
  }
  terminal.say((options.dry_run ? "Would roll back in " : "Rolling back in ") + runner.connection.describe() + ":");
  std::vector<apply::Kept> kept;
  if (ledger.readable.contains("kept")) kept = apply::read_kept(runner.connection, config.ledger);
  Json list = print_plan(plan, kept, terminal);
  if (options.dry_run) {
    terminal.say("Dry run: nothing was changed");
    if (terminal.json()) terminal.answer({{"status", "dry_run"}, {"plan", list}});
    return Exit::done;
  }
  confirm(runner.connection, plan, run.execute.keep, options.yes, terminal);
  run.rolling_back = [&](const std::string& tag) {
    terminal.success("Rolling back migration: " + tag + (folder.dated() ? "" : ".sql"));
  };
  if (options.preflight)
    run.look = [&](server::Connection& connection, const history::Migration& down) {
      refuse_obstacles_of_way_back(connection, down, terminal);
    };
  std::vector<apply::Applied> done = apply::rollback(runner.connection, folder, plan, run);
  terminal.success(done.size() == 1
                       ? "Migration rolled back; its file is pending again"
                       : fmt::format("{} migrations rolled back; their files are pending again", done.size()));
  if (terminal.json()) {
    Json back = Json::array();
    for (const apply::Applied& each : done)
      back.push_back({{"migration", each.tag}, {"durationMs", each.milliseconds}});
    terminal.answer({{"status", "ok"}, {"rolledBack", back}});
  }
  return Exit::done;
}

}  // namespace

void add_rollback(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<RollbackOptions>();
  CLI::App* command = add_command(app, chosen, "rollback", "Take back the last migrations with their .down.sql files",
                                  "  sluice rollback                # the last one\n"
                                  "  sluice rollback --steps 2 --dry-run\n"
                                  "  sluice rollback --to 0002      # 0002 stays applied, what came after it goes\n"
                                  "  sluice rollback --to none      # everything");
  add_location_options(command, options->overrides, true);
  CLI::Option* steps = command->add_option("--steps", options->steps, "how many migrations (default 1)");
  steps->check(CLI::PositiveNumber);
  command->add_option("--to", options->to, "number or name of the migration to go back to; 'none' for all the way")
      ->excludes(steps);
  command->add_flag("--dry-run", options->dry_run, "print what would run, change nothing");
  command->add_flag("--yes,-y", options->yes,
                    "do not ask, also for a database that is not on this machine, or if rows go that are not kept");
  command->add_flag("!--no-preflight", options->preflight,
                    "do not look first for rows that would make a way back of several steps fail");
  add_run_options(command, options->run);
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return rollback(*options, terminal); }; });
}

}  // namespace sluice::cli
