// What a database has, for the page: tables, views, columns, keys, foreign keys, enums. One query, whose answer is the
// JSON that the page gets; and the same about one table, for building statements.
#pragma once

#include <string>
#include <vector>

#include "server/connection.hpp"

namespace sluice::studio {

// {"tables": [...], "foreignKeys": [...], "enums": [...], "functions": [...], "searchPath": [...]}
std::string objects_json(server::Connection& connection);

struct ColumnInfo {
  std::string name, type;  // "character varying", without a length: what a parameter is cast to
  std::string base;        // typname of the type, or of what its domain is of
  char category = 'U';     // pg_type.typcategory
  bool not_null = false, generated = false;

  bool is_long() const;  // its text may be long: it is cut for a list
  bool can_be_sorted() const;
};

struct TableInfo {
  std::string schema, name;
  char kind = 'r';  // pg_class.relkind
  std::vector<ColumnInfo> columns;
  std::vector<std::string> key;  // columns of the primary key, or of a unique index without NULL; may be empty
  bool has_children = false;     // tables that inherit from it, or its partitions

  std::string sql() const;  // quoted
  bool is_table() const { return kind == 'r' || kind == 'p' || kind == 'f'; }
  // Rows without a key can be told apart by where they lie (ctid); among several tables that is not enough.
  bool has_places() const { return (kind == 'r' && !has_children) || kind == 'm'; }
  // Throws Error if it has no such column.
  const ColumnInfo& column(const std::string& column_name) const;
};

// Throws Error if there is no such table or view.
TableInfo table_info(server::Connection& connection, const std::string& schema, const std::string& name);

}  // namespace sluice::studio
