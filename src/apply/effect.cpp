#include "apply/effect.hpp"

#include <algorithm>

#include "apply/token_reader.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

enum class Kind { create_index, drop_index, reindex, detach_partition, create_database, drop_database, repeatable };

// The parts of such a statement that the catalog can be asked about; names as they are written.
struct Parts {
  Kind kind = Kind::repeatable;
  std::string name, table;
  bool whole = false;  // REINDEX SCHEMA, DATABASE: many tables, on which others may work meanwhile
};

Parts read_parts(std::string_view statement) {
  TokenReader r(sql::tokens(statement));
  if (r.skip("create")) {
    if (r.skip("database")) return {Kind::create_database, r.name(), ""};
    r.skip("unique");
    if (!r.skip("index")) return {};
    r.skip("concurrently");
    r.skip_if_exists();
    Parts parts{Kind::create_index, "", ""};
    if (!r.at("on")) parts.name = r.name();
    r.skip("on");
    r.skip("only");
    parts.table = r.name();
    return parts;
  }
  if (r.skip("drop")) {
    if (r.skip("database")) {
      r.skip_if_exists();
      return {Kind::drop_database, r.name(), ""};
    }
    if (!r.skip("index")) return {};
    r.skip("concurrently");
    r.skip_if_exists();
    return {Kind::drop_index, r.name(), ""};
  }
  if (r.skip("reindex")) {
    const std::vector<std::string> tokens = sql::tokens(statement);
    if (!r.find("concurrently")) return {};
    Parts parts{Kind::reindex, r.name(), ""};
    for (const char* many : {"schema", "database", "system"})
      parts.whole = parts.whole || std::find(tokens.begin(), tokens.end(), many) != tokens.end();
    return parts;
  }
  if (r.skip("alter") && r.skip("table")) {
    r.skip_if_exists();
    r.skip("only");
    Parts parts{Kind::detach_partition, "", r.name()};
    if (!r.find("partition")) return {};
    parts.name = r.name();
    return parts;
  }
  return {};
}

// Indexes of a table (or of the table of an index): oid, quoted name, valid, name as in the catalog, partitioned.
Rows indexes_of(Connection& connection, const std::string& relation) {
  return connection.query(
      "SELECT i.indexrelid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
      "i.indisvalid, c.relname, c.relkind = 'I' FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = "
      "i.indexrelid JOIN "
      "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.indrelid = coalesce((SELECT indrelid FROM "
      "pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass($1)), pg_catalog.to_regclass($1)) ORDER BY 1",
      {relation});
}

// How PostgreSQL keeps a name that is written like this: folded, or without its quotes.
std::string kept_name(Connection& connection, const std::string& written) {
  Rows parts = connection.query(
      "SELECT (pg_catalog.parse_ident($1))[pg_catalog.array_upper(pg_catalog.parse_ident($1), 1)]", {written});
  return parts.text(0, 0);
}

bool listed(const std::string& before, const std::string& oid) {
  return (" " + before + " ").find(" " + oid + " ") != std::string::npos;
}

Found found_index(Connection& connection, const Parts& parts, const std::string& before) {
  Rows indexes = indexes_of(connection, parts.table);
  std::string wanted = parts.name.empty() ? "" : kept_name(connection, parts.name);
  std::vector<size_t> ours;
  for (size_t i = 0; i < indexes.size(); i++) {
    bool is_new = !listed(before, indexes.text(i, 0));
    if (wanted.empty() ? is_new : indexes.text(i, 3) == wanted) ours.push_back(i);
  }
  if (ours.empty()) return {Effect::none, parts.name.empty() ? "an index of " + parts.table : parts.name, "", false};
  size_t i = ours.front();
  Found found{Effect::unclear, indexes.text(i, 1), "", false};
  bool valid = indexes.text(i, 2) == "t", is_new = !listed(before, indexes.text(i, 0));
  // What was there before is not ours: the statement is repeated, and PostgreSQL says what it thinks of it.
  if (valid) found.effect = !is_new ? Effect::none : ours.size() == 1 ? Effect::took_effect : Effect::unclear;
  // On a partitioned table it goes on with what is there.
  if (!valid && indexes.text(i, 4) == "t") found.effect = Effect::none;
  if (!valid && is_new && !wanted.empty() && found.effect != Effect::none) {
    found.effect = Effect::half;
    found.repair = "DROP INDEX CONCURRENTLY IF EXISTS " + found.object;
  }
  return found;
}

// The indexes that a REINDEX works on or may make: of the table, its partitions and their toast tables. Columns: oid,
// quoted name, valid, name as in the catalog, may this role name it (schema pg_toast is closed to most).
Rows indexes_for_reindex(Connection& connection, const Parts& parts) {
  const std::string of_table =
      "i.indrelid IN (WITH RECURSIVE tables AS (SELECT coalesce((SELECT indrelid FROM pg_catalog.pg_index WHERE "
      "indexrelid = pg_catalog.to_regclass($1)), pg_catalog.to_regclass($1)::oid) AS oid UNION SELECT h.inhrelid FROM "
      "pg_catalog.pg_inherits h JOIN tables t ON t.oid = h.inhparent) SELECT oid FROM tables UNION SELECT "
      "x.reltoastrelid FROM pg_catalog.pg_class x JOIN tables t USING (oid))";
  return connection.query(
      "SELECT i.indexrelid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), "
      "i.indisvalid, c.relname, pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_index i JOIN "
      "pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE " +
          (parts.whole ? std::string("$1::text IS NOT NULL") : of_table) + " ORDER BY 1",
      {parts.name});
}

bool ends_like(const std::string& name, const std::string& what) { return name.find(what) != std::string::npos; }

// In what is noted before a REINDEX an invalid index has a "!" before its number.
Found found_reindex(Connection& connection, const Parts& parts, const std::string& before) {
  if (parts.whole) return {Effect::none, parts.name, "", false};
  Rows indexes = indexes_for_reindex(connection, parts);
  for (size_t i = 0; i < indexes.size(); i++) {
    const std::string oid = indexes.text(i, 0), name = indexes.text(i, 3);
    const bool made = !listed(before, oid) && !listed(before, "!" + oid) && ends_like(name, "_ccnew");
    const bool replaced = listed(before, oid) && ends_like(name, "_ccold");
    if (indexes.text(i, 2) == "f" && (made || replaced) && indexes.text(i, 4) == "t")
      return {Effect::half, indexes.text(i, 1), "DROP INDEX CONCURRENTLY IF EXISTS " + indexes.text(i, 1), false};
  }
  return {Effect::none, parts.name, "", false};
}

Found found_partition(Connection& connection, const Parts& parts) {
  bool knows_pending = connection.version() >= 140000;
  Rows rows = connection.query(std::string("SELECT ") + (knows_pending ? "inhdetachpending" : "false") +
                                   " FROM pg_catalog.pg_inherits WHERE inhrelid = pg_catalog.to_regclass($1) AND "
                                   "inhparent = pg_catalog.to_regclass($2)",
                               {parts.name, parts.table});
  if (rows.empty()) return {Effect::took_effect, parts.name, "", false};
  if (rows.text(0, 0) == "t")
    return {Effect::half, parts.name, "ALTER TABLE " + parts.table + " DETACH PARTITION " + parts.name + " FINALIZE",
            true};
  return {Effect::none, parts.name, "", false};
}

bool database_exists(Connection& connection, const std::string& written) {
  return !connection.query("SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", {kept_name(connection, written)})
              .empty();
}

}  // namespace

std::string state_before(Connection& connection, std::string_view statement) {
  Parts parts = read_parts(statement);
  if (parts.kind != Kind::create_index && parts.kind != Kind::reindex) return "";
  std::string oids;
  const bool reindex = parts.kind == Kind::reindex;
  if (reindex && parts.whole) return oids;
  Rows indexes = reindex ? indexes_for_reindex(connection, parts) : indexes_of(connection, parts.table);
  for (size_t i = 0; i < indexes.size(); i++)
    oids +=
        (oids.empty() ? "" : " ") + std::string(reindex && indexes.text(i, 2) == "f" ? "!" : "") + indexes.text(i, 0);
  return oids;
}

std::string what_it_left(Connection& connection, std::string_view statement) {
  const Parts parts = read_parts(statement);
  if (parts.kind != Kind::drop_index) return "";
  Rows index = connection.query(
      "SELECT i.indexrelid::regclass::text FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_catalog.to_regclass($1) "
      "AND NOT i.indisvalid",
      {parts.name});
  return index.empty() ? ""
                       : "The index " + index.text(0, 0) + " is invalid now: no query uses it, until it is dropped.";
}

std::vector<std::string> left_by_reindex(Connection& connection, std::string_view statement) {
  const Parts parts = read_parts(statement);
  if (parts.kind != Kind::reindex) return {};
  std::vector<std::string> out;
  Rows indexes = indexes_for_reindex(connection, parts);
  for (size_t i = 0; i < indexes.size(); i++)
    if (const std::string name = indexes.text(i, 3);
        indexes.text(i, 2) == "f" && (ends_like(name, "_ccnew") || ends_like(name, "_ccold")))
      out.push_back("the invalid index " + indexes.text(i, 1) +
                    " is left alone; if no REINDEX is at work on it: DROP INDEX CONCURRENTLY " + indexes.text(i, 1) +
                    ";" + (indexes.text(i, 4) == "t" ? "" : " (as a superuser)"));
  return out;
}

Found look_for_effect(Connection& connection, std::string_view statement, const std::string& before) {
  Parts parts = read_parts(statement);
  switch (parts.kind) {
    case Kind::create_index:
      return found_index(connection, parts, before);
    case Kind::drop_index: {
      bool there = connection.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", {parts.name}).text(0, 0) == "t";
      return {there ? Effect::none : Effect::took_effect, parts.name, "", false};
    }
    case Kind::reindex:
      return found_reindex(connection, parts, before);
    case Kind::detach_partition:
      return found_partition(connection, parts);
    case Kind::create_database:
      return {database_exists(connection, parts.name) ? Effect::took_effect : Effect::none, parts.name, "", false};
    case Kind::drop_database:
      return {database_exists(connection, parts.name) ? Effect::none : Effect::took_effect, parts.name, "", false};
    case Kind::repeatable:
      break;
  }
  return {};
}

}  // namespace sluice::apply
