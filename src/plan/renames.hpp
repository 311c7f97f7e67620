// New names for what stays.
#pragma once

#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// In the order in which they are given: a later one is in terms of those before it. Schemas are `created` when the
// first object may move into one.
std::vector<Statement> rename_all(const diff::Renames& renames, const std::vector<model::Namespace>& created);

// What PostgreSQL named after a table or column (users_pkey, users_id_seq) keeps its name when those are renamed, where
// a fresh database would have the new one. `renamed` is `before` after the renames, object by object.
std::vector<Statement> rename_implicit(const model::Schema& before, const model::Schema& renamed);

// RENAME CONSTRAINT, ALTER INDEX and ALTER POLICY … RENAME for what was paired by content.
std::vector<Statement> rename_constraints(const diff::Changes& changes);

}  // namespace sluice::plan
