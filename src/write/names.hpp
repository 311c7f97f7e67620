// Names in the program that is written. Private to `write`.
#pragma once

#include <map>
#include <set>
#include <string>

#include "model/schema.hpp"

namespace sluice::write {

// "created_at" → "createdAt"; letters, digits and underscores only, not a digit first.
std::string camel_case(const std::string& name);
// The name as an identifier with as little change as can be.
std::string preserved(const std::string& name);
bool is_identifier(const std::string& name);
// "text" in double quotes, as JavaScript reads it.
std::string in_quotes(const std::string& text);
// sql`text`
std::string sql_template(const std::string& text);
// table.name, table["odd name"]
std::string member(const std::string& object, const std::string& key);
// A key of an object literal.
std::string property(const std::string& key);

// The identifiers of one scope: each is given once.
class Scope {
 public:
  Scope() = default;
  explicit Scope(std::set<std::string> taken) : taken_(std::move(taken)) {}
  // `wanted`, or with the suffix, or with a number, whichever is free first.
  std::string take(const std::string& wanted, const std::string& suffix = "");

 private:
  std::set<std::string> taken_;
};

// What drizzle exports, and words that JavaScript keeps for itself.
const std::set<std::string>& reserved_names();

// What everything is called.
struct Names {
  Names(const model::Schema& schema, bool keep);

  const std::string& table(const model::Key& key) const { return tables.at(key); }
  std::string column(const model::Key& table, const std::string& name) const;

  std::map<model::Key, std::string> tables, views, enums, sequences, columns;
  std::map<std::string, std::string> schemas, roles;
  std::map<std::string, std::string> types;  // custom types by their SQL
  Scope exports;

 private:
  std::string made(const std::string& name) const;
  bool keep_;
};

}  // namespace sluice::write
