// An empty database again, migrated and seeded, as `supabase db reset` makes it. It is copied from a template, so that
// the second time takes a moment, and a migration that fails leaves the database as it is.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "apply/lock.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/copies.hpp"
#include "cli/db.hpp"
#include "cli/live.hpp"
#include "server/connection_text.hpp"
#include "server/databases.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

struct ResetOptions {
  DatabaseOptions where;
  bool no_migrate = false, no_seed = false;
};

void refuse_supabase(server::Connection& connection) {
  server::Rows rows = connection.execute(
      "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname IN ('supabase_migrations', 'storage'))");
  if (rows.text(0, 0) != "t") return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Run 'supabase db reset', then 'sluice migrate'.";
  throw Error(
      connection.describe() + " belongs to Supabase's local stack, whose own schemas and roles a reset would lose",
      context);
}

// True if another reset has dropped the database and is about to make it again, or has by now.
bool being_made(const Config& config) {
  const std::string database = server::place_of(config.url).database;
  server::Connection beside = connect_beside(config, database);
  // Order matters: one that is at work no more has made it.
  const bool at_work = !beside
                            .execute(
                                "SELECT FROM pg_catalog.pg_stat_activity WHERE application_name = 'sluice db' AND pid "
                                "<> pg_catalog.pg_backend_pid()")
                            .empty();
  return at_work || server::database_exists(beside, database);
}

// A database that is not there yet, of a fresh clone.
void create_missing(const Config& config) {
  refuse_protected(config, "db reset");
  const std::string database = server::parse_connection_text(config.url)["dbname"];
  Config beside = config;
  beside.url = server::with_database(config.url, database == "postgres" ? "template1" : "postgres");
  server::Connection connection = connect_local(beside, "db reset");
  try {
    server::copy_database(connection, "template1", database);
  } catch (const Error& error) {
    const std::string& state = error.context.sqlstate;
    if (state != "42P04" && state != "23505") throw;  // another reset was faster
  }
}

// A connection to the database that holds the runners' lock: nobody is at work there, and nobody begins. Another reset
// that had the lock has dropped the database under us: then it is asked for again.
server::Connection lock_database(const Config& config, Terminal& terminal) {
  apply::LockOptions lock;
  lock.waiting = [&](const std::string& holder) { terminal.warning("waiting for " + holder); };
  const auto give_up_at = std::chrono::steady_clock::now() + lock.patience;
  for (;;) {
    std::optional<server::Connection> connection;
    try {
      connection.emplace(connect_local(config, "db reset"));
      refuse_supabase(*connection);
      refuse_protected(config, "db reset", &*connection);
      apply::take_lock(*connection, config.ledger, apply::LockScope::session, lock);
      // The holder's session may have been ended by its own DROP DATABASE, and ours is about to be.
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      connection->execute("SELECT 1");
      return std::move(*connection);
    } catch (const Error& error) {
      // Thrown out while it connected (57P01, or 08006 where the farewell was lost), or there was no database then.
      const std::string& state = error.context.sqlstate;
      const bool missing = !connection && state == "3D000";
      const bool thrown_out = connection ? connection->broken() : state == "57P01" || state == "08006";
      if ((!missing && !thrown_out) || error.context.exit == Exit::interrupted ||
          std::chrono::steady_clock::now() > give_up_at)
        throw;
      if (missing && !being_made(config)) create_missing(config);
    }
    interrupt::check();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

// Drops the database and makes it again, with the owner that it had.
void recreate(const Config& config, const std::string& database, const std::string& source) {
  server::Connection beside = connect_beside(config, database);
  server::Rows owner = beside.query(
      "SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = $1", {database});
  server::drop_database(beside, database);
  server::copy_database(beside, source, database, owner.text(0, 0));
}

Exit db_reset(const ResetOptions& options, Terminal& terminal) {
  auto start = std::chrono::steady_clock::now();
  Overrides overrides = with_local_server(options.where);
  Config config = load_config(overrides, {Needs::folder, Needs::database});
  ProjectSeed seed;
  if (!options.no_seed && !options.no_migrate) seed = project_seed(config);
  std::string database, description;
  ProjectTemplate made{"template1", false};
  bool copied = false;
  history::Folder folder = history::Folder::open(config.out);
  {
    server::Connection connection = lock_database(config, terminal);
    database = current_database(connection);
    description = connection.describe();
    if (!options.no_migrate && can_be_template(folder)) {
      copied = true;
      made = project_template(
          config, connection, seed,
          [&](const history::Migration& migration) {
            terminal.success("Applying migration: " + migration.entry.file_name());
          },
          terminal);
    }
    // Order matters: the lock is held until the database that it is in goes.
    recreate(config, database, made.name);
  }
  auto took = [&] {
    return text::duration(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  };
  if (copied || options.no_migrate) {
    terminal.success(fmt::format("Reset {}{}{} ({})", description,
                                 copied ? ": " + text::counted(folder.entries().size(), "migration") : ": empty",
                                 copied && !seed.empty() ? ", seeded" : "", took()));
    if (terminal.json())
      terminal.answer({{"status", "ok"},
                       {"database", database},
                       {"migrations", copied ? folder.entries().size() : 0},
                       {"seeded", copied && !seed.empty()},
                       {"template", copied ? Json(made.name) : Json(nullptr)},
                       {"templateBuilt", made.built}});
    return Exit::done;
  }
  terminal.success("Reset " + description);
  MigrateOptions migrate;
  migrate.overrides = overrides;
  Exit exit = run_migrations(config, migrate, terminal);
  if (exit == Exit::done && !seed.empty()) run_project_seed(seed, config.url, terminal.json() ? 2 : 1, terminal);
  return exit;
}

}  // namespace

void add_db_reset(CLI::App& db, Chosen& chosen) {
  auto options = std::make_shared<ResetOptions>();
  CLI::App* command =
      add_command(db, chosen, "reset", "Drop the project's database, make it again, apply all migrations and seed it",
                  "  sluice db reset\n  sluice db reset --no-seed");
  add_location_options(command, options->where.overrides, true);
  add_server_options(command, options->where);
  command->add_flag("--no-migrate", options->no_migrate, "leave it empty");
  command->add_flag("--no-seed", options->no_seed, "leave the tables as the migrations make them");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return db_reset(*options, terminal); }; });
}

}  // namespace sluice::cli
