// What Citus does with tables, as statements: create_distributed_table() and its like.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// The tables that are distributed in another way afterwards. Citus refuses that while foreign keys stand on them.
std::set<model::Key> redistributed_tables(const diff::Changes& changes);

// For when the tables are there with their columns: old keys and foreign keys are gone, new ones are yet to come.
std::vector<Statement> distribute(const model::Schema& old, const model::Schema& after, const diff::Changes& changes,
                                  std::vector<std::string>& notes);

// What the transaction must begin with so that Citus makes the whole plan in it, or nothing.
std::vector<Statement> citus_mode(const model::Schema& old, const model::Schema& after, const diff::Changes& changes,
                                  const std::vector<Statement>& plan);

}  // namespace sluice::plan
