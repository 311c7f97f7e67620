// Another type for columns of tables that are in use, where PostgreSQL would write every row anew under a lock. A
// second column of the new type is kept equal by a trigger and filled in batches; keys, constraints and indexes are
// built on it beside the old ones; then it takes the old one's place, in one transaction that reads no rows.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/recipes.hpp"

namespace sluice::plan {

// One enum whose type is made again, with its columns among those that move.
using Retyped = std::vector<const diff::Altered<model::Enum>*>;

// Moves all of these columns together: foreign keys may lead from one to the other. `now` becomes the schema after it.
// What stands on them is built as `after` has it, or goes; gives the indexes and constraints that are settled so.
std::set<model::Key> move_columns(model::Schema& now, const model::Schema& after,
                                  const std::vector<diff::Altered<model::Column>>& changes, const Retyped& enumerations,
                                  Recipes& recipes);

}  // namespace sluice::plan
