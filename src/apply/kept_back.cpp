// The way back of what kept.cpp keeps.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "apply/kept.hpp"
#include "apply/kept_rows.hpp"
#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

// A copy notes its own number. In a database that was restored from a dump all numbers are others, and only names
// count.
#define SAME_DATABASE                                                                                          \
  "coalesce(obj_description(to_regclass('sluice.kept_' || k.id), 'pg_class') = to_regclass('sluice.kept_' || " \
  "k.id)::oid::text, true)"

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
    "(SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE CASE "
    "k.kind WHEN 'sequence' THEN c.relkind = 'S' ELSE c.relkind IN ('r', 'p') END AND (c.oid = k.table_oid "
    "AND " SAME_DATABASE
    " OR n.nspname = k.schema_name AND c.relname = "
    "k.table_name) ORDER BY c.oid = k.table_oid AND " SAME_DATABASE
    " DESC LIMIT 1) x ON true LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.oid AND NOT "
    "a.attisdropped "
    "AND CASE WHEN k.kind = 'values' AND x.oid = k.table_oid AND " SAME_DATABASE
    " THEN a.attnum = k.column_number ELSE a.attname = "
    "k.column_name END WHERE k.ledger = "
    "$1 "
    "AND k.migration = $2 AND k.direction = $3 AND k.kind <> 'not_kept' ORDER BY k.id";

// The column whose values were kept as `id`, by its name now; a database that was copied has other numbers.
constexpr const char* named_now =
    "SELECT a.attname FROM pg_catalog.pg_attribute a JOIN sluice.kept k ON k.id = $2 WHERE a.attrelid = $1::oid AND "
    "CASE "
    "WHEN k.table_oid = $1::oid AND " SAME_DATABASE
    " THEN a.attnum = k.column_number ELSE a.attname = k.column_name END AND NOT "
    "a.attisdropped";

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
        "SELECT a.attname FROM sluice.kept k JOIN pg_catalog.pg_attribute a ON a.attrelid = $2::oid AND CASE WHEN "
        "k.table_oid = $2::oid AND " SAME_DATABASE
        " THEN a.attnum = k.column_number ELSE a.attname = k.column_name END WHERE k.id = $1 AND "
        "a.attname = (parse_ident($3))[1]",
        {kept.text(i, 0), kept.text(i, 11), loss.column});
    if (column.empty()) continue;
    connection_.execute("UPDATE " + store_name(kept.text(i, 0)) + " s SET unchanged = t." +
                        sql::identifier(column.text(0, 0)) + "::text IS NOT DISTINCT FROM s.after FROM " +
                        rows_of(connection_, kept.text(i, 11)) + " t WHERE s.unchanged IS NULL AND " +
                        same_row(lines(kept.text(i, 6))));
  }
}

// One question for each file that is run, since most of them lose nothing.
void Keeper::look() {
  if (anything_to_bring_back_) return;
  Rows rows = connection_.query(
      "SELECT coalesce(bool_or(direction = $3 AND kind <> 'not_kept'), false), coalesce(bool_or(direction = $4), "
      "false), coalesce(bool_or(direction = $3 AND kind = 'not_kept'), false) FROM sluice.kept WHERE ledger = $1 AND "
      "migration = $2",
      {ledger_, migration_, other_, direction_});
  anything_to_bring_back_ = rows.text(0, 0) == "t";
  anything_kept_ = anything_kept_ || rows.text(0, 1) == "t";
  other_lacks_ = rows.text(0, 2) == "t";
}

void Keeper::bring_back(bool values) {
  look();
  if (!*anything_to_bring_back_) return;
  Rows kept = connection_.query(kept_query, {ledger_, migration_, other_});
  for (size_t i = 0; i < kept.size(); i++) {
    if ((kept.text(i, 1) == "values") != values || !kept.rows[i][2]) continue;
    if (back_.contains(kept.text(i, 0))) continue;
    // The file's own rows come first, as they did the first time.
    if (kept.text(i, 1) == "table" && writes_rows_ && !at_end_) continue;
    // Until then it may be dropped and made once more.
    const bool sequence = kept.text(i, 1) == "sequence";
    if (sequence && !at_end_) continue;
    if (kept.text(i, 1) != "table" && !sequence && (!kept.rows[i][4] || kept.text(i, 7) != "t")) continue;
    connection_.execute("SAVEPOINT sluice_kept");
    try {
      bring_back_one(kept, i);
      connection_.execute("RELEASE SAVEPOINT sluice_kept");
    } catch (const Error& error) {
      if (is_of_the_moment(connection_, error)) throw;
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

// It goes on where it was, unless it is farther by now.
void Keeper::bring_back_sequence(const std::string& id, const std::string& sequence, const std::string& name) {
  Rows set = connection_.execute(
      "SELECT setval(" + sql::literal(sequence) + "::regclass, k.last_value, k.is_called) FROM " + store_name(id) +
      " k, " + sequence + " s, pg_catalog.pg_sequence q WHERE q.seqrelid = " + sql::literal(sequence) +
      "::regclass AND (NOT s.is_called OR sign(k.last_value - s.last_value) = sign(q.seqincrement))");
  forget(connection_, id);
  if (!set.empty()) say(fmt::format("{} goes on where it was: {}", name, set.text(0, 0)));
}

void Keeper::bring_back_one(const Rows& kept, size_t i) {
  std::string id = kept.text(i, 0), kind = kept.text(i, 1), table = kept.text(i, 2), column = kept.text(i, 3);
  if (kind == "sequence") return bring_back_sequence(id, table, kept.text(i, 10));
  std::string count;
  std::vector<std::string> after;
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
    after = undisturbed(connection_, kept.text(i, 11), true);
    std::string unless;
    if (writes_rows_ && !connection_.execute("SELECT 1 FROM " + table + " LIMIT 1").empty()) {
      // Rows that the file has inserted are not brought back a second time; without a key nobody can tell.
      if (connection_
              .query("SELECT 1 FROM pg_catalog.pg_index WHERE indrelid = $1::oid AND indisunique AND indimmediate AND "
                     "indpred IS NULL",
                     {kept.text(i, 11)})
              .empty())
        throw Error("the table has rows already, and no key to tell them apart");
      unless = " ON CONFLICT DO NOTHING";
    }
    Rows rows = connection_.execute("INSERT INTO " + table + " (" + names + ") OVERRIDING SYSTEM VALUE SELECT " +
                                    select + " FROM " + store_name(id) + unless);
    count = rows.command_tag.substr(rows.command_tag.rfind(' ') + 1);
    for (size_t c = 0; c < columns.size(); c++) advance_sequence(connection_, table, columns.text(c, 0));
  } else {
    if (!kept.text(i, 9).empty()) return forget(connection_, id);  // it is computed
    bool always = kept.text(i, 8) == "a";
    if (kind == "values") {
      if (kept.text(i, 4) != kept.text(i, 5)) return;  // not what it was
      Rows name = connection_.query(named_now, {kept.text(i, 11), id});
      column = name.text(0, 0);
    }
    std::string quoted = sql::identifier(column), alter = "ALTER TABLE " + table + " ALTER COLUMN " + quoted;
    after = undisturbed(connection_, kept.text(i, 11), true);
    if (kind == "column" && kept.text(i, 4) != kept.text(i, 5)) {
      // A cast cuts and rounds what it must.
      Rows cut = connection_.execute("SELECT 1 FROM " + store_name(id) + " WHERE value::" + kept.text(i, 4) +
                                     "::text IS DISTINCT FROM value::text LIMIT 1");
      if (!cut.empty())
        throw Error("the column is " + kept.text(i, 4) + " now, and not every value of " + kept.text(i, 5) +
                    " is the same in it");
    }
    if (kind == "values") drop_from_own(id, kept.text(i, 11), kept.text(i, 6));
    if (always) connection_.execute(alter + " SET GENERATED BY DEFAULT");
    Rows rows = connection_.execute("UPDATE " + rows_of(connection_, kept.text(i, 11)) + " t SET " + quoted + " = s." +
                                    (kind == "values" ? "before" : "value") + "::" + kept.text(i, 4) + " FROM " +
                                    store_name(id) + " s WHERE " + (kind == "values" ? "s.unchanged AND " : "") +
                                    same_row(lines(kept.text(i, 6))));
    if (always) connection_.execute(alter + " SET GENERATED ALWAYS");
    count = rows.command_tag.substr(rows.command_tag.rfind(' ') + 1);
    advance_sequence(connection_, table, column);
  }
  put_back(connection_, after);
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
  at_end_ = true;
  // A table may wait for the rows that it refers to.
  for (size_t left = std::numeric_limits<size_t>::max(), now = 0; anything_to_bring_back_.value_or(true); left = now) {
    bring_back(false);
    now = connection_.query(kept_query, {ledger_, migration_, other_}).size();
    if (now == 0 || now >= left) break;
  }
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
  if (other_lacks_)  // it was said before the run
    connection_.query(
        "DELETE FROM sluice.kept WHERE ledger = $1 AND migration = $2 AND direction = $3 AND kind = 'not_kept'",
        {ledger_, migration_, other_});
  if (!anything_kept_) return;
  // Of conversions only what they changed is worth keeping.
  Rows kept = connection_.query(kept_query, {ledger_, migration_, direction_});
  for (size_t i = 0; i < kept.size(); i++) {
    if (kept.text(i, 1) != "values") continue;
    std::string id = kept.text(i, 0), name = store_name(id);
    if (!kept.rows[i][4] || kept.text(i, 7) != "t") continue;
    Rows column = connection_.query(named_now, {kept.text(i, 11), id});
    connection_.execute("UPDATE " + name + " s SET after = t." + sql::identifier(column.text(0, 0)) + "::text FROM " +
                        rows_of(connection_, kept.text(i, 11)) + " t WHERE " + same_row(lines(kept.text(i, 6))) +
                        "; DELETE FROM " + name + " WHERE before IS NOT DISTINCT FROM after");
    std::string rows = connection_.execute("SELECT count(*) FROM " + name).text(0, 0);
    if (rows == "0")
      forget(connection_, id);
    else
      connection_.query("UPDATE sluice.kept SET rows = $2 WHERE id = $1", {id, rows});
  }
  Rows now = connection_.query(
      "SELECT kind, schema_name || '.' || table_name || coalesce('.' || column_name, ''), rows FROM sluice.kept WHERE "
      "ledger = $1 AND migration = $2 AND direction = $3 AND run_id = $4 AND kind <> 'not_kept' ORDER BY id",
      {ledger_, migration_, direction_, run_id_});
  for (size_t i = 0; i < now.size(); i++) {
    if (now.text(i, 0) == "sequence") {
      say(fmt::format("kept: where the sequence {} has come to, for the way {}", now.text(i, 1),
                      other_ == "up" ? "up again" : "back"));
      continue;
    }
    say(fmt::format("kept: {} of {} ({} rows), for the way {}", now.text(i, 0) == "table" ? "rows" : "values",
                    now.text(i, 1), now.text(i, 2), other_ == "up" ? "up again" : "back"));
  }
}

}  // namespace sluice::apply
