#include "apply/kept.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "apply/kept_rows.hpp"
#include "server/user_session.hpp"
#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

std::string size_text(std::int64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} bytes", bytes);
  if (bytes < 10'000'000) return fmt::format("{} kB", bytes / 1000);
  return fmt::format("{} MB", bytes / 1'000'000);
}

// With the size of all its partitions.
constexpr const char* table_size =
    "CASE c.relkind WHEN 'p' THEN (SELECT sum(pg_table_size(relid)) FROM pg_partition_tree(c.oid)) ELSE "
    "pg_table_size(c.oid) END::bigint";

// Every column of a user's table: table, number, the partitioned table that it is a part of.
constexpr const char* all_columns =
    "SELECT c.oid, a.attnum, CASE WHEN c.relispartition THEN (SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE "
    "i.inhrelid = c.oid LIMIT 1) END FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
    "c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'p') AND "
    "c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'sluice') AND "
    "a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.oid, a.attnum";

}  // namespace

Keeper::Keeper(Connection& connection, const LedgerName& ledger, const Ledger& tables, std::string migration,
               Direction direction, std::string run_id, KeepOptions options,
               std::function<void(const std::string&)> warning, bool writes_rows)
    : connection_(connection),
      ledger_(ledger.sql()),
      migration_(std::move(migration)),
      direction_(direction == Direction::up ? "up" : "down"),
      other_(direction == Direction::up ? "down" : "up"),
      run_id_(std::move(run_id)),
      options_(options),
      warning_(std::move(warning)),
      can_(tables.writable.contains("kept")),
      writes_rows_(writes_rows) {}

void Keeper::before(const sql::Chunk& piece) {
  if (!can_) {
    if (!options_.enabled || said_) return;
    for (const sql::Statement& statement : sql::statements(piece))
      if (may_take_more(statement.text) || !losses_of(statement.text).empty()) {
        said_ = true;
        return say(
            "nothing of what this migration drops or converts is kept for the way back: this role cannot write in "
            "schema "
            "sluice. Run 'GRANT ALL ON SCHEMA sluice TO …' and 'GRANT ALL ON ALL TABLES IN SCHEMA sluice TO …', or let "
            "one role run all migrations.");
      }
    return;
  }
  for (const sql::Statement& statement : sql::statements(piece))
    for (const Loss& loss : losses_of(statement.text)) {
      if (options_.enabled) keep(loss);
      if (loss.kind == LossKind::values) mark_unchanged(loss);
    }
  if (options_.enabled && takes_more(piece)) keep_fallen(piece);
}

bool Keeper::takes_more(const sql::Chunk& piece) {
  for (const sql::Statement& statement : sql::statements(piece)) {
    if (may_take_more(statement.text)) return true;
    for (const Loss& loss : losses_of(statement.text)) {
      if (loss.kind != LossKind::table) continue;
      Rows more = connection_.query(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class k ON k.oid = i.inhrelid WHERE "
          "i.inhparent = to_regclass($1) AND NOT k.relispartition) OR EXISTS (SELECT FROM pg_catalog.pg_attribute a "
          "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') JOIN pg_catalog.pg_type t ON "
          "t.oid = a.atttypid LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem WHERE NOT a.attisdropped AND "
          "to_regclass($1) IN (t.typrelid, e.typrelid))",
          {loss.name});
      if (more.text(0, 0) == "t") return true;
    }
  }
  return false;
}

// What falls with other things is not in the statement: it is tried first, to see which columns are gone then.
void Keeper::keep_fallen(const sql::Chunk& piece) {
  const Rows before = connection_.execute(all_columns);
  std::set<std::pair<std::string, std::string>> left;
  std::set<std::string> tables_left;
  connection_.execute(fmt::format(
      "SAVEPOINT sluice_trial; SET LOCAL client_min_messages = error; SELECT pg_catalog.set_config('search_path', {0}, "
      "true) WHERE {0} IS NOT NULL",
      server::users_search_path));
  try {
    connection_.execute(piece.text);
    const Rows after = connection_.execute(all_columns);
    for (size_t i = 0; i < after.size(); i++) {
      left.emplace(after.text(i, 0), after.text(i, 1));
      tables_left.insert(after.text(i, 0));
    }
  } catch (const Error& error) {
    if (is_of_the_moment(connection_, error)) throw;
    connection_.execute("ROLLBACK TO SAVEPOINT sluice_trial; RELEASE SAVEPOINT sluice_trial");
    return;  // it will fail again, and say why
  }
  connection_.execute("ROLLBACK TO SAVEPOINT sluice_trial; RELEASE SAVEPOINT sluice_trial");
  for (size_t i = 0; i < before.size(); i++) {
    const std::string oid = before.text(i, 0), number = before.text(i, 1);
    if (left.contains({oid, number}) || seen_.contains({oid, "0"})) continue;
    const bool with_parent = before.rows[i][2].has_value();
    if (tables_left.contains(oid)) {
      if (!with_parent) keep_column(oid, number, false);
    } else if (!with_parent || tables_left.contains(before.text(i, 2))) {
      keep_table(oid);
    }
  }
}

// Once in a transaction: what several statements take is kept by the first.
bool Keeper::is_new(const std::string& oid, const std::string& number) { return seen_.emplace(oid, number).second; }

void Keeper::after(const sql::Chunk& piece) {
  if (!can_) return;
  // A way back may fill the column with something made up, before it requires values.
  if (writes_rows(piece.text)) back_.clear();
  bring_back(false);
}

void Keeper::keep(const Loss& loss) {
  constexpr const char* is_table = "c.relkind IN ('r', 'p')";
  if (loss.kind == LossKind::schema) {
    Rows tables = connection_.query(
        std::string("SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace = to_regnamespace($1) AND NOT "
                    "c.relispartition AND ") +
            is_table + " ORDER BY 1",
        {loss.name});
    for (size_t i = 0; i < tables.size(); i++) keep_table(tables.text(i, 0));
    Rows sequences = connection_.query(
        "SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'S' AND "
        "NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND "
        "d.refobjsubid > 0) ORDER BY 1",
        {loss.name});
    for (size_t i = 0; i < sequences.size(); i++) keep_sequence(sequences.text(i, 0));
    return;
  }
  if (loss.kind == LossKind::sequence) {
    Rows sequence = connection_.query(
        "SELECT oid FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relkind = 'S' AND relpersistence <> 't'",
        {loss.name});
    if (!sequence.empty()) keep_sequence(sequence.text(0, 0));
    return;
  }
  if (loss.kind == LossKind::type) {
    Rows columns = connection_.query(
        std::string("SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = "
                    "a.attrelid JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE NOT a.attisdropped AND ") +
            is_table + " AND to_regtype($1) IN (t.oid, t.typelem) ORDER BY 1, 2",
        {loss.name});
    for (size_t i = 0; i < columns.size(); i++) keep_column(columns.text(i, 0), columns.text(i, 1), false);
    return;
  }
  Rows table = connection_.query(
      std::string("SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = to_regclass($1) AND ") + is_table,
      {loss.name});
  if (table.empty()) return;  // the statement itself will say so
  if (loss.kind == LossKind::table) return keep_table(table.text(0, 0));
  Rows column = connection_.query(
      "SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attname = (parse_ident($2))[1] AND "
      "attnum "
      "> 0 AND NOT attisdropped AND attgenerated = ''",
      {table.text(0, 0), loss.column});
  if (column.empty()) return;
  keep_column(table.text(0, 0), column.text(0, 0), loss.kind == LossKind::values);
  if (loss.only) return;
  // Tables that inherit the column have values of their own in it.
  Rows heirs = connection_.query(
      "WITH RECURSIVE heirs AS (SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN heirs "
      "ON i.inhparent = heirs.oid JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND NOT c.relispartition) SELECT "
      "a.attrelid, a.attnum FROM heirs JOIN pg_catalog.pg_attribute a ON a.attrelid = heirs.oid AND a.attname = "
      "(parse_ident($2))[1] AND NOT a.attisdropped WHERE heirs.oid <> $1::oid AND (a.attinhcount > 0 AND NOT "
      "a.attislocal OR $3::boolean) ORDER BY 1",
      {table.text(0, 0), loss.column, loss.kind == LossKind::values ? "t" : "f"});
  for (size_t i = 0; i < heirs.size(); i++)
    keep_column(heirs.text(i, 0), heirs.text(i, 1), loss.kind == LossKind::values);
}

bool Keeper::fits(const std::string& what, std::int64_t bytes) {
  if (bytes <= options_.max_bytes) return true;
  say(fmt::format(
      "{} is not kept: about {} is more than the limit of {} (--keep-limit); going back will not bring it back", what,
      size_text(bytes), size_text(options_.max_bytes)));
  return false;
}

// Noted for the way back, which has to say what it cannot bring back, and for `sluice kept`.
void Keeper::not_kept(const std::string& oid, const std::string& number, const std::string& reason) {
  connection_.query(
      "INSERT INTO sluice.kept (ledger, migration, direction, run_id, kind, table_oid, schema_name, table_name, "
      "column_name, column_number, type, keys) SELECT $1, $2, $3, $4, 'not_kept', c.oid, n.nspname, c.relname, "
      "a.attname, a.attnum, $7, '{}' FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = $6::int AND $6::int > 0 "
      "WHERE c.oid = $5::oid",
      {ledger_, migration_, direction_, run_id_, oid, number, reason});
}

std::string Keeper::store(const char* kind, const std::string& oid, const std::string& number, const std::string& keys,
                          const std::string& select) {
  Rows made = connection_.query(
      "INSERT INTO sluice.kept (ledger, migration, direction, run_id, kind, table_oid, schema_name, table_name, "
      "column_name, column_number, type, keys) SELECT $1, $2, $3, $4, $5, c.oid, n.nspname, c.relname, a.attname, "
      "a.attnum, format_type(a.atttypid, a.atttypmod), $8::text[] FROM pg_catalog.pg_class c JOIN "
      "pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
      "AND "
      "a.attnum = $7::int AND $7::int > 0 WHERE c.oid = $6::oid RETURNING id",
      {ledger_, migration_, direction_, run_id_, kind, oid, number, keys});
  std::string id = made.text(0, 0), name = store_name(id);
  const std::vector<std::string> after = undisturbed(connection_, oid, false);
  Rows copy = connection_.execute("CREATE TABLE " + name + " AS " + select);
  put_back(connection_, after);
  std::string rows = copy.command_tag.substr(copy.command_tag.rfind(' ') + 1);
  if (rows == "0") {
    connection_.execute("DROP TABLE " + name + "; DELETE FROM sluice.kept WHERE id = " + id);
    return "";
  }
  anything_kept_ = true;
  const std::string own = connection_.query("SELECT $1::regclass::oid::text", {name}).text(0, 0);
  connection_.execute("COMMENT ON TABLE " + name + " IS " + sql::literal(own));
  connection_.query("UPDATE sluice.kept SET rows = $2, bytes = pg_table_size($3::regclass) WHERE id = $1",
                    {id, rows, name});
  return name;
}

void Keeper::keep_table(const std::string& oid) {
  Rows table = connection_.query(
      std::string("SELECT c.oid::regclass::text, ") + table_size + " FROM pg_catalog.pg_class c WHERE c.oid = $1::oid",
      {oid});
  std::string name = table.text(0, 0);
  if (!is_new(oid, "0")) return;
  if (!fits("table " + name, std::stoll(table.text(0, 1)))) return not_kept(oid, "0", "it was larger than the limit");
  // What others write between the copy and the drop would be lost.
  connection_.execute("LOCK TABLE " + name + " IN ACCESS EXCLUSIVE MODE");
  keep_own_sequences(oid, "0");
  Rows columns = connection_.query(column_query, {oid});
  std::string select;
  for (size_t i = 0; i < columns.size(); i++)
    if (columns.text(i, 4).empty())
      select += (select.empty() ? "" : ", ") + copied(columns.text(i, 0), columns.text(i, 3) == "t") + " AS " +
                sql::identifier(columns.text(i, 0));
  if (!select.empty()) store("table", oid, "0", "{}", "SELECT " + select + " FROM " + rows_of(connection_, oid));
}

// Where a sequence has come to, unless it was never used.
void Keeper::keep_sequence(const std::string& oid) {
  if (!is_new(oid, "0")) return;
  // Those in schema sluice are steps of an expansion, and go with it.
  Rows sequence = connection_.query(
      "SELECT c.oid::regclass::text, s.seqcache, s.seqstart FROM pg_catalog.pg_class c JOIN pg_catalog.pg_sequence s "
      "ON s.seqrelid = c.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid AND "
      "n.nspname <> 'sluice'",
      {oid});
  if (sequence.empty()) return;
  const std::string name = sequence.text(0, 0);
  // LOCK takes no sequences. This changes nothing, and nobody draws a number until the transaction ends.
  connection_.execute("ALTER SEQUENCE " + name + " CACHE " + sequence.text(0, 1));
  store("sequence", oid, "0", "{}",
        "SELECT last_value, is_called FROM " + name + " WHERE is_called OR last_value <> " + sequence.text(0, 2));
}

// A table's own sequences go on behind the rows that are brought back. Those that are farther, since the last rows were
// deleted, are kept for themselves: no number is given twice. `number`: of one column only.
void Keeper::keep_own_sequences(const std::string& oid, const std::string& number) {
  Rows sequences = connection_.query(
      "SELECT d.objid, c.oid::regclass::text, a.attname, d.objid::regclass::text FROM pg_catalog.pg_depend d JOIN "
      "pg_catalog.pg_class q ON q.oid = d.objid AND q.relkind = 'S' JOIN pg_catalog.pg_class c ON c.oid = d.refobjid "
      "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid WHERE d.classid = "
      "'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.refobjsubid > 0 AND "
      "$2::int IN (0, d.refobjsubid) ORDER BY 1",
      {oid, number});
  for (size_t i = 0; i < sequences.size(); i++) {
    Rows farther = connection_.execute(
        "SELECT 1 FROM " + sequences.text(i, 3) + " s WHERE s.is_called AND s.last_value > coalesce((SELECT max(" +
        sql::identifier(sequences.text(i, 2)) + ") FROM " + sequences.text(i, 1) + "), 0)");
    if (!farther.empty()) keep_sequence(sequences.text(i, 0));
  }
}

// The columns of a key that finds the table's rows, as a select list; nothing if there is none. The column itself is
// no part of it.
std::optional<std::string> Keeper::key_of(const std::string& oid, const std::string& without_number,
                                          std::string& names) {
  Rows key = connection_.query(
      "SELECT a.attname, t.typnamespace = 'pg_catalog'::regnamespace, (SELECT array_agg(b.attname) FROM "
      "unnest(i.indkey::int2[]) x JOIN pg_catalog.pg_attribute b ON b.attrelid = i.indrelid AND b.attnum = x) FROM "
      "(SELECT * FROM pg_catalog.pg_index i WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND "
      "i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT $2::int2 = ANY (i.indkey::int2[]) AND NOT "
      "EXISTS (SELECT FROM unnest(i.indkey::int2[]) x JOIN pg_catalog.pg_attribute b ON b.attrelid = i.indrelid AND "
      "b.attnum = x WHERE NOT b.attnotnull) ORDER BY i.indisprimary DESC, i.indnkeyatts LIMIT 1) i CROSS JOIN LATERAL "
      "unnest(i.indkey::int2[]) WITH ORDINALITY u (number, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = "
      "i.indrelid AND a.attnum = u.number JOIN pg_catalog.pg_type t ON t.oid = a.atttypid ORDER BY u.place",
      {oid, without_number});
  if (key.empty()) return std::nullopt;
  std::string select;
  names = key.text(0, 2);
  for (size_t i = 0; i < key.size(); i++)
    select += copied(key.text(i, 0), key.text(i, 1) == "t") + " AS " + sql::identifier("key_" + key.text(i, 0)) + ", ";
  return select;
}

void Keeper::keep_column(const std::string& oid, const std::string& number, bool values) {
  Rows column = connection_.query(
      "SELECT c.oid::regclass::text, a.attname, t.typnamespace = 'pg_catalog'::regnamespace AND a.attcollation IN (0, "
      "100, "
      "950), CASE WHEN c.reltuples > 0 "
      "AND s.avg_width IS NOT NULL THEN least(pg_table_size(c.oid), c.reltuples * (s.avg_width + 60)) ELSE "
      "pg_table_size(c.oid) END::bigint, a.atthasdef OR t.typdefault IS NOT NULL FROM pg_catalog.pg_class c JOIN "
      "pg_catalog.pg_attribute a ON a.attrelid = "
      "c.oid "
      "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT "
      "JOIN "
      "pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT "
      "s.inherited WHERE c.oid = $1::oid AND a.attnum = $2::int",
      {oid, number});
  if (column.empty() || (!values && !is_new(oid, number))) return;
  std::string table = column.text(0, 0), name = column.text(0, 1), what = "column " + table + "." + name;
  const std::string rows = rows_of(connection_, oid);
  // The first conversion is the one that counts.
  if (values && !connection_
                     .query("SELECT 1 FROM sluice.kept WHERE ledger = $1 AND migration = $2 AND direction = $3 AND "
                            "run_id = $4 AND kind = 'values' AND table_oid = $5::oid AND column_number = $6::int",
                            {ledger_, migration_, direction_, run_id_, oid, number})
                     .empty())
    return;
  if (!fits(what, std::stoll(column.text(0, 3)))) return not_kept(oid, number, "it was larger than the limit");
  if (!values) keep_own_sequences(oid, number);
  std::string key_names;
  std::optional<std::string> key = key_of(oid, number, key_names);
  if (!key) {
    bool empty = connection_.execute("SELECT 1 FROM " + rows + " LIMIT 1").empty();
    if (empty) return;
    say((values ? "what " + what + " was before its conversion" : what) +
        " is not kept: its table has no primary key or other key to find the rows by; going back will not bring it "
        "back");
    return not_kept(oid, number, "its table has no key to find the rows by");
  }
  connection_.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
  std::string value = sql::identifier(name);
  if (values)
    store("values", oid, number, key_names,
          "SELECT " + *key + value + "::text AS before, NULL::text AS after, NULL::boolean AS unchanged FROM " + rows);
  else
    // A NULL would come back as the default.
    store("column", oid, number, key_names,
          "SELECT " + *key + copied(name, column.text(0, 2) == "t") + " AS value FROM " + rows +
              (column.text(0, 4) == "t" ? "" : " WHERE " + value + " IS NOT NULL"));
}

std::vector<Kept> read_kept(Connection& connection, const LedgerName& ledger) {
  if (connection.execute("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'sluice' AND tablename = 'kept'")
          .empty())
    return {};
  Rows rows = connection.query(
      "SELECT id, migration, direction, kind, CASE WHEN kind = 'not_kept' THEN type END, schema_name || '.' || "
      "table_name || coalesce('.' || column_name, ''), "
      "to_char(kept_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), rows, bytes FROM sluice.kept WHERE "
      "ledger = "
      "$1 ORDER BY id",
      {ledger.sql()});
  std::vector<Kept> out;
  for (size_t i = 0; i < rows.size(); i++)
    out.push_back({std::stoll(rows.text(i, 0)), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3), rows.text(i, 4),
                   rows.text(i, 5), rows.text(i, 6), std::stoll(rows.text(i, 7)), std::stoll(rows.text(i, 8))});
  return out;
}

std::vector<Kept> purge_kept(Connection& connection, const LedgerName& ledger,
                             const std::optional<std::string>& migration, std::optional<double> older_than_days) {
  server::Transaction transaction(connection);
  std::vector<Kept> out;
  for (const Kept& kept : read_kept(connection, ledger)) {
    if (migration && kept.migration != *migration) continue;
    std::string id = std::to_string(kept.id);
    if (older_than_days &&
        connection
            .query("SELECT 1 FROM sluice.kept WHERE id = $1 AND kept_at < clock_timestamp() - $2::double precision * "
                   "interval '1 day'",
                   {id, fmt::format("{:.6f}", *older_than_days)})
            .empty())
      continue;
    forget(connection, id);
    out.push_back(kept);
  }
  transaction.commit();
  return out;
}

std::vector<std::string> too_large_to_keep(Connection& connection, std::string_view file, const KeepOptions& options) {
  std::vector<std::string> out;
  for (const sql::Chunk& piece : sql::chunks(file))
    for (const sql::Statement& statement : sql::statements(piece))
      for (const Loss& loss : losses_of(statement.text)) {
        if (loss.kind != LossKind::table && loss.kind != LossKind::schema) continue;
        const std::string which = loss.kind == LossKind::table
                                      ? "c.oid = to_regclass($1)"
                                      : "c.relnamespace = to_regnamespace($1) AND NOT c.relispartition";
        const Rows large =
            connection.query(std::string("SELECT t, size FROM (SELECT c.oid::regclass::text AS t, ") + table_size +
                                 " AS size FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p') AND " + which +
                                 ") s WHERE size > $2",
                             {loss.name, std::to_string(options.max_bytes)});
        for (size_t i = 0; i < large.size(); i++)
          if (!connection.execute("SELECT FROM " + large.text(i, 0) + " LIMIT 1").empty())
            out.push_back("table " + large.text(i, 0) + " (about " + size_text(std::stoll(large.text(i, 1))) + ")");
      }
  return out;
}

}  // namespace sluice::apply
