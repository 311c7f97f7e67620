// Keys of partitioned tables, where PostgreSQL refuses their online forms: UNIQUE and PRIMARY KEY … USING INDEX always,
// FOREIGN KEY … NOT VALID before 18. Each partition gets the key by the same statements, and the table takes those
// over.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/connection.hpp"
#include "sql/ast.hpp"

namespace sluice::apply {

// True if `file` makes a key of this index: ALTER TABLE … ADD CONSTRAINT … USING INDEX.
bool becomes_key(std::string_view file, const sql::Name& table, const std::string& index);

// A partitioned table or one of its partitions, and its part of an index of that name. Names as SQL has them.
struct PartIndex {
  std::string table, above;  // above: empty for the table itself
  std::string name, index;   // index: `name` with its schema
  bool leaf = false;         // it has rows itself
  bool there = false, valid = false;
  std::string schema, plain_name;  // not as SQL has them
};
// The table first, and what is partitioned before its partitions.
std::vector<PartIndex> parts_of(server::Connection& connection, const std::string& table, const std::string& index);

// What is to be run, outside of the step's transaction, before `statement`: VALIDATE of one partition's foreign key.
std::optional<std::string> next_before(server::Connection& connection, std::string_view statement);

// What is to be run instead of a statement of `file` in a transaction; the statement itself where no partition is
// concerned.
std::string on_partitions(server::Connection& connection, std::string_view statement, std::string_view file);

}  // namespace sluice::apply
