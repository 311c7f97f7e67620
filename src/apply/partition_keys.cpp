#include "apply/partition_keys.hpp"

#include <map>

#include "apply/partition_names.hpp"
#include "base/text.hpp"
#include "sql/lexer.hpp"
#include "sql/parse.hpp"
#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

std::string written(const sql::Name& name) { return sql::qualified(name.schema, name.name); }

// The statement, if it is ALTER TABLE with one action.
std::optional<sql::AlterTable> read(std::string_view statement) {
  // Nearly all statements concern nothing of this; the parser need not see them.
  const std::string lower = text::to_lower(statement);
  if (lower.find("alter") == std::string::npos ||
      (lower.find("valid") == std::string::npos && lower.find("using") == std::string::npos))
    return std::nullopt;
  const sql::ParsedFile parsed = sql::parse(statement);
  if (parsed.statements.size() != 1 || !parsed.failures.empty()) return std::nullopt;
  const auto* alter = std::get_if<sql::AlterTable>(&parsed.statements.front().command);
  if (!alter || alter->kind != sql::ObjectKind::table || alter->only || alter->actions.size() != 1) return std::nullopt;
  return *alter;
}

bool is_partitioned(Connection& connection, const std::string& table) {
  const Rows found = connection.query(
      "SELECT FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1) AND relkind = 'p'", {table});
  return !found.empty();
}

// What stands behind the table's name.
std::string_view action_text(std::string_view statement) {
  const sql::Lexer lexer(statement);
  size_t at = lexer.skip_blank(0);
  auto token = [&] { return text::to_lower(statement.substr(at, lexer.end_of_token(at) - at)); };
  auto skip = [&] { at = lexer.skip_blank(lexer.end_of_token(at)); };
  for (const char* word : {"alter", "table", "if", "exists"})
    if (token() == word) skip();
  skip();
  while (token() == ".") skip(), skip();
  if (token() == "*") skip();
  return statement.substr(at);
}

// The partitions that have rows themselves, with the foreign key of this name if they have it.
Rows foreign_keys_of_leaves(Connection& connection, const std::string& table, const std::string& name) {
  return connection.query(
      "SELECT p.relid::regclass::text, c.oid IS NOT NULL, c.convalidated, pg_catalog.pg_get_constraintdef(c.oid) FROM "
      "pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)) p LEFT JOIN pg_catalog.pg_constraint c ON c.conrelid = "
      "p.relid AND c.conname = $2 AND c.contype = 'f' WHERE p.isleaf AND p.level > 0 ORDER BY p.relid::oid",
      {table, name});
}

std::string validate(const std::string& table, const std::string& name) {
  return "ALTER TABLE " + table + " VALIDATE CONSTRAINT " + sql::identifier(name);
}

// The table takes a foreign key over that all its partitions have, and reads no rows for that.
bool waits_for_partitions(Connection& connection, const sql::AlterTable& alter) {
  if (connection.version() >= 180000 || alter.actions.front().kind != sql::Alter::validate_constraint) return false;
  const std::string table = written(alter.table.name);
  return is_partitioned(connection, table) &&
         connection
             .query("SELECT FROM pg_catalog.pg_constraint WHERE conrelid = pg_catalog.to_regclass($1) AND conname = $2",
                    {table, alter.actions.front().name})
             .empty();
}

std::string take_over(Connection& connection, const sql::AlterTable& alter, std::string_view statement) {
  const std::string table = written(alter.table.name), &name = alter.actions.front().name;
  const Rows leaves = foreign_keys_of_leaves(connection, table, name);
  std::string out, definition;
  for (size_t i = 0; i < leaves.size(); i++) {
    if (leaves.text(i, 1) != "t") continue;
    definition = leaves.text(i, 3);
    if (leaves.text(i, 2) != "t") out += validate(leaves.text(i, 0), name) + "; ";
  }
  if (definition.empty()) return std::string(statement);
  if (definition.ends_with(" NOT VALID")) definition.resize(definition.size() - std::string(" NOT VALID").size());
  return out + "ALTER TABLE " + table + " ADD CONSTRAINT " + sql::identifier(name) + " " + definition;
}

std::string foreign_keys(Connection& connection, const sql::AlterTable& alter, std::string_view statement) {
  const std::string table = written(alter.table.name);
  const Rows leaves = foreign_keys_of_leaves(connection, table, alter.actions.front().constraint.name);
  std::string out;
  for (size_t i = 0; i < leaves.size(); i++)
    out += (i ? "; " : "") + ("ALTER TABLE " + leaves.text(i, 0) + " ") + std::string(action_text(statement));
  // Without partitions there are no rows to be read.
  if (out.empty()) out = statement.substr(0, text::to_lower(statement).rfind("not valid"));
  return out;
}

// The key on the table alone, on partitions of which there are partitions, on those that have rows by their index; then
// each is attached to the one above it. None of it reads rows.
std::string use_indexes(Connection& connection, const sql::AlterTable& alter, std::string_view statement) {
  const sql::Constraint& key = alter.actions.front().constraint;
  const std::string table = written(alter.table.name);
  const Rows index = connection.query(
      "SELECT i.indexrelid::regclass::text, pg_catalog.pg_get_indexdef(i.indexrelid), EXISTS (SELECT FROM "
      "pg_catalog.pg_inherits a WHERE a.inhparent = i.indexrelid), i.indexrelid FROM pg_catalog.pg_index i JOIN "
      "pg_catalog.pg_class "
      "c ON c.oid = i.indexrelid WHERE i.indrelid = pg_catalog.to_regclass($1) AND c.relname = $2",
      {table, key.index});
  if (index.empty() || index.text(0, 2) == "t" || key.deferrable) return std::string(statement);
  std::string definition = index.text(0, 1);
  const size_t columns = definition.find(" USING btree ");
  if (columns == std::string::npos) return std::string(statement);
  definition = definition.substr(columns + std::string(" USING btree").size());
  const std::string kind = key.kind == sql::ConstraintKind::primary_key ? "PRIMARY KEY" : "UNIQUE";
  std::string what = kind;
  if (const std::string nulls = " NULLS NOT DISTINCT"; definition.ends_with(nulls)) {
    definition.resize(definition.size() - nulls.size());
    what += nulls;
  }
  const std::vector<PartIndex> built = parts_of(connection, table, key.index);
  const std::vector<std::string> key_columns = columns_of(connection, index.text(0, 3));
  PartNames names(connection);
  for (const PartIndex& part : built)
    if (part.there) names.freed(part.schema, part.plain_name);
  // Its columns are known now, and its name is needed. Nobody waits for it from below while we come from above.
  std::string keys = "LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE; DROP INDEX " + index.text(0, 0) + "; ", attach;
  std::map<std::string, std::string> index_of;
  for (size_t i = 0; i < built.size(); i++) {
    const PartIndex& part = built[i];
    const std::string label = key.kind == sql::ConstraintKind::primary_key ? "pkey" : "key";
    const std::string name = sql::identifier(i == 0 ? key.name : names.choose(part.table, key_columns, label));
    keys += std::string("ALTER TABLE ") + (part.leaf ? "" : "ONLY ") + part.table + " ADD CONSTRAINT " + name + " ";
    // Of a partition that came since then the index is built here.
    keys += part.leaf && part.valid ? kind + " USING INDEX " + part.name : what + definition;
    keys += "; ";
    index_of[part.table] = sql::identifier(part.schema) + "." + name;
    if (i > 0)
      attach.insert(0, "ALTER INDEX " + index_of[part.above] + " ATTACH PARTITION " + index_of[part.table] + "; ");
  }
  return keys + attach;
}

}  // namespace

bool becomes_key(std::string_view file, const sql::Name& table, const std::string& index) {
  for (const sql::ParsedStatement& statement : sql::parse(file).statements)
    if (const auto* alter = std::get_if<sql::AlterTable>(&statement.command); alter && alter->table.name == table)
      for (const sql::AlterAction& action : alter->actions)
        if (action.kind == sql::Alter::add_constraint && action.constraint.index == index) return true;
  return false;
}

std::vector<PartIndex> parts_of(Connection& connection, const std::string& table, const std::string& index) {
  const Rows rows = connection.query(
      "SELECT t.relid::regclass::text, coalesce(t.parentrelid::regclass::text, ''), t.isleaf, quote_ident(t.name), "
      "quote_ident(n.nspname) || '.' || quote_ident(t.name), x.indexrelid IS NOT NULL, x.indisvalid, n.nspname, t.name "
      "FROM (SELECT p.*, "
      "c.relnamespace, CASE WHEN octet_length(c.relname || '_' || $2) <= 63 THEN c.relname || '_' || $2 ELSE "
      "'sluice_' || md5($2 || c.oid) END AS name FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)) p JOIN "
      "pg_catalog.pg_class c ON c.oid = p.relid) t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace LEFT JOIN "
      "pg_catalog.pg_class i ON i.relnamespace = n.oid AND i.relname = t.name LEFT JOIN pg_catalog.pg_index x ON "
      "x.indexrelid = i.oid AND x.indrelid = t.relid ORDER BY t.level, t.relid::oid",
      {table, index});
  std::vector<PartIndex> out;
  for (size_t i = 0; i < rows.size(); i++)
    out.push_back({rows.text(i, 0), i == 0 ? "" : rows.text(i, 1), rows.text(i, 3), rows.text(i, 4),
                   rows.text(i, 2) == "t", rows.text(i, 5) == "t", rows.text(i, 6) == "t", rows.text(i, 7),
                   rows.text(i, 8)});
  return out;
}

std::optional<std::string> next_before(Connection& connection, std::string_view statement) {
  const std::optional<sql::AlterTable> alter = read(statement);
  if (!alter || !waits_for_partitions(connection, *alter)) return std::nullopt;
  const std::string& name = alter->actions.front().name;
  const Rows leaves = foreign_keys_of_leaves(connection, written(alter->table.name), name);
  for (size_t i = 0; i < leaves.size(); i++)
    if (leaves.text(i, 1) == "t" && leaves.text(i, 2) != "t") return validate(leaves.text(i, 0), name);
  return std::nullopt;
}

std::string on_partitions(Connection& connection, std::string_view statement, std::string_view file) {
  const std::optional<sql::AlterTable> alter = read(statement);
  if (!alter) return rename_with_parts(connection, statement, file).value_or(std::string(statement));
  const sql::AlterAction& action = alter->actions.front();
  if (waits_for_partitions(connection, *alter)) return take_over(connection, *alter, statement);
  if (action.kind != sql::Alter::add_constraint) return std::string(statement);
  const sql::Constraint& constraint = action.constraint;
  const bool key = !constraint.index.empty();
  const bool reference = constraint.kind == sql::ConstraintKind::foreign_key && constraint.not_valid &&
                         !constraint.name.empty() && connection.version() < 180000;
  if ((!key && !reference) || !is_partitioned(connection, written(alter->table.name))) return std::string(statement);
  return key ? use_indexes(connection, *alter, statement) : foreign_keys(connection, *alter, statement);
}

}  // namespace sluice::apply
