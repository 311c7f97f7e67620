#include "apply/ledger.hpp"

#include <fmt/format.h>

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

constexpr const char* create_log = R"(CREATE TABLE IF NOT EXISTS sluice.log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  hash text NOT NULL,
  started_at timestamptz NOT NULL,
  duration_ms double precision NOT NULL,
  run_id text NOT NULL,
  applied_by text NOT NULL DEFAULT current_user
))";

}  // namespace

std::string LedgerName::sql() const { return sql::qualified(schema, table); }

Ledger read_ledger(Connection& connection, const LedgerName& name) {
  Ledger ledger;
  // One round trip tells what there is; information_schema would hide tables of other owners.
  Rows found = connection.query(
      "SELECT to_regclass($1) IS NOT NULL, a.name, a.at, to_regclass('sluice.log') IS NOT NULL AND "
      "has_table_privilege(to_regclass('sluice.log'), 'SELECT') FROM (SELECT coalesce(bool_or(attname = 'name'), "
      "false) "
      "AS name, coalesce(bool_or(attname = 'applied_at'), false) AS at FROM pg_attribute WHERE attrelid = "
      "to_regclass($1) AND NOT attisdropped) a",
      {name.sql()});
  ledger.exists = found.text(0, 0) == "t";
  ledger.has_name = found.text(0, 1) == "t";
  ledger.has_applied_at = found.text(0, 2) == "t";
  ledger.has_log = found.text(0, 3) == "t";
  if (!ledger.exists) return ledger;
  std::string log = ledger.has_log
                        ? "(SELECT l.duration_ms FROM sluice.log l WHERE l.hash = m.hash ORDER BY l.id DESC LIMIT 1)"
                        : "NULL";
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

void prepare_ledger(Connection& connection, const LedgerName& name, Ledger& ledger) {
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
  if (!ledger.has_log) {
    Rows schema = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'sluice'");
    ledger.has_log = try_to(connection, std::string(schema.empty() ? "CREATE SCHEMA sluice; " : "") + create_log);
  }
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
  if (ledger.has_log)
    connection.query(
        "INSERT INTO sluice.log (name, hash, started_at, duration_ms, run_id) VALUES ($1, $2, "
        "clock_timestamp() - $3::double precision * interval '1 millisecond', $3, $4)",
        {migration.entry.tag, migration.hash, fmt::format("{:.3f}", duration_ms), run_id});
}

void name_rows(Connection& connection, const LedgerName& name,
               const std::vector<std::pair<std::int64_t, std::string>>& names) {
  for (const auto& [id, tag] : names)
    connection.query("UPDATE " + name.sql() + " SET name = $1 WHERE id = $2 AND name IS NULL",
                     {tag, std::to_string(id)});
}

}  // namespace sluice::apply
