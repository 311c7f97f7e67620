// Applies what is pending.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "apply/migrate.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "base/trace.hpp"
#include "cli/backfill_report.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/judgement.hpp"
#include "cli/preflight.hpp"
#include "cli/steps.hpp"
#include "server/user_session.hpp"
#include "sluice/version.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

void require_folder(const history::Folder& folder) {
  if (folder.exists() && (!folder.entries().empty() || fs::exists(folder.path() / "meta" / "_journal.json"))) return;
  ErrorContext context;
  context.at.file = folder.path().string();
  context.hint = "Run 'sluice generate' first, or set 'out' in the configuration (or --out) to the migrations folder.";
  throw Error(folder.exists() ? "Can't find meta/_journal.json in the migrations folder"
                              : "the migrations folder does not exist",
              context);
}

namespace {

std::string random_run_id() { return fmt::format("{:08x}", std::random_device{}()); }

// What the folder was checked out at, for the history of runs.
std::optional<std::string> git_revision(const Config& config) {
  for (const char* name : {"GITHUB_SHA", "CI_COMMIT_SHA"})
    if (auto found = config.environment.find(name); found != config.environment.end() && !found->second.empty())
      return found->second.substr(0, 12);
  try {
    process::Options options;
    options.directory = config.directory;
    process::Result result = process::run({"git", "rev-parse", "--short=12", "HEAD"}, options);
    if (result.exit_code == 0) return std::string(text::trim(result.out));
  } catch (const Error&) {  // there is no git here
  }
  return std::nullopt;
}

// What would run, and what review says of it, with this database's objects and sizes; rows that would make it fail.
Exit print_dry_run(server::Connection& connection, const Config& config, const history::Folder& folder,
                   const apply::MigrateOptions& run, Terminal& terminal) {
  const apply::Ledger ledger = apply::read_ledger(connection, run.execute.ledger);
  apply::Status status = apply::compare(folder, ledger);
  apply::refuse_half_done(folder, ledger);
  std::vector<history::Migration> pending = apply::pending(folder, status, run);
  Json list = Json::array();
  std::vector<std::string_view> texts;
  for (const history::Migration& migration : pending) texts.emplace_back(migration.sql);
  review::Options options = review_options(config, texts);
  options.version = std::clamp(connection.version() / 10000, 13, 18);
  Judgement judgement(options, pending.empty() ? ddl::Catalog{} : live_catalog(connection));
  bool any = false;
  for (const history::Migration& migration : pending) {
    Json statements = Json::array();
    terminal.say(terminal.bold("-- " + migration.entry.file_name()));
    for (const sql::Chunk& chunk : sql::chunks(migration.sql))
      for (const sql::Statement& statement : sql::statements(chunk)) {
        statements.push_back(std::string(statement.text));
        terminal.say(std::string(statement.text) + ";");
      }
    Json findings = judgement.print(migration.entry.file_name(), migration.sql, &connection, terminal);
    any = any || !findings.empty();
    list.push_back({{"migration", migration.entry.tag}, {"statements", statements}, {"findings", findings}});
  }
  if (any) terminal.detail("  sluice review --pending says why, and what to do instead");
  Json obstacles = Json::array();
  for (const Obstacle& obstacle : preflight(connection, pending).obstacles) {
    Diagnostic diagnostic = to_diagnostic(obstacle);
    if (!terminal.json()) terminal.print(diagnostic);
    obstacles.push_back(to_json(diagnostic));
  }
  terminal.say(pending.empty() ? "Nothing to migrate"
                               : fmt::format("Dry run: {} pending, nothing was changed in {}", pending.size(),
                                             connection.describe()));
  if (terminal.json()) terminal.answer({{"status", "dry_run"}, {"pending", list}, {"obstacles", obstacles}});
  return Exit::done;
}

}  // namespace

apply::RunInfo run_info(const Config& config, const std::string& command) {
  return {random_run_id(), command, std::string(version()), git_revision(config)};
}

namespace {

server::Connection connect(const server::Target& target) {
  const server::Place place = server::place_of(target.url);
  trace::Span span("connect", {{"db.system.name", std::string("postgresql")},
                               {"db.namespace", place.database},
                               {"server.address", place.host},
                               {"server.port", place.port}});
  server::Connection connection(target);
  server::protect(connection);
  return connection;
}

}  // namespace

Runner::Runner(const Config& config, const std::string& command, Terminal& terminal)
    : info(run_info(config, command)),
      target{config.url, "sluice " + command + " " + info.run_id},
      connection(connect(target)) {
  connection.on_notice([&terminal](std::string_view severity, std::string_view message) {
    if (severity == "WARNING") terminal.warning(std::string(message));
  });
  execute.ledger = config.ledger;
  execute.run_id = info.run_id;
  execute.watch = target;
  execute.watch.application_name = "sluice watch";
  execute.warning = [&terminal](const std::string& text) { terminal.warning(text); };
  execute.backfill = config.settings.backfill;
  execute.backfill.progress = backfill_report(terminal);
  execute.step_done = [&terminal](const apply::StepReport& step) { terminal.detail(describe(step)); };
  execute.lock.waiting = [&terminal](const std::string& holder) {
    terminal.warning("waiting for another runner: " + holder);
  };
}

void apply_run_options(const RunOptions& options, apply::ExecuteOptions& execute) {
  execute.lock.patience = execute.lock_patience = std::chrono::seconds(options.wait_seconds);
  if (options.lock_timeout)
    execute.lock_timeout = std::chrono::milliseconds(static_cast<long>(*options.lock_timeout * 1000));
  if (options.max_stall) execute.max_stall = std::chrono::milliseconds(static_cast<long>(*options.max_stall));
  if (options.pause_file) execute.backfill.pause_file = *options.pause_file;
  execute.keep.enabled = !options.no_keep;
  execute.keep.max_bytes = static_cast<std::int64_t>(options.keep_limit * 1e6);
}

namespace {

OutOfOrder policy_of(const Config& config, const MigrateOptions& options) {
  if (options.allow_out_of_order) return OutOfOrder::apply;
  if (!options.out_of_order) return config.settings.out_of_order;
  return *options.out_of_order == "apply"    ? OutOfOrder::apply
         : *options.out_of_order == "rebase" ? OutOfOrder::rebase
                                             : OutOfOrder::refuse;
}

// Pending migrations that are dated before an applied one go behind all others. Where others run the same files, that
// is done in the repository and not in passing.
void rebase_out_of_order(const Config& config, server::Connection& connection, const history::Folder& folder,
                         Terminal& terminal) {
  apply::Status status = apply::compare(folder, apply::read_ledger(connection, config.ledger));
  std::vector<std::string> tags;
  for (const apply::Item& item : status.items)
    if (item.state == apply::State::out_of_order && !item.progress) tags.push_back(item.entry.tag);
  if (tags.empty()) return;
  if (!connection.is_local()) {
    ErrorContext context;
    context.at.file = (folder.path() / (tags.front() + ".sql")).string();
    context.exit = Exit::refused;
    context.state = "Nothing was changed.";
    context.hint = "Run 'sluice rebase --ours " + tags.front() + "' where the folder is edited, and commit it.";
    throw Error(tags.front() + ".sql is dated before a migration that is applied in " + connection.describe() +
                    "; it gets another number only on the way to a database on this machine",
                context);
  }
  rebase_pending(config, tags, terminal);
}

// Applies them, or prints what would be applied.
std::optional<std::vector<apply::Applied>> apply_or_print(const Config& config, const MigrateOptions& options,
                                                          const Told* told, Terminal& terminal, std::string& where) {
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  Runner runner(config, "migrate", terminal);
  server::Connection& connection = runner.connection;
  where = connection.describe();
  apply::MigrateOptions run;
  run.execute = runner.execute;
  run.run = runner.info;
  const OutOfOrder policy = policy_of(config, options);
  run.allow_out_of_order = policy == OutOfOrder::apply;
  run.to = options.to;
  run.single_transaction = options.single_transaction;
  apply_run_options(options.run, run.execute);
  if (told) {
    run.execute.warning = told->warning;
    run.execute.lock.waiting = [&](const std::string& holder) { told->warning("another runner: " + holder); };
    run.execute.step_done = [told](const apply::StepReport& step) { told->step(one_line(step)); };
    run.execute.backfill.progress = [told, at = 0.0](const apply::BackfillProgress& now) mutable {
      if (!now.done && now.seconds >= at && now.seconds < at + 1) return;
      at = now.seconds;
      told->backfilling(one_line(now));
    };
  }
  run.skip_deleted = connection.is_local();
  if (policy == OutOfOrder::rebase && !options.dry_run) {
    rebase_out_of_order(config, connection, folder, terminal);
    folder = history::Folder::open(config.out);
  }
  if (options.dry_run) {
    print_dry_run(connection, config, folder, run, terminal);
    return std::nullopt;
  }
  if (options.preflight)
    refuse_obstacles(
        connection,
        apply::pending(folder, apply::compare(folder, apply::read_ledger(connection, run.execute.ledger)), run),
        terminal);

  run.before = [&, guard = options.safeguard](const history::Migration& migration,
                                              const apply::Ledger& ledger) mutable {
    safeguard(connection, config, migration, ledger, runner.info.run_id, guard, terminal);
  };
  run.renamed = [&](size_t rows) {
    terminal.success(fmt::format("{} {} of the table of migrations {} the name of {} folder now", rows,
                                 rows == 1 ? "row" : "rows", rows == 1 ? "has" : "have", rows == 1 ? "its" : "their"));
  };
  run.applying = [&](const history::Migration& migration) {
    terminal.success("Applying migration: " + migration.entry.file_name());
    if (told) told->applying(migration.entry.tag);
  };
  run.applied = [&](const history::Migration& migration, double milliseconds) {
    if (told) told->applied(migration.entry.tag, milliseconds);
  };
  return apply::migrate(connection, folder, run);
}

}  // namespace

void apply_pending(const Config& config, const std::optional<std::string>& to, const Told& told, Terminal& terminal) {
  MigrateOptions options;
  options.to = to;
  options.run.wait_seconds = 30;
  std::string where;
  apply_or_print(config, options, &told, terminal, where);
}

Exit run_migrations(const Config& config, const MigrateOptions& options, Terminal& terminal) {
  std::string where;
  const std::optional<std::vector<apply::Applied>> applied = apply_or_print(config, options, nullptr, terminal, where);
  if (!applied) return Exit::done;
  const std::vector<apply::Applied>& done = *applied;
  if (done.empty())
    terminal.say("Nothing to migrate: " + where + " is up to date");
  else
    terminal.success(done.size() == 1 ? "Migration applied successfully"
                                      : fmt::format("Migration applied successfully ({} migrations)", done.size()));
  if (terminal.json()) {
    Json list = Json::array();
    for (const apply::Applied& each : done)
      list.push_back({{"migration", each.tag}, {"durationMs", each.milliseconds}});
    terminal.answer({{"status", "ok"}, {"applied", list}});
  }
  return Exit::done;
}

Exit migrate(const MigrateOptions& options, Terminal& terminal) {
  return run_migrations(load_config(options.overrides, {Needs::folder, Needs::database}), options, terminal);
}

void add_run_options(CLI::App* command, RunOptions& options) {
  command->add_option("--wait", options.wait_seconds, "seconds to wait for another runner, and for locks (default 300)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--lock-timeout", options.lock_timeout,
                   "seconds that a statement waits for its lock before it lets others go first and tries again "
                   "(default: the role's setting, else 3; 0: no limit)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--max-stall", options.max_stall,
                   "the longest that others may wait for this run, for example 200ms: a statement that makes them wait "
                   "gives way and is tried again")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"ms", 1}, {"s", 1000}},
                                        CLI::AsNumberWithUnit::CASE_SENSITIVE))
      ->check(CLI::Range(10.0, 600000.0));
  command->add_option("--pause-file", options.pause_file, "backfills pause while this file exists");
  command->add_flag("--no-keep", options.no_keep, "do not keep a copy of what is dropped or converted");
  command
      ->add_option("--keep-limit", options.keep_limit,
                   "MB of a table or column up to which a copy is kept (default 100)")
      ->check(CLI::NonNegativeNumber);
}

void add_migrate(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<MigrateOptions>();
  CLI::App* command =
      add_command(app, chosen, "migrate",
                  "Apply the pending migrations, each in a transaction of its own; go on after an interruption",
                  "  sluice migrate\n  sluice migrate --dry-run\n  sluice migrate --url \"$STAGING_URL\"");
  add_location_options(command, options->overrides, true);
  command->add_flag("--dry-run", options->dry_run, "print the SQL that would run, change nothing");
  command
      ->add_option("--out-of-order", options->out_of_order,
                   "a pending migration dated before an applied one: refuse, apply, or rebase it behind all others "
                   "(default: [migrate] out_of_order of sluice.toml, else refuse)")
      ->check(CLI::IsMember({"refuse", "apply", "rebase"}));
  command->add_flag("--allow-out-of-order", options->allow_out_of_order, "the same as --out-of-order apply");
  CLI::Option* backup = command->add_flag("--backup", options->safeguard.always,
                                          "before each migration, as before one that is marked major: a restore point, "
                                          "and what [backup] of sluice.toml says");
  command->add_flag("--no-backup", options->safeguard.never, "make none of that")->excludes(backup);
  command->add_option("--to", options->to, "number or name of the last migration to apply");
  command->add_flag("--single-transaction", options->single_transaction,
                    "all pending migrations in one transaction: all of them, or none");
  command->add_flag("!--no-preflight", options->preflight,
                    "do not look for rows that would make a statement fail before the first one runs");
  add_run_options(command, options->run);
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return migrate(*options, terminal); }; });
}

}  // namespace sluice::cli
