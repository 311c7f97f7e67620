#include "cli/safeguard.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/preflight.hpp"
#include "ddl/fold.hpp"
#include "impact/impact.hpp"
#include "server/local.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

// The tables that are there before and that the migration touches, with their partitions; nothing if that cannot be
// told from its SQL.
std::optional<std::set<ddl::Name>> touched_tables(server::Connection& connection, const history::Migration& migration,
                                                  const std::vector<std::string>& schemas) {
  sql::ParsedFile parsed = sql::parse(migration.sql);
  if (!parsed.failures.empty()) return std::nullopt;
  const ddl::Catalog before = live_catalog(connection, schemas);
  ddl::Catalog catalog = before;
  impact::Session session;
  session.version = std::clamp(connection.version() / 10000, 13, 18);
  std::set<ddl::Name> out;
  int number = 0;
  for (const sql::ParsedStatement& statement : parsed.statements) {
    impact::follow(session, statement);
    impact::Impact impact = impact::judge(catalog, statement, session);
    if (impact.opaque) return std::nullopt;
    for (const impact::Touched& item : impact.touched) {
      const ddl::Relation* relation =
          item.index_of.empty() ? before.find(item.relation) : before.table_of_index(item.relation);
      if (relation && relation->is_table()) out.insert(relation->name);
    }
    ddl::fold(catalog, statement, number++);
  }
  // A partitioned table has its rows in its partitions.
  for (const ddl::Name& name : std::set<ddl::Name>(out)) {
    server::Rows parts = connection.query(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_partition_tree($1::regclass) t JOIN pg_catalog.pg_class c ON "
        "c.oid = t.relid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
        {sql::identifier(name.schema) + "." + sql::identifier(name.name)});
    for (size_t i = 0; i < parts.size(); i++) {
      ddl::Name part = name;
      part.schema = parts.text(i, 0);
      part.name = parts.text(i, 1);
      out.insert(part);
    }
  }
  return out;
}

// One that is not older than the server, which pg_dump refuses.
std::string pg_dump_for(const server::Connection& connection, const fs::path& project) {
  for (const server::Binaries& binaries : server::find_binaries(project))
    if (binaries.major >= connection.version() / 10000 && fs::exists(binaries.directory / "pg_dump"))
      return (binaries.directory / "pg_dump").string();
  if (std::optional<fs::path> found = process::find_program("pg_dump")) return found->string();
  ErrorContext context;
  context.hint = "Install PostgreSQL's client, for example: apt-get install postgresql-client.";
  throw Error("pg_dump was not found, which [backup] in sluice.toml asks for", context);
}

std::string failure_of(const process::Result& result) {
  std::string text(text::trim(result.err.empty() ? result.out : result.err));
  return text.empty() ? fmt::format("exit code {}", result.exit_code) : text;
}

[[noreturn]] void fail(const std::string& what, const history::Migration& migration, const std::string& detail) {
  ErrorContext context;
  context.at.file = migration.file.string();
  context.detail = detail;
  context.state = "Nothing of " + migration.entry.file_name() + " was run.";
  context.hint = "Mend it, or run it again with --no-backup.";
  throw Error(what, context);
}

// Gives what was made, or nothing if there is nothing to save.
std::optional<std::string> dump(server::Connection& connection, const Config& config,
                                const history::Migration& migration, const std::string& run_id,
                                const std::vector<std::string>& schemas) {
  std::optional<std::set<ddl::Name>> tables = touched_tables(connection, migration, schemas);
  if (tables && tables->empty()) return std::nullopt;
  const fs::path directory = config.directory / config.settings.backup.dump;
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) fail("cannot make the directory '" + directory.string() + "'", migration, error.message());
  fs::permissions(directory, fs::perms::owner_all, error);  // the rows are for nobody else
  const fs::path file = directory / (migration.entry.tag + "_" + run_id + ".dump");
  server::PsqlTarget target = server::for_psql(config.url);
  std::vector<std::string> arguments{pg_dump_for(connection, config.directory), "--format=custom",
                                     "--dbname=" + target.text, "--file=" + file.string()};
  std::string what = "the whole database";
  if (tables) {
    what = fmt::format("{} {}", tables->size(), tables->size() == 1 ? "table" : "tables");
    for (const ddl::Name& table : *tables)
      arguments.push_back("--table=" + sql::identifier(table.schema) + "." + sql::identifier(table.name));
  }
  if (!tables && !schemas.empty()) {
    what = "schema " + schemas.front();
    arguments.push_back("--schema=" + sql::identifier(schemas.front()));
  }
  process::Options options;
  if (!target.password.empty()) options.environment.push_back("PGPASSWORD=" + target.password);
  process::Result result = process::run(arguments, options);
  if (result.exit_code != 0) {
    fs::remove(file, error);
    fail("pg_dump before " + migration.entry.tag + " failed", migration, failure_of(result));
  }
  return fmt::format("pg_dump of {}: {} ({} kB)", what, fs::proximate(file).string(),
                     (fs::file_size(file, error) + 999) / 1000);
}

std::string run_pgbackrest(const Config& config, const history::Migration& migration) {
  const std::string& stanza = config.settings.backup.pgbackrest;
  if (!process::find_program("pgbackrest"))
    fail("pgbackrest was not found, which [backup] in sluice.toml asks for", migration,
         "It runs on the machine of the server or of the repository: apt-get install pgbackrest");
  process::Result result = process::run({"pgbackrest", "--stanza=" + stanza, "--type=incr", "backup"});
  if (result.exit_code != 0)
    fail("pgbackrest before " + migration.entry.tag + " failed", migration, failure_of(result));
  return "pgbackrest backup of stanza " + stanza;
}

}  // namespace

void safeguard(server::Connection& connection, const Config& config, const history::Migration& migration,
               const apply::Ledger& ledger, const std::string& run_id, SafeguardOptions& options, Terminal& terminal) {
  if (options.never) return;
  const bool major = apply::is_major(migration.sql), wanted = options.always || major;
  if (!options.recovery) options.recovery = apply::recovery_of(connection);
  const apply::Recovery recovery = *options.recovery;
  if (!wanted) {
    if (recovery.archives && recovery.may_write_point)
      apply::write_restore_point(connection, config.ledger, ledger, migration.entry, run_id, "");
    return;
  }
  const BackupSettings& settings = config.settings.backup;
  if (!recovery.archives && settings.dump.empty() && settings.pgbackrest.empty()) {
    ErrorContext context;
    context.at.file = migration.file.string();
    context.exit = Exit::refused;
    context.state = "Nothing of " + migration.entry.file_name() + " was run.";
    context.hint =
        "A local server: run 'sluice db backup' once, then it archives its WAL. Any server: say in sluice.toml what "
        "to make,\n  [backup]\n  dump = \"backups\"\nOr run it again with --no-backup.";
    throw Error((major ? migration.entry.file_name() + " is marked major" : "--backup was given") +
                    ", but the server does not archive its WAL, so a restore point would be of no use",
                context);
  }
  std::vector<std::string> saved;
  if (!settings.dump.empty())
    if (std::optional<std::string> made = dump(connection, config, migration, run_id, options.schemas))
      saved.push_back(*made);
  if (!settings.pgbackrest.empty()) saved.push_back(run_pgbackrest(config, migration));
  apply::RestorePoint point =
      apply::write_restore_point(connection, config.ledger, ledger, migration.entry, run_id, text::join(saved, "; "));
  std::string line = "Before " + migration.entry.tag + ": ";
  if (!point.name.empty())
    line += "restore point '" + point.name + "'";
  else
    line += "the moment is noted, " + point.made_at + " (this role may not write a restore point by name)";
  for (const std::string& each : saved) line += "; " + each;
  terminal.success(line);
}

}  // namespace sluice::cli
