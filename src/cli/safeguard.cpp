#include "cli/safeguard.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "apply/losses.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/preflight.hpp"
#include "ddl/fold.hpp"
#include "impact/impact.hpp"
#include "server/local.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

// What stands behind the named relations: partitions and tables that inherit; of those whose rows are written also the
// tables that a view reads, and the tables whose rows go or change with them by their foreign keys.
constexpr const char* behind = R"(
WITH RECURSIVE hit(oid, written) AS (
  SELECT pg_catalog.to_regclass(name)::pg_catalog.oid, written
  FROM unnest($1::text[], $2::boolean[]) AS given(name, written)
  UNION
  SELECT next.oid, hit.written FROM hit CROSS JOIN LATERAL (
    SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = hit.oid
    UNION ALL
    SELECT conrelid FROM pg_catalog.pg_constraint
    WHERE hit.written AND contype = 'f' AND confrelid = hit.oid
      AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd'))
    UNION ALL
    SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
    WHERE hit.written AND r.ev_class = hit.oid AND d.refobjid <> hit.oid
      AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  ) next(oid)
)
SELECT DISTINCT n.nspname, c.relname FROM hit JOIN pg_catalog.pg_class c ON c.oid = hit.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'pg_catalog')";

std::string array_of(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items)
    out += (out.empty() ? "\"" : ",\"") + text::replace_all(text::replace_all(item, "\\", "\\\\"), "\"", "\\\"") + "\"";
  return "{" + out + "}";
}

// It may take columns and tables with it that are not in its text.
bool takes_unknown(const sql::ParsedStatement& statement) {
  if (!apply::may_take_more(statement.text)) return false;
  const std::vector<std::string> tokens = sql::tokens(statement.text);
  return !sql::begins_with(tokens, {"drop", "schema"}) && !sql::begins_with(tokens, {"drop", "type"});
}

// A DO block that plan wrote is about the tables that the statements around it touch: rights, comments, what is
// attached.
bool is_planned_block(const sql::ParsedStatement& statement) {
  return std::holds_alternative<sql::DoBlock>(statement.command) && statement.text.starts_with("DO $sluice$");
}

// The tables that are there before and that the migration touches, with what stands behind them; nothing if that cannot
// be told from its SQL.
std::optional<std::set<ddl::Name>> touched_tables(server::Connection& connection, const history::Migration& migration,
                                                  const std::vector<std::string>& schemas) {
  sql::ParsedFile parsed = sql::parse(migration.sql);
  if (!parsed.failures.empty()) return std::nullopt;
  const ddl::Catalog before = live_catalog(connection, schemas);
  ddl::Catalog catalog = before;
  impact::Session session;
  session.version = std::clamp(connection.version() / 10000, 13, 18);
  std::map<ddl::Name, bool> found;  // are its rows written?
  int number = 0;
  for (const sql::ParsedStatement& statement : parsed.statements) {
    impact::follow(session, statement);
    impact::Impact impact = impact::judge(catalog, statement, session);
    if (is_planned_block(statement)) continue;
    if (impact.opaque || takes_unknown(statement)) return std::nullopt;
    for (const impact::Touched& item : impact.touched) {
      const bool written = item.lock == impact::Lock::row_exclusive;
      const ddl::Relation* relation =
          item.index_of.empty() ? before.find(item.relation) : before.table_of_index(item.relation);
      if (relation && (relation->is_table() || written)) found[relation->name] |= written;
    }
    ddl::fold(catalog, statement, number++);
  }
  std::vector<std::string> names, written;
  for (const auto& [name, rows] : found) {
    names.push_back(sql::qualified(name.schema, name.name));
    written.emplace_back(rows ? "t" : "f");
  }
  std::set<ddl::Name> out;
  if (names.empty()) return out;
  const server::Rows tables = connection.query(behind, {array_of(names), array_of(written)});
  for (size_t i = 0; i < tables.size(); i++) {
    ddl::Name table = found.begin()->first;
    table.schema = tables.text(i, 0);
    table.name = tables.text(i, 1);
    out.insert(table);
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

void require_way_back(const apply::Recovery& recovery, const Config& config, const history::Migration& migration) {
  const BackupSettings& settings = config.settings.backup;
  if (recovery.archives || !settings.dump.empty() || !settings.pgbackrest.empty()) return;
  ErrorContext context;
  context.at.file = migration.file.string();
  context.exit = Exit::refused;
  context.state = "Nothing of " + migration.entry.file_name() + " was run.";
  context.hint =
      "A local server: run 'sluice db backup' once, then it archives its WAL. Any server: say in sluice.toml what "
      "to make,\n  [backup]\n  dump = \"backups\"\nOr run it again with --no-backup; with deploy, say backup = [\"…\"] "
      "in the stage.";
  throw Error(
      (apply::is_major(migration.sql) ? migration.entry.file_name() + " is marked major" : "--backup was given") +
          ", but the server does not archive its WAL, so a restore point would be of no use",
      context);
}

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
  require_way_back(recovery, config, migration);
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
