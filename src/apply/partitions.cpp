#include "apply/partitions.hpp"

#include "apply/partition_keys.hpp"
#include "apply/partition_names.hpp"
#include "base/text.hpp"
#include "sql/lexer.hpp"
#include "sql/parse.hpp"
#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

struct Wanted {
  bool create = false, unique = false;
  sql::Name table, index;  // of CREATE INDEX both, of DROP INDEX the second
};

std::optional<Wanted> read(std::string_view statement) {
  const sql::ParsedFile parsed = sql::parse(statement);
  if (parsed.statements.size() != 1) return std::nullopt;
  const sql::Command& command = parsed.statements.front().command;
  if (const auto* create = std::get_if<sql::CreateIndex>(&command);
      create && create->concurrently && !create->only && !create->name.empty())
    return Wanted{true, create->unique, create->table.name, {create->table.name.schema, create->name}};
  if (const auto* drop = std::get_if<sql::Drop>(&command);
      drop && drop->concurrently && drop->kind == sql::ObjectKind::index && drop->objects.size() == 1)
    return Wanted{false, false, {}, drop->objects.front().name};
  return std::nullopt;
}

std::string written(const sql::Name& name) { return sql::qualified(name.schema, name.name); }

std::string kind_of(Connection& connection, const std::string& relation) {
  const Rows found =
      connection.query("SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)", {relation});
  return found.empty() ? "" : found.text(0, 0);
}

// The statement without CONCURRENTLY, and with ONLY.
std::string on_only(std::string_view statement) {
  const sql::Lexer lexer(statement);
  std::string out;
  size_t copied = 0;
  bool without = false;
  for (size_t at = lexer.skip_blank(0); at < statement.size();) {
    const size_t end = lexer.end_of_token(at);
    const std::string token = text::to_lower(statement.substr(at, end - at));
    if (token == "concurrently" && !without) {
      out += statement.substr(copied, at - copied);
      copied = end;
      without = true;
    } else if (token == "on") {
      out += std::string(statement.substr(copied, end - copied)) + " ONLY";
      copied = end;
      break;
    }
    at = lexer.skip_blank(end);
  }
  return out + std::string(statement.substr(copied));
}

// The last index that is attached makes the one above it valid, and that one the one above: PostgreSQL then locks
// tables from below (validatePartitionedIndex() in tablecmds.c, 15 and 18), while queries lock them from above. With
// these statements before it nobody gets into a deadlock with it.
std::string locks_from_the_top(Connection& connection, const std::string& index_oid) {
  const Rows found = connection.query(
      "WITH RECURSIVE above AS (SELECT i.inhparent AS oid, 1 AS level FROM pg_catalog.pg_index x JOIN "
      "pg_catalog.pg_inherits i ON i.inhrelid = x.indrelid WHERE x.indexrelid = $1::oid UNION ALL SELECT i.inhparent, "
      "above.level + 1 FROM above JOIN pg_catalog.pg_inherits i ON i.inhrelid = above.oid) SELECT "
      "coalesce(string_agg('LOCK TABLE ONLY ' || oid::regclass::text || ' IN ACCESS EXCLUSIVE MODE; ', '' ORDER BY "
      "level DESC), '') FROM above",
      {index_oid});
  return found.text(0, 0);
}

std::string create_on(const std::string& definition, bool unique, const std::string& name, const std::string& table) {
  return std::string("CREATE ") + (unique ? "UNIQUE " : "") + "INDEX CONCURRENTLY " + name + " ON " + table +
         definition.substr(definition.find(" USING "));
}

}  // namespace

bool concerns_partitions(Connection& connection, std::string_view statement) {
  const std::optional<Wanted> wanted = read(statement);
  if (!wanted) return false;
  return wanted->create ? kind_of(connection, written(wanted->table)) == "p"
                        : kind_of(connection, written(wanted->index)) == "I";
}

std::optional<PartitionStatement> next_on_partitions(Connection& connection, std::string_view statement,
                                                     std::string_view file) {
  const std::optional<Wanted> wanted = read(statement);
  if (!wanted) return std::nullopt;
  if (!wanted->create) {
    if (kind_of(connection, written(wanted->index)) != "I") return std::nullopt;
    return PartitionStatement{"DROP INDEX " + written(wanted->index), false};
  }
  // An index stands in the schema of its table.
  const Rows index = connection.query(
      "SELECT i.indexrelid, pg_catalog.pg_get_indexdef(i.indexrelid), i.indisunique FROM pg_catalog.pg_index i JOIN "
      "pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = pg_catalog.to_regclass($1) AND c.relname = $2",
      {written(wanted->table), wanted->index.name});
  if (index.empty()) return PartitionStatement{on_only(statement), false};
  if (wanted->unique && becomes_key(file, wanted->table, wanted->index.name)) {
    for (const PartIndex& leaf : parts_of(connection, written(wanted->table), wanted->index.name)) {
      if (!leaf.leaf || leaf.valid) continue;
      if (leaf.there) return PartitionStatement{"DROP INDEX CONCURRENTLY " + leaf.index, true};
      return PartitionStatement{create_on(index.text(0, 1), true, leaf.name, leaf.table), true};
    }
    return std::nullopt;
  }
  // The first partition whose index is not attached, also of partitions that have partitions.
  const Rows next = connection.query(
      "WITH RECURSIVE tree AS (SELECT $1::oid AS oid UNION ALL SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits "
      "i ON i.inhparent = tree.oid), missing AS (SELECT tree.oid AS parent, child.oid, child.relkind, "
      "child.relnamespace, CASE WHEN octet_length(child.relname || '_' || $2) <= 63 THEN child.relname || '_' || $2 "
      "ELSE 'sluice_index_' || tree.oid || '_' || child.oid END AS name FROM tree JOIN pg_catalog.pg_index x ON "
      "x.indexrelid = tree.oid JOIN pg_catalog.pg_inherits i ON i.inhparent = x.indrelid JOIN pg_catalog.pg_class "
      "child ON child.oid = i.inhrelid WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits a JOIN pg_catalog.pg_index "
      "ax ON ax.indexrelid = a.inhrelid WHERE a.inhparent = tree.oid AND ax.indrelid = child.oid)) SELECT "
      "m.parent::regclass::text, m.oid::regclass::text, m.relkind, quote_ident(m.name), quote_ident(n.nspname) || '.' "
      "|| quote_ident(m.name), x.indisvalid, x.indrelid = m.oid, m.parent, (SELECT count(*) FROM missing o WHERE "
      "o.parent = m.parent), n.nspname, m.name FROM missing m JOIN pg_catalog.pg_namespace n ON n.oid = m.relnamespace "
      "LEFT JOIN "
      "pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = m.name LEFT JOIN pg_catalog.pg_index x ON "
      "x.indexrelid = c.oid ORDER BY m.parent, m.oid LIMIT 1",
      {index.text(0, 0), wanted->index.name});
  if (next.empty()) return std::nullopt;
  const bool leaf = next.text(0, 2) != "p", there = next.text(0, 6) == "t", valid = next.text(0, 5) == "t";
  const std::string definition = index.text(0, 1);
  if (there && leaf && !valid) return PartitionStatement{"DROP INDEX CONCURRENTLY " + next.text(0, 4), true};
  if (there) {
    const std::string locks = next.text(0, 8) == "1" ? locks_from_the_top(connection, next.text(0, 7)) : "";
    std::string sql = locks + "ALTER INDEX " + next.text(0, 0) + " ATTACH PARTITION " + next.text(0, 4);
    // One that is to get another name keeps that of our making until then.
    if (!renames_index(file, wanted->index.name)) {
      PartNames names(connection);
      names.freed(next.text(0, 9), next.text(0, 10));
      const std::string name = names.choose(next.text(0, 1), columns_of(connection, next.text(0, 7)), "idx");
      if (name != next.text(0, 10)) sql += "; ALTER INDEX " + next.text(0, 4) + " RENAME TO " + sql::identifier(name);
    }
    return PartitionStatement{sql, false};
  }
  const bool unique = index.text(0, 2) == "t";
  if (leaf) return PartitionStatement{create_on(definition, unique, next.text(0, 3), next.text(0, 1)), true};
  return PartitionStatement{std::string("CREATE ") + (unique ? "UNIQUE " : "") + "INDEX " + next.text(0, 3) +
                                " ON ONLY " + next.text(0, 1) + definition.substr(definition.find(" USING ")),
                            false};
}

}  // namespace sluice::apply
