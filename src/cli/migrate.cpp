// Applies what is pending.
#include <fmt/format.h>
#include <unistd.h>

#include <random>

#include "apply/migrate.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

void require_folder(const history::Folder& folder) {
  if (folder.exists() && (!folder.entries().empty() || fs::exists(folder.path() / "meta" / "_journal.json"))) return;
  ErrorContext context;
  context.at.file = folder.path().string();
  context.hint = "Run 'sluice generate' first, or set 'out' in the configuration (or --out) to the migrations folder.";
  throw Error(folder.exists() ? "Can't find meta/_journal.json in the migrations folder"
                              : "the migrations folder does not exist",
              context);
}

std::string random_run_id() { return fmt::format("{:08x}", std::random_device{}()); }

Exit print_dry_run(server::Connection& connection, const history::Folder& folder, const apply::MigrateOptions& run,
                   Terminal& terminal) {
  apply::Status status = apply::compare(folder, apply::read_ledger(connection, run.ledger));
  std::vector<history::Migration> pending = apply::pending(folder, status, run);
  Json list = Json::array();
  for (const history::Migration& migration : pending) {
    Json statements = Json::array();
    terminal.say(terminal.bold("-- " + migration.entry.file_name()));
    for (const sql::Chunk& chunk : sql::chunks(migration.sql))
      for (const sql::Statement& statement : sql::statements(chunk)) {
        statements.push_back(std::string(statement.text));
        terminal.say(std::string(statement.text) + ";");
      }
    list.push_back({{"migration", migration.entry.tag}, {"statements", statements}});
  }
  terminal.say(pending.empty() ? "Nothing to migrate"
                               : fmt::format("Dry run: {} pending, nothing was changed in {}", pending.size(),
                                             connection.describe()));
  if (terminal.json()) terminal.answer({{"status", "dry_run"}, {"pending", list}});
  return Exit::done;
}

}  // namespace

Exit run_migrations(const Config& config, const MigrateOptions& options, Terminal& terminal) {
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  apply::MigrateOptions run;
  run.ledger = config.ledger;
  run.allow_out_of_order = options.allow_out_of_order;
  run.run_id = random_run_id();
  run.lock.patience = std::chrono::seconds(options.wait_seconds);
  server::Target target;
  target.url = config.url;
  target.application_name = "sluice migrate " + run.run_id;
  server::Connection connection(target);
  connection.on_notice([&](std::string_view severity, std::string_view message) {
    if (severity == "WARNING") terminal.warning(std::string(message));
  });
  run.skip_deleted = connection.is_local();
  if (options.dry_run) return print_dry_run(connection, folder, run, terminal);

  run.lock.waiting = [&](const std::string& holder) { terminal.warning("waiting for another runner: " + holder); };
  run.warning = [&](const std::string& text) { terminal.warning(text); };
  run.applying = [&](const history::Migration& migration) {
    terminal.success("Applying migration: " + migration.entry.file_name());
  };
  std::vector<apply::Applied> done = apply::migrate(connection, folder, run);
  if (done.empty())
    terminal.say("Nothing to migrate: " + connection.describe() + " is up to date");
  else
    terminal.success(done.size() == 1 ? "Migration applied successfully"
                                      : fmt::format("Migration applied successfully ({} migrations)", done.size()));
  if (terminal.json()) {
    Json list = Json::array();
    for (const apply::Applied& applied : done)
      list.push_back({{"migration", applied.tag}, {"durationMs", applied.milliseconds}});
    terminal.answer({{"status", "ok"}, {"applied", list}});
  }
  return Exit::done;
}

Exit migrate(const MigrateOptions& options, Terminal& terminal) {
  return run_migrations(load_config(options.overrides, {Needs::folder, Needs::database}), options, terminal);
}

void add_migrate(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<MigrateOptions>();
  CLI::App* command =
      add_command(app, chosen, "migrate", "Apply the pending migrations, each in a transaction of its own",
                  "  sluice migrate\n  sluice migrate --dry-run\n  sluice migrate --url \"$STAGING_URL\"");
  add_location_options(command, options->overrides, true);
  command->add_flag("--dry-run", options->dry_run, "print the SQL that would run, change nothing");
  command->add_flag("--allow-out-of-order", options->allow_out_of_order,
                    "also apply migrations dated before the last applied one");
  command->add_option("--wait", options->wait_seconds, "seconds to wait for another runner (default 300)")
      ->check(CLI::NonNegativeNumber);
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return migrate(*options, terminal); }; });
}

}  // namespace sluice::cli
