#include "apply/kept.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

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

std::string store_name(const std::string& id) { return "sluice.kept_" + id; }

// Built-in types are copied as they are; others as text, since a copy must not stand in the way of DROP TYPE.
constexpr const char* column_query =
    "SELECT a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), t.typnamespace = 'pg_catalog'::regnamespace, "
    "a.attgenerated, a.attidentity FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "WHERE "
    "a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

std::string copied(const std::string& column, bool built_in) {
  return sql::identifier(column) + (built_in ? "" : "::text");
}

}  // namespace

Keeper::Keeper(Connection& connection, const LedgerName& ledger, const Ledger& tables, std::string migration,
               Direction direction, std::string run_id, KeepOptions options,
               std::function<void(const std::string&)> warning)
    : connection_(connection),
      ledger_(ledger.sql()),
      migration_(std::move(migration)),
      direction_(direction == Direction::up ? "up" : "down"),
      other_(direction == Direction::up ? "down" : "up"),
      run_id_(std::move(run_id)),
      options_(options),
      warning_(std::move(warning)),
      can_(tables.writable.contains("kept")) {}

void Keeper::before(const sql::Chunk& piece) {
  if (!can_) return;
  for (const sql::Statement& statement : sql::statements(piece))
    for (const Loss& loss : losses_of(statement.text)) {
      if (options_.enabled) keep(loss);
      if (loss.kind == LossKind::values) mark_unchanged(loss);
    }
}

void Keeper::after(const sql::Chunk& piece) {
  if (!can_) return;
  // A way back may fill the column with something made up, before it requires values.
  constexpr std::array leave_rows_alone = {"alter", "create", "drop", "comment", "grant", "revoke", "set"};
  for (const sql::Statement& statement : sql::statements(piece)) {
    std::vector<std::string> tokens = sql::tokens(statement.text);
    if (std::none_of(leave_rows_alone.begin(), leave_rows_alone.end(),
                     [&](const char* word) { return sql::begins_with(tokens, {word}); }))
      back_.clear();
  }
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
  if (!column.empty()) keep_column(table.text(0, 0), column.text(0, 0), loss.kind == LossKind::values);
}

bool Keeper::fits(const std::string& what, std::int64_t bytes) {
  if (bytes <= options_.max_bytes) return true;
  say(fmt::format(
      "{} is not kept: about {} is more than the limit of {} (--keep-limit); going back will not bring it back", what,
      size_text(bytes), size_text(options_.max_bytes)));
  return false;
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
  Rows copy = connection_.execute("CREATE TABLE " + name + " AS " + select);
  std::string rows = copy.command_tag.substr(copy.command_tag.rfind(' ') + 1);
  if (rows == "0") {
    connection_.execute("DROP TABLE " + name + "; DELETE FROM sluice.kept WHERE id = " + id);
    return "";
  }
  anything_kept_ = true;
  connection_.query("UPDATE sluice.kept SET rows = $2, bytes = pg_table_size($3::regclass) WHERE id = $1",
                    {id, rows, name});
  return name;
}

void Keeper::keep_table(const std::string& oid) {
  Rows table = connection_.query(
      "SELECT c.oid::regclass::text, CASE c.relkind WHEN 'p' THEN (SELECT sum(pg_table_size(relid)) FROM "
      "pg_partition_tree(c.oid)) ELSE pg_table_size(c.oid) END::bigint FROM pg_catalog.pg_class c WHERE c.oid = "
      "$1::oid",
      {oid});
  std::string name = table.text(0, 0);
  if (!fits("table " + name, std::stoll(table.text(0, 1)))) return;
  // What others write between the copy and the drop would be lost.
  connection_.execute("LOCK TABLE " + name + " IN ACCESS EXCLUSIVE MODE");
  Rows columns = connection_.query(column_query, {oid});
  std::string select;
  for (size_t i = 0; i < columns.size(); i++)
    if (columns.text(i, 4).empty())
      select += (select.empty() ? "" : ", ") + copied(columns.text(i, 0), columns.text(i, 3) == "t") + " AS " +
                sql::identifier(columns.text(i, 0));
  if (!select.empty()) store("table", oid, "0", "{}", "SELECT " + select + " FROM " + name);
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
      "SELECT c.oid::regclass::text, a.attname, t.typnamespace = 'pg_catalog'::regnamespace, CASE WHEN c.reltuples > 0 "
      "AND s.avg_width IS NOT NULL THEN least(pg_table_size(c.oid), c.reltuples * (s.avg_width + 60)) ELSE "
      "pg_table_size(c.oid) END::bigint FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = "
      "c.oid "
      "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT "
      "JOIN "
      "pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT "
      "s.inherited WHERE c.oid = $1::oid AND a.attnum = $2::int",
      {oid, number});
  if (column.empty()) return;
  std::string table = column.text(0, 0), name = column.text(0, 1), what = "column " + table + "." + name;
  // The first conversion is the one that counts.
  if (values && !connection_
                     .query("SELECT 1 FROM sluice.kept WHERE ledger = $1 AND migration = $2 AND direction = $3 AND "
                            "run_id = $4 AND kind = 'values' AND table_oid = $5::oid AND column_number = $6::int",
                            {ledger_, migration_, direction_, run_id_, oid, number})
                     .empty())
    return;
  if (!fits(what, std::stoll(column.text(0, 3)))) return;
  std::string key_names;
  std::optional<std::string> key = key_of(oid, number, key_names);
  if (!key) {
    bool empty = connection_.execute("SELECT 1 FROM " + table + " LIMIT 1").empty();
    if (!empty && !values) say(what + " is not kept: its table has no primary key or other key to find the rows by");
    return;
  }
  connection_.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
  std::string value = sql::identifier(name);
  if (values)
    store("values", oid, number, key_names,
          "SELECT " + *key + value + "::text AS before, NULL::text AS after, NULL::boolean AS unchanged FROM " + table);
  else
    store("column", oid, number, key_names,
          "SELECT " + *key + copied(name, column.text(0, 2) == "t") + " AS value FROM " + table + " WHERE " + value +
              " IS NOT NULL");
}

namespace {

// "t.a::text = s.key_a::text AND …": types may have changed on the way.
std::string same_row(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys)
    out += (out.empty() ? "" : " AND ") + ("t." + sql::identifier(key)) + "::text = s." +
           sql::identifier("key_" + key) + "::text";
  return out;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

// Of what is kept, in the order in which it was: id, kind, table now (or NULL), column, its type now (or NULL), type
// then, keys, all keys there?, identity, generated, name for people, table's oid.
constexpr const char* kept_query =
    "SELECT k.id, k.kind, x.oid::regclass::text, k.column_name, format_type(a.atttypid, a.atttypmod), k.type, "
    "array_to_string(k.keys, E'\\n'), (SELECT bool_and(EXISTS (SELECT FROM pg_catalog.pg_attribute b WHERE b.attrelid "
    "= "
    "x.oid AND b.attname = n AND NOT b.attisdropped)) FROM unnest(k.keys) n), a.attidentity, a.attgenerated, "
    "k.schema_name || '.' || k.table_name || coalesce('.' || k.column_name, ''), x.oid FROM sluice.kept k LEFT JOIN "
    "LATERAL "
    "(SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind "
    "IN "
    "('r', 'p') AND (c.oid = k.table_oid OR n.nspname = k.schema_name AND c.relname = k.table_name) ORDER BY c.oid = "
    "k.table_oid DESC LIMIT 1) x ON true LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.oid AND NOT "
    "a.attisdropped "
    "AND CASE k.kind WHEN 'values' THEN a.attnum = k.column_number ELSE a.attname = k.column_name END WHERE k.ledger = "
    "$1 "
    "AND k.migration = $2 AND k.direction = $3 ORDER BY k.id";

void forget(Connection& connection, const std::string& id) {
  connection.execute("DROP TABLE IF EXISTS " + store_name(id) + "; DELETE FROM sluice.kept WHERE id = " + id);
}

// A sequence that fills the column goes on behind what was brought back.
void advance_sequence(Connection& connection, const std::string& table, const std::string& column) {
  Rows sequence = connection.query("SELECT pg_get_serial_sequence($1, $2)", {table, column});
  if (!sequence.rows[0][0]) return;
  connection.query("SELECT setval($1::regclass, m) FROM (SELECT max(" + sql::identifier(column) + ") AS m FROM " +
                       table + ") x WHERE m IS NOT NULL AND m >= (SELECT last_value FROM " + sequence.text(0, 0) + ")",
                   {sequence.text(0, 0)});
}

}  // namespace

// Rows whose value is still what the migration made of it get the old one back; what was changed since then stays.
void Keeper::mark_unchanged(const Loss& loss) {
  Rows kept = connection_.query(kept_query, {ledger_, migration_, other_});
  for (size_t i = 0; i < kept.size(); i++) {
    if (kept.text(i, 1) != "values" || !kept.rows[i][4] || kept.text(i, 7) != "t") continue;
    std::string table = kept.text(i, 2);
    Rows same = connection_.query("SELECT to_regclass($1) = to_regclass($2)", {loss.name, table});
    if (same.text(0, 0) != "t") continue;
    connection_.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
    Rows column = connection_.query(
        "SELECT a.attname FROM sluice.kept k JOIN pg_catalog.pg_attribute a ON a.attrelid = $2::oid AND a.attnum = "
        "k.column_number WHERE k.id = $1 AND a.attname = (parse_ident($3))[1]",
        {kept.text(i, 0), kept.text(i, 11), loss.column});
    if (column.empty()) continue;
    connection_.execute("UPDATE " + store_name(kept.text(i, 0)) + " s SET unchanged = t." +
                        sql::identifier(column.text(0, 0)) + "::text IS NOT DISTINCT FROM s.after FROM " + table +
                        " t WHERE s.unchanged IS NULL AND " + same_row(lines(kept.text(i, 6))));
  }
}

// One question for each file that is run, since most of them lose nothing.
void Keeper::look() {
  if (anything_to_bring_back_) return;
  Rows rows = connection_.query(
      "SELECT coalesce(bool_or(direction = $3), false), coalesce(bool_or(direction = $4), false) FROM sluice.kept "
      "WHERE "
      "ledger = $1 AND migration = $2",
      {ledger_, migration_, other_, direction_});
  anything_to_bring_back_ = rows.text(0, 0) == "t";
  anything_kept_ = anything_kept_ || rows.text(0, 1) == "t";
}

void Keeper::bring_back(bool values) {
  look();
  if (!*anything_to_bring_back_) return;
  Rows kept = connection_.query(kept_query, {ledger_, migration_, other_});
  for (size_t i = 0; i < kept.size(); i++) {
    if ((kept.text(i, 1) == "values") != values || !kept.rows[i][2]) continue;
    if (back_.contains(kept.text(i, 0))) continue;
    if (kept.text(i, 1) != "table" && (!kept.rows[i][4] || kept.text(i, 7) != "t")) continue;
    connection_.execute("SAVEPOINT sluice_kept");
    try {
      bring_back_one(kept, i);
      connection_.execute("RELEASE SAVEPOINT sluice_kept");
    } catch (const Error& error) {
      if (connection_.broken() || error.context.sqlstate == "55P03" || error.context.sqlstate == "40P01") throw;
      connection_.execute("ROLLBACK TO SAVEPOINT sluice_kept");
      if (values) say("the values of " + kept.text(i, 10) + " could not be brought back: " + error.what());
    }
  }
}

// What comes back need not be kept for the other direction: converting it again gives the same.
void Keeper::drop_from_own(const std::string& id, const std::string& table_oid, const std::string& keys) {
  Rows own = connection_.query(
      "SELECT o.id FROM sluice.kept o JOIN sluice.kept k ON k.id = $1 AND o.column_number = k.column_number WHERE "
      "o.ledger = $2 AND o.migration = $3 AND o.direction = $4 AND o.kind = 'values' AND o.table_oid = $5::oid",
      {id, ledger_, migration_, direction_, table_oid});
  for (size_t i = 0; i < own.size(); i++) {
    std::string same;
    for (const std::string& key : lines(keys)) {
      std::string name = sql::identifier("key_" + key);
      same += " AND o." + name + "::text = s." + name + "::text";
    }
    connection_.execute("DELETE FROM " + store_name(own.text(i, 0)) + " o USING " + store_name(id) +
                        " s WHERE s.unchanged" + same);
  }
}

void Keeper::bring_back_one(const Rows& kept, size_t i) {
  std::string id = kept.text(i, 0), kind = kept.text(i, 1), table = kept.text(i, 2), column = kept.text(i, 3);
  std::string count;
  if (kind == "table") {
    Rows columns = connection_.query(column_query, {kept.text(i, 11)});
    Rows stored =
        connection_.query(column_query, {connection_.query("SELECT $1::regclass::oid", {store_name(id)}).text(0, 0)});
    std::string names, select;
    for (size_t c = 0; c < columns.size(); c++)
      for (size_t s = 0; s < stored.size(); s++)
        if (stored.text(s, 0) == columns.text(c, 0) && columns.text(c, 4).empty()) {
          names += (names.empty() ? "" : ", ") + sql::identifier(columns.text(c, 0));
          select += (select.empty() ? "" : ", ") + sql::identifier(columns.text(c, 0)) + "::" + columns.text(c, 2);
        }
    Rows rows = connection_.execute("INSERT INTO " + table + " (" + names + ") OVERRIDING SYSTEM VALUE SELECT " +
                                    select + " FROM " + store_name(id));
    count = rows.command_tag.substr(rows.command_tag.rfind(' ') + 1);
    for (size_t c = 0; c < columns.size(); c++) advance_sequence(connection_, table, columns.text(c, 0));
  } else {
    if (!kept.text(i, 9).empty()) return forget(connection_, id);  // it is computed
    bool always = kept.text(i, 8) == "a";
    if (kind == "values") {
      if (kept.text(i, 4) != kept.text(i, 5)) return;  // not what it was
      Rows name = connection_.query(
          "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum = "
          "(SELECT column_number FROM sluice.kept WHERE id = $2)",
          {kept.text(i, 11), id});
      column = name.text(0, 0);
    }
    std::string quoted = sql::identifier(column), alter = "ALTER TABLE " + table + " ALTER COLUMN " + quoted;
    if (kind == "values") drop_from_own(id, kept.text(i, 11), kept.text(i, 6));
    if (always) connection_.execute(alter + " SET GENERATED BY DEFAULT");
    Rows rows =
        connection_.execute("UPDATE " + table + " t SET " + quoted + " = s." + (kind == "values" ? "before" : "value") +
                            "::" + kept.text(i, 4) + " FROM " + store_name(id) + " s WHERE " +
                            (kind == "values" ? "s.unchanged AND " : "") + same_row(lines(kept.text(i, 6))));
    if (always) connection_.execute(alter + " SET GENERATED ALWAYS");
    count = rows.command_tag.substr(rows.command_tag.rfind(' ') + 1);
    advance_sequence(connection_, table, column);
  }
  if (kind == "column") {  // until the end of the file: it may be needed once more
    back_[id] = count;
    return;
  }
  forget(connection_, id);
  say(fmt::format("{} of {}: {} rows brought back", kind == "table" ? "rows" : "values", kept.text(i, 10), count));
}

void Keeper::finish() {
  if (!can_) return;
  bring_back(true);
  bring_back(false);
  if (!back_.empty()) {
    Rows kept = connection_.query(kept_query, {ledger_, migration_, other_});
    for (size_t i = 0; i < kept.size(); i++)
      if (auto found = back_.find(kept.text(i, 0)); found != back_.end()) {
        say(fmt::format("values of {}: {} rows brought back", kept.text(i, 10), found->second));
        forget(connection_, found->first);
      }
  }
  if (*anything_to_bring_back_) {
    Rows left = connection_.query(kept_query, {ledger_, migration_, other_});
    for (size_t i = 0; i < left.size(); i++)
      say("what is kept of " + left.text(i, 10) + " could not be brought back, and stays kept (see 'sluice kept')");
  }
  if (!anything_kept_) return;
  // Of conversions only what they changed is worth keeping.
  Rows kept = connection_.query(kept_query, {ledger_, migration_, direction_});
  for (size_t i = 0; i < kept.size(); i++) {
    if (kept.text(i, 1) != "values") continue;
    std::string id = kept.text(i, 0), name = store_name(id);
    if (!kept.rows[i][4] || kept.text(i, 7) != "t") continue;
    Rows column = connection_.query(
        "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum = "
        "(SELECT column_number FROM sluice.kept WHERE id = $2)",
        {kept.text(i, 11), id});
    connection_.execute("UPDATE " + name + " s SET after = t." + sql::identifier(column.text(0, 0)) + "::text FROM " +
                        kept.text(i, 2) + " t WHERE " + same_row(lines(kept.text(i, 6))) + "; DELETE FROM " + name +
                        " WHERE before IS NOT DISTINCT FROM after");
    std::string rows = connection_.execute("SELECT count(*) FROM " + name).text(0, 0);
    if (rows == "0")
      forget(connection_, id);
    else
      connection_.query("UPDATE sluice.kept SET rows = $2 WHERE id = $1", {id, rows});
  }
  Rows now = connection_.query(
      "SELECT kind, schema_name || '.' || table_name || coalesce('.' || column_name, ''), rows FROM sluice.kept WHERE "
      "ledger = $1 AND migration = $2 AND direction = $3 AND run_id = $4 ORDER BY id",
      {ledger_, migration_, direction_, run_id_});
  for (size_t i = 0; i < now.size(); i++)
    say(fmt::format("kept: {} of {} ({} rows), for the way {}", now.text(i, 0) == "table" ? "rows" : "values",
                    now.text(i, 1), now.text(i, 2), other_ == "up" ? "up again" : "back"));
}

std::vector<Kept> read_kept(Connection& connection) {
  if (connection.execute("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'sluice' AND tablename = 'kept'")
          .empty())
    return {};
  Rows rows = connection.execute(
      "SELECT id, migration, direction, kind, schema_name || '.' || table_name || coalesce('.' || column_name, ''), "
      "to_char(kept_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), rows, bytes FROM sluice.kept ORDER BY "
      "id");
  std::vector<Kept> out;
  for (size_t i = 0; i < rows.size(); i++)
    out.push_back({std::stoll(rows.text(i, 0)), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3), rows.text(i, 4),
                   rows.text(i, 5), std::stoll(rows.text(i, 6)), std::stoll(rows.text(i, 7))});
  return out;
}

std::vector<Kept> purge_kept(Connection& connection, const std::optional<std::string>& migration,
                             std::optional<double> older_than_days) {
  server::Transaction transaction(connection);
  std::vector<Kept> out;
  for (const Kept& kept : read_kept(connection)) {
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

}  // namespace sluice::apply
