// Two key constraints over the same columns. In one CREATE TABLE, PostgreSQL builds only the first of them and says
// nothing: .primaryKey().unique() gives a primary key with the name of the unique constraint.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "model/schema.hpp"

namespace sluice::plan {

// What a unique constraint repeats.
enum class Repeats { unnamed_primary_key, other };

// The unique constraints of the schema that repeat their table's primary key, or a unique constraint before them.
std::map<model::Key, Repeats> repeated_uniques(const model::Schema& schema);

// Takes such a constraint away, whether a database has it or not. Where the primary key has its name, the key gets the
// name that it would have had.
std::string drop_repeated(const model::Unique& unique, Repeats repeats);

}  // namespace sluice::plan
