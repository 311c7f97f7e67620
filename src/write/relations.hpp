// relations.ts: drizzle's relational queries, from the foreign keys. Private to `write`.
#pragma once

#include <string>

#include "write/names.hpp"

namespace sluice::write {

// Empty if no table refers to another.
std::string relations(const model::Schema& schema, const Names& names, bool drizzle_1);

}  // namespace sluice::write
