// Names that PostgreSQL makes up or takes from a table for what belongs to it.
#pragma once

#include <set>

#include "model/schema.hpp"

namespace sluice::plan {

// PostgreSQL's name for the primary key of a column that was given none.
model::Key default_primary_key(const model::Key& column);

// True if one of the `created` tables, its keys, indexes or sequences, has a name that goes with the `dropped` tables.
bool names_collide(const model::Schema& old, const std::set<model::Key>& dropped, const model::Schema& after,
                   const std::set<model::Key>& created);

}  // namespace sluice::plan
