#include "cli/copies.hpp"

#include <fmt/format.h>

#include "apply/migrate.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "server/databases.hpp"
#include "server/user_session.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

constexpr size_t templates_kept = 6;  // for a few branches, migrated and seeded

// In names of databases, which end at 63 bytes.
std::string short_name(const std::string& database) {
  return database.size() <= 26 ? database : database.substr(0, 17) + "~" + files::sha256(database).substr(0, 8);
}

std::string template_prefix(const std::string& database) { return "sluice_template_" + short_name(database) + "_"; }

// Of all that decides what a migrated database looks like.
std::string checksum_of(const Config& config, const history::Folder& folder, server::Connection& connection) {
  std::string text =
      fmt::format("1\n{}\n{}\n", config.ledger.sql(), connection.execute("SELECT current_user").text(0, 0));
  for (const history::Entry& entry : folder.entries()) {
    std::optional<std::string> sql = files::read_if_exists(folder.path() / entry.file_name());
    text += fmt::format("{} {} {}\n", entry.tag, entry.when, sql ? files::sha256(*sql) : "missing");
  }
  return files::sha256(text);
}

void migrate_into(const Config& config, const std::string& database, const history::Folder& folder,
                  const std::function<void(const history::Migration&)>& applying, Terminal& terminal) {
  Config there = config;
  there.url = server::with_database(config.url, database);
  Runner runner(there, "migrate", terminal);
  apply::MigrateOptions run;
  run.execute = runner.execute;
  run.run = runner.info;
  run.skip_deleted = true;
  run.applying = applying;
  try {
    apply::migrate(runner.connection, folder, run);
  } catch (const Error& error) {
    ErrorContext context = error.context;
    context.state = "Nothing was changed: the migrations ran on a database of their own, which is dropped.";
    throw Error(error.what(), context);
  }
}

// Templates of branches and days gone by. One that is being copied just now is not in the way: another time.
void drop_old_templates(server::Connection& connection, const std::string& prefix) {
  std::vector<server::Database> found = server::databases(connection, prefix);
  std::erase_if(found, [](const server::Database& database) { return database.name.ends_with("_new"); });
  for (size_t i = 0; i + templates_kept < found.size(); i++) {
    try {
      server::drop_database(connection, found[i].name);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
    }
  }
}

}  // namespace

server::Connection connect_local(const Config& config, const std::string& command) {
  server::Target target;
  target.url = config.url;
  target.application_name = "sluice " + command;
  server::Connection connection(target);
  server::protect(connection);
  if (connection.is_local()) return connection;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Point DATABASE_URL (or --url) to a database on this machine.";
  throw Error(command + " works on a database of this machine only, not on " + connection.describe(), context);
}

server::Connection connect_beside(const Config& config, const std::string& name) {
  server::Target target;
  target.url = config.url;
  target.application_name = "sluice db";
  target.database = name == "postgres" ? "template1" : "postgres";
  try {
    return server::Connection(target);
  } catch (const Error& error) {
    if (target.database == "template1" || error.context.sqlstate != "3D000") throw;
  }
  target.database = "template1";
  return server::Connection(target);
}

std::string current_database(server::Connection& connection) {
  return connection.execute("SELECT pg_catalog.current_database()").text(0, 0);
}

std::string fork_prefix(const std::string& database) { return "sluice_fork_" + short_name(database) + "_"; }
std::string snapshot_prefix(const std::string& database) { return "sluice_snapshot_" + short_name(database) + ":"; }

ProjectTemplate project_template(const Config& config, server::Connection& connection, const ProjectSeed& seed,
                                 const std::function<void(const history::Migration&)>& applying, Terminal& terminal) {
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  const std::string prefix = template_prefix(current_database(connection));
  const std::string migrations = checksum_of(config, folder, connection);
  server::Template migrated{prefix + migrations.substr(0, 16), "template1", {}, {}};
  migrated.fill = [&](const std::string& database) { migrate_into(config, database, folder, applying, terminal); };
  migrated.waiting = [&](const std::string&) { terminal.note("Waiting for another process that makes the template"); };
  server::Template wanted = migrated;
  if (!seed.empty()) {
    wanted.name = prefix + files::sha256(migrations + seed.checksum).substr(0, 16);
    wanted.source = migrated.name;
    wanted.fill = [&](const std::string& database) {
      run_project_seed(seed, server::with_database(config.url, database), 2, terminal);
    };
  }
  ProjectTemplate out{wanted.name, false};
  if (server::database_exists(connection, wanted.name)) return out;
  if (!seed.empty()) server::ensure_template(connection, migrated);
  out.built = server::ensure_template(connection, wanted);
  if (out.built) drop_old_templates(connection, prefix);
  return out;
}

bool can_be_template(const history::Folder& folder) {
  for (const history::Entry& entry : folder.entries()) {
    std::optional<std::string> sql = files::read_if_exists(folder.path() / entry.file_name());
    if (!sql) continue;
    for (const sql::Chunk& chunk : sql::chunks(*sql))
      for (const std::string& token : sql::tokens(chunk.text)) {
        bool body = token.starts_with('$');  // of a DO block
        if (token == "database" || token == "current_database" ||
            (body && text::to_lower(token).find("database") != std::string::npos))
          return false;
      }
  }
  return true;
}

}  // namespace sluice::cli
