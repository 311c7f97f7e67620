#include "apply/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

// Runs statements that the role may lack the right for (42501). True if they worked.
bool try_to(Connection& connection, const std::string& sql) {
  connection.execute("SAVEPOINT sluice_optional");
  try {
    connection.execute(sql);
    connection.execute("RELEASE SAVEPOINT sluice_optional");
    return true;
  } catch (const Error& error) {
    if (error.context.sqlstate != "42501") throw;
    connection.execute("ROLLBACK TO SAVEPOINT sluice_optional");
    return false;
  }
}

// Everything that drizzle's table has no room for. docs/formats.md describes them.
constexpr std::array<std::pair<const char*, const char*>, 5> own_tables{{
    {"log", R"(CREATE TABLE IF NOT EXISTS sluice.log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  hash text NOT NULL,
  started_at timestamptz NOT NULL,
  duration_ms double precision NOT NULL,
  run_id text NOT NULL,
  applied_by text NOT NULL DEFAULT current_user
))"},
    {"steps", R"(CREATE TABLE IF NOT EXISTS sluice.steps (
  ledger text NOT NULL,
  name text NOT NULL,
  direction text NOT NULL,
  done integer NOT NULL,
  total integer NOT NULL,
  done_hash text NOT NULL,
  intent text,
  before text NOT NULL,
  run_id text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (ledger, name)
))"},
    {"runs", R"(CREATE TABLE IF NOT EXISTS sluice.runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id text NOT NULL UNIQUE,
  command text NOT NULL,
  ledger text NOT NULL,
  outcome text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  role text NOT NULL DEFAULT current_user,
  os_user text,
  host text,
  process integer,
  backend integer NOT NULL DEFAULT pg_backend_pid(),
  version text NOT NULL,
  git_revision text,
  migrations text[] NOT NULL DEFAULT '{}',
  statements integer NOT NULL DEFAULT 0,
  retries integer NOT NULL DEFAULT 0,
  lock_wait_ms double precision NOT NULL DEFAULT 0,
  error text,
  sqlstate text,
  failed_at text
))"},
    {"kept", R"(CREATE TABLE IF NOT EXISTS sluice.kept (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ledger text NOT NULL,
  migration text NOT NULL,
  direction text NOT NULL,
  run_id text NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind text NOT NULL,
  table_oid oid NOT NULL,
  schema_name text NOT NULL,
  table_name text NOT NULL,
  column_name text,
  column_number integer,
  type text,
  keys text[] NOT NULL,
  rows bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0
))"},
    {"restore_points", R"(CREATE TABLE IF NOT EXISTS sluice.restore_points (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ledger text NOT NULL,
  migration text NOT NULL,
  name text,
  lsn pg_lsn NOT NULL,
  made_at timestamptz NOT NULL,
  run_id text NOT NULL,
  saved text
))"},
}};

void read_own_tables(Connection& connection, Ledger& ledger) {
  Rows tables = connection.execute(
      "SELECT c.relname, has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'), c.relname = 'log' "
      "AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'ledger') FROM "
      "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'sluice' AND "
      "c.relkind = 'r' AND has_schema_privilege(n.oid, 'USAGE')");
  for (size_t i = 0; i < tables.size(); i++) {
    if (tables.text(i, 1) == "t") ledger.readable.insert(tables.text(i, 0));
    if (tables.text(i, 2) == "t") ledger.writable.insert(tables.text(i, 0));
    if (tables.text(i, 3) == "t") ledger.log_has_ledger = true;
  }
}

void read_progress(Connection& connection, const LedgerName& name, Ledger& ledger) {
  Rows rows = connection.query(
      "SELECT name, direction, done, total, done_hash, intent, before FROM sluice.steps WHERE ledger = $1",
      {name.sql()});
  for (size_t i = 0; i < rows.size(); i++)
    ledger.progress.push_back({rows.text(i, 0), rows.text(i, 1) == "down" ? Direction::down : Direction::up,
                               std::stoul(rows.text(i, 2)), std::stoul(rows.text(i, 3)), rows.text(i, 4),
                               rows.rows[i][5], rows.text(i, 6)});
}

}  // namespace

const Progress* Ledger::progress_of(const std::string& tag) const {
  for (const Progress& each : progress)
    if (each.tag == tag) return &each;
  return nullptr;
}

std::string LedgerName::sql() const { return sql::qualified(schema, table); }

Ledger read_ledger(Connection& connection, const LedgerName& name) {
  Ledger ledger;
  // One round trip tells what there is; information_schema would hide tables of other owners.
  Rows found = connection.query(
      "SELECT to_regclass($1) IS NOT NULL, a.name, a.at FROM (SELECT coalesce(bool_or(attname = 'name'), "
      "false) "
      "AS name, coalesce(bool_or(attname = 'applied_at'), false) AS at FROM pg_attribute WHERE attrelid = "
      "to_regclass($1) AND NOT attisdropped) a",
      {name.sql()});
  ledger.exists = found.text(0, 0) == "t";
  ledger.has_name = found.text(0, 1) == "t";
  ledger.has_applied_at = found.text(0, 2) == "t";
  read_own_tables(connection, ledger);
  if (ledger.readable.contains("steps")) read_progress(connection, name, ledger);
  if (!ledger.exists) return ledger;
  // Lines of older versions do not say whose they are: then there was one ledger.
  const std::string line =
      "(SELECT l.duration_ms FROM sluice.log l WHERE l.hash = m.hash{} ORDER BY l.id DESC LIMIT 1)";
  std::string log = "NULL";
  if (ledger.readable.contains("log"))
    log = !ledger.log_has_ledger
              ? fmt::format(fmt::runtime(line), "")
              : "coalesce(" + fmt::format(fmt::runtime(line), " AND l.ledger = " + sql::literal(name.sql())) + ", " +
                    fmt::format(fmt::runtime(line), " AND l.ledger IS NULL") + ")";
  std::string at =
      ledger.has_applied_at ? "to_char(m.applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')" : "NULL";
  Rows rows = connection.execute(fmt::format("SELECT m.id, m.hash, m.created_at, {}, {}, {} FROM {} m ORDER BY m.id",
                                             ledger.has_name ? "m.name" : "NULL", at, log, name.sql()));
  for (size_t i = 0; i < rows.size(); i++) {
    LedgerRow row;
    row.id = std::stoll(rows.text(i, 0));
    row.hash = rows.text(i, 1);
    row.created_at = rows.rows[i][2] ? std::stoll(rows.text(i, 2)) : 0;
    row.name = rows.rows[i][3];
    row.applied_at = rows.rows[i][4];
    if (rows.rows[i][5]) row.duration_ms = std::stod(rows.text(i, 5));
    ledger.rows.push_back(std::move(row));
  }
  return ledger;
}

namespace {

// Said before anything is tried: the server's own error would name a statement of ours.
void refuse_read_only(Connection& connection) {
  const Rows rows =
      connection.execute("SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')");
  if (rows.text(0, 1) != "on") return;
  const bool standby = rows.text(0, 0) == "t";
  ErrorContext context;
  context.sqlstate = "25006";
  context.state = "Nothing was changed.";
  context.hint =
      standby
          ? "Connect to the primary; a URL with several hosts finds it with target_session_attrs=read-write."
          : "ALTER DATABASE … RESET default_transaction_read_only (or ALTER ROLE …, or in the URL's options), or use "
            "a role without it.";
  throw Error(connection.describe() + (standby ? " is a standby, which is read-only"
                                               : " is read-only: default_transaction_read_only is on"),
              context);
}

void make_own_tables(Connection& connection, Ledger& ledger) {
  std::string missing;
  for (const auto& [table, create] : own_tables)
    if (!ledger.writable.contains(table)) missing += std::string(create) + ";";
  if (!missing.empty()) {
    Rows schema = connection.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'sluice'");
    try_to(connection, (schema.empty() ? "CREATE SCHEMA sluice; " : "") + missing);
    read_own_tables(connection, ledger);
  }
  // Came later: a thousand tenants have the same migrations.
  if (ledger.writable.contains("log") && !ledger.log_has_ledger) {
    try_to(connection,
           "ALTER TABLE sluice.log ADD COLUMN IF NOT EXISTS ledger text; CREATE INDEX IF NOT EXISTS log_of_ledger ON "
           "sluice.log (ledger, hash)");
    read_own_tables(connection, ledger);
  }
}

}  // namespace

void prepare_own_tables(Connection& connection, Ledger& ledger) {
  refuse_read_only(connection);
  server::Transaction transaction(connection);
  make_own_tables(connection, ledger);
  transaction.commit();
}

void prepare_ledger(Connection& connection, const LedgerName& name, Ledger& ledger) {
  refuse_read_only(connection);
  server::Transaction transaction(connection);
  if (!ledger.exists) {
    // CREATE SCHEMA IF NOT EXISTS asks for the right to create one also where it exists.
    Rows schema = connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", {name.schema});
    if (schema.empty()) connection.execute("CREATE SCHEMA " + sql::identifier(name.schema));
    connection.execute(
        "CREATE TABLE IF NOT EXISTS " + name.sql() +
        " (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint, name text, applied_at timestamp "
        "with time zone DEFAULT now())");
    ledger.exists = ledger.has_name = ledger.has_applied_at = true;
  }
  if (!ledger.has_name || !ledger.has_applied_at) {
    // Two steps: rows that are there were not applied now.
    bool upgraded =
        try_to(connection, fmt::format("ALTER TABLE {0} ADD COLUMN IF NOT EXISTS name text, ADD COLUMN IF NOT "
                                       "EXISTS applied_at timestamp with time zone; ALTER TABLE {0} ALTER "
                                       "COLUMN applied_at SET DEFAULT now()",
                                       name.sql()));
    if (upgraded) ledger.has_name = ledger.has_applied_at = true;
  }
  make_own_tables(connection, ledger);
  transaction.commit();
}

void record(Connection& connection, const LedgerName& name, const Ledger& ledger, const history::Migration& migration,
            double duration_ms, const std::string& run_id) {
  std::string columns = "hash, created_at", values = "$1, $2";
  std::vector<std::optional<std::string>> parameters{migration.hash, std::to_string(migration.entry.when)};
  if (ledger.has_name) {
    columns += ", name";
    values += ", $3";
    parameters.emplace_back(migration.entry.tag);
  }
  if (ledger.has_applied_at) {
    columns += ", applied_at";
    values += ", clock_timestamp()";
  }
  connection.query("INSERT INTO " + name.sql() + " (" + columns + ") VALUES (" + values + ")", parameters);
  if (!ledger.writable.contains("log")) return;
  std::vector<std::optional<std::string>> line{migration.entry.tag, migration.hash, fmt::format("{:.3f}", duration_ms),
                                               run_id};
  if (ledger.log_has_ledger) line.emplace_back(name.sql());
  connection.query(std::string("INSERT INTO sluice.log (name, hash, started_at, duration_ms, run_id") +
                       (ledger.log_has_ledger ? ", ledger" : "") +
                       ") VALUES ($1, $2, clock_timestamp() - $3::double precision * interval '1 millisecond', $3, $4" +
                       (ledger.log_has_ledger ? ", $5)" : ")"),
                   line);
}

void unrecord(Connection& connection, const LedgerName& name, const LedgerRow& row) {
  Rows gone = connection.query("DELETE FROM " + name.sql() + " WHERE id = $1 AND hash = $2",
                               {std::to_string(row.id), row.hash});
  if (gone.command_tag != "DELETE 1")
    throw Error("the row of " + row.name.value_or(row.hash) + " in " + name.sql() +
                " was taken away while its migration was rolled back");
}

void write_progress(Connection& connection, const LedgerName& name, const Progress& progress,
                    const std::string& run_id) {
  connection.query(
      "INSERT INTO sluice.steps AS s (ledger, name, direction, done, total, done_hash, intent, before, run_id) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (ledger, name) DO UPDATE SET direction = EXCLUDED.direction, "
      "done = EXCLUDED.done, total = EXCLUDED.total, done_hash = EXCLUDED.done_hash, intent = EXCLUDED.intent, before "
      "= "
      "EXCLUDED.before, run_id = EXCLUDED.run_id, updated_at = clock_timestamp()",
      {name.sql(), progress.tag, progress.direction == Direction::up ? "up" : "down", std::to_string(progress.done),
       std::to_string(progress.total), progress.done_hash, progress.intent, progress.before, run_id});
}

void erase_progress(Connection& connection, const LedgerName& name, const std::string& tag) {
  connection.query("DELETE FROM sluice.steps WHERE ledger = $1 AND name = $2", {name.sql(), tag});
}

void name_rows(Connection& connection, const LedgerName& name, const Ledger& ledger,
               const std::vector<std::pair<std::int64_t, std::string>>& names) {
  for (const auto& [id, tag] : names) {
    const auto row = std::find_if(ledger.rows.begin(), ledger.rows.end(),
                                  [id = id](const LedgerRow& each) { return each.id == id; });
    if (row != ledger.rows.end() && row->name)
      for (const char* table : {"kept", "restore_points"})
        if (ledger.writable.contains(table))
          connection.query(
              std::string("UPDATE sluice.") + table + " SET migration = $1 WHERE ledger = $2 AND migration = $3",
              {tag, name.sql(), row->name});
    // Order matters: a run that is killed in between does it all again.
    connection.query("UPDATE " + name.sql() + " SET name = $1 WHERE id = $2", {tag, std::to_string(id)});
  }
}

}  // namespace sluice::apply
