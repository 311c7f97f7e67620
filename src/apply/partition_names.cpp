#include "apply/partition_names.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "model/names.hpp"
#include "sql/parse.hpp"
#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

// A constraint that takes the name of one that `file` drops before.
bool follows_a_dropped(std::string_view file, const sql::Rename& rename) {
  bool dropped = false;
  for (const sql::ParsedStatement& statement : sql::parse(file).statements) {
    if (const auto* alter = std::get_if<sql::AlterTable>(&statement.command)) {
      for (const sql::AlterAction& action : alter->actions)
        dropped = dropped || (action.kind == sql::Alter::drop_constraint && action.name == rename.to &&
                              alter->table.name == rename.object.name);
    } else if (const auto* other = std::get_if<sql::Rename>(&statement.command)) {
      if (other->kind == sql::ObjectKind::constraint && other->to == rename.to &&
          other->object.name == rename.object.name)
        return dropped;
    }
  }
  return false;
}

// Of a foreign key that PostgreSQL would have made again under its name; CHECK it renames on partitions, too.
std::string rename_foreign_key(Connection& connection, std::string_view statement, const sql::Rename& rename) {
  const Rows parts = connection.query(
      "WITH RECURSIVE tree AS (SELECT oid FROM pg_catalog.pg_constraint WHERE conrelid = pg_catalog.to_regclass($1) "
      "AND "
      "conname = $2 AND contype = 'f' UNION ALL SELECT c.oid FROM tree JOIN pg_catalog.pg_constraint c ON "
      "c.conparentid "
      "= tree.oid) SELECT conrelid::regclass::text FROM tree JOIN pg_catalog.pg_constraint USING (oid) WHERE conrelid "
      "<> pg_catalog.to_regclass($1) AND conname = $2 ORDER BY conrelid",
      {sql::qualified(rename.object.name.schema, rename.object.name.name), rename.object.of_table_member});
  std::string out(statement);
  for (size_t i = 0; i < parts.size(); i++)
    out += "; ALTER TABLE " + parts.text(i, 0) + " RENAME CONSTRAINT " +
           sql::identifier(rename.object.of_table_member) + " TO " + sql::identifier(rename.to);
  return out;
}

// ALTER INDEX … RENAME.
const sql::Rename* index_rename(const sql::Command& command) {
  const auto* rename = std::get_if<sql::Rename>(&command);
  return rename && rename->kind == sql::ObjectKind::index ? rename : nullptr;
}

bool may_rename_index(std::string_view statement) {
  const std::string lower = text::to_lower(statement);
  return lower.find("alter") != std::string::npos && lower.find("index") != std::string::npos &&
         lower.find("rename") != std::string::npos;
}

std::vector<std::pair<std::string, std::string>> index_renames(std::string_view file) {
  std::vector<std::pair<std::string, std::string>> out;
  if (!may_rename_index(file)) return out;
  for (const sql::ParsedStatement& statement : sql::parse(file).statements)
    if (const sql::Rename* rename = index_rename(statement.command))
      out.emplace_back(rename->object.name.name, rename->to);
  return out;
}

}  // namespace

std::string PartNames::choose(const std::string& table, const std::vector<std::string>& columns,
                              const std::string& label) {
  const Rows of = connection_.query(
      "SELECT c.relname, n.nspname, n.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace WHERE c.oid = pg_catalog.to_regclass($1)",
      {table});
  for (int number = 0;; number++) {
    std::string name = model::implicit_name(of.text(0, 0), label == "pkey" ? "" : text::join(columns, "_"),
                                            label + (number ? std::to_string(number) : ""));
    const std::pair<std::string, std::string> key(of.text(0, 1), name);
    if (taken_.contains(key)) continue;
    if (!free_.contains(key)) {
      const Rows found = connection_.query(
          "SELECT FROM pg_catalog.pg_class WHERE relname = $1 AND relnamespace = $2::oid UNION ALL SELECT FROM "
          "pg_catalog.pg_constraint WHERE conname = $1 AND connamespace = $2::oid AND $3",
          {name, of.text(0, 2), label == "idx" ? "false" : "true"});
      if (!found.empty()) continue;
    }
    taken_.insert(key);
    return name;
  }
}

std::vector<std::string> columns_of(Connection& connection, const std::string& index_oid) {
  const Rows rows = connection.query(
      "SELECT coalesce(t.attname, x.attname) FROM pg_catalog.pg_attribute x JOIN pg_catalog.pg_index i ON i.indexrelid "
      "= x.attrelid LEFT JOIN pg_catalog.pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = i.indkey[x.attnum - "
      "1] AND t.attnum > 0 WHERE x.attrelid = $1::oid AND x.attnum > 0 ORDER BY x.attnum",
      {index_oid});
  std::vector<std::string> out;
  for (size_t i = 0; i < rows.size(); i++) out.push_back(rows.text(i, 0));
  return out;
}

bool renames_index(std::string_view file, const std::string& index) {
  const auto renames = index_renames(file);
  return std::any_of(renames.begin(), renames.end(), [&](const auto& each) { return each.first == index; });
}

std::optional<std::string> rename_with_parts(Connection& connection, std::string_view statement,
                                             std::string_view file) {
  const std::string lower = text::to_lower(statement);
  if (lower.find("alter") == std::string::npos || lower.find("rename") == std::string::npos) return std::nullopt;
  const sql::ParsedFile parsed = sql::parse(statement);
  if (parsed.statements.size() != 1 || !parsed.failures.empty()) return std::nullopt;
  if (const auto* any = std::get_if<sql::Rename>(&parsed.statements.front().command);
      any && any->kind == sql::ObjectKind::constraint && follows_a_dropped(file, *any))
    return rename_foreign_key(connection, statement, *any);
  const sql::Rename* rename = index_rename(parsed.statements.front().command);
  if (!rename) return std::nullopt;
  const std::string &from = rename->object.name.name, &to = rename->to;
  const Rows parts = connection.query(
      "WITH RECURSIVE tree AS (SELECT pg_catalog.to_regclass($1)::oid AS oid, 0 AS level UNION ALL SELECT i.inhrelid, "
      "tree.level + 1 FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid) SELECT tree.oid, "
      "tree.oid::regclass::text, c.relname, n.nspname, t.oid::regclass::text, t.relname FROM tree JOIN "
      "pg_catalog.pg_class c ON c.oid = tree.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN "
      "pg_catalog.pg_index x ON x.indexrelid = c.oid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid ORDER BY "
      "tree.level, t.oid",
      {sql::qualified(rename->object.name.schema, from)});
  bool gives = false, gets = false, before = true;
  if (parts.size() > 1)
    for (const auto& [other, becomes] : index_renames(file)) {
      if (other == from && becomes == to) before = false;
      gives = gives || (!before && becomes == from);
      gets = gets || (before && other == to);
    }
  PartNames names(connection);
  const std::vector<std::string> columns = gets ? columns_of(connection, parts.text(0, 0)) : std::vector<std::string>{};
  for (size_t i = 1; i < parts.size(); i++) names.freed(parts.text(i, 3), parts.text(i, 2));
  std::string out(statement);
  for (size_t i = 1; i < parts.size(); i++) {
    const std::string is = parts.text(i, 2);
    std::string becomes = is;
    if (gives)
      becomes = "sluice_index_" + parts.text(i, 0);
    else if (gets)
      becomes = names.choose(parts.text(i, 4), columns, "idx");
    else if (is == parts.text(i, 5) + "_" + from)  // as they are called where they were made outside of a transaction
      becomes = parts.text(i, 5) + "_" + to;
    if (becomes != is && becomes.size() <= model::max_name_bytes)
      out += "; ALTER INDEX " + parts.text(i, 1) + " RENAME TO " + sql::identifier(becomes);
  }
  return out;
}

}  // namespace sluice::apply
