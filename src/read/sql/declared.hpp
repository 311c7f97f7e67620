// What a statement of a schema declares, to tell who declares a thing that is there already. Private to read/sql.
#pragma once

#include <optional>
#include <string>

#include "read/sql/statements.hpp"

namespace sluice::read {

struct Declared {
  std::string kind;    // table, view, sequence, type, index, function, constraint, trigger, policy …
  std::string schema;  // "public" where the statement has none
  std::string table;   // of what belongs to one
  std::string name;

  // "table users", "policy own of accounts".
  std::string display() const;
};

// Nothing for a statement that declares nothing with a name.
std::optional<Declared> declared(const std::string& statement);

// The same text for what PostgreSQL takes for one name: tables, views, sequences, indexes and types share theirs.
std::string name_key(const Declared& object);

// Where another source, TypeScript, says what the statement makes.
Location place_in(const Places& places, const std::string& statement);

// True for the error that something is there already.
bool is_there_already(const Error& error);

}  // namespace sluice::read
