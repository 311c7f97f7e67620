// Names and texts in the C++ that is written. Private to `write`.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/schema.hpp"
#include "write/names.hpp"

namespace sluice::write {

// "text" as a C++ string literal.
std::string cpp_string(const std::string& text);
// The name as an identifier, and as the name of a type: "created_at", "CreatedAt".
std::string cpp_identifier(const std::string& name);
std::string cpp_type_name(const std::string& name);

struct CppNames {
  explicit CppNames(const model::Schema& schema);

  std::map<model::Key, std::string> objects;  // variables of tables, views, enums, sequences
  std::map<model::Key, std::string> types;    // struct templates of tables and views, C++ enums
  std::map<model::Key, std::string> columns;
  std::map<model::Key, std::map<std::string, std::string>> labels;  // enumerators by enum and label
  std::map<std::string, std::string> schemas, roles;
  std::map<std::string, std::string> domains;  // those that are declared, by their name in SQL
  Scope scope;
};

}  // namespace sluice::write
