// Tables that begin or cease to inherit from others, and what that means for their columns and checks. NO INHERIT
// leaves both with the child, as its own; INHERIT wants to find both there
// (https://www.postgresql.org/docs/current/sql-altertable.html).
#pragma once

#include <algorithm>
#include <vector>

#include "plan/plan.hpp"

namespace sluice::plan {

// NO INHERIT for every parent that a table has no longer, and the end of the checks that came from there. Also what
// makes an inherited column the child's own, so that it stays when the parent loses it.
std::vector<Statement> leave_parents(const model::Schema& old, const model::Schema& after,
                                     const diff::Changes& changes);

// INHERIT for every new parent. The columns must be there.
std::vector<Statement> join_parents(const model::Schema& old, const model::Schema& after,
                                    const diff::Altered<model::Table>& change);

// Whether a column that is new or gone comes or goes with that of a parent, without a statement of its own.
bool follows_parent(const model::Column& column, const model::Schema& old, const model::Schema& after);

// Columns or constraints in their order, but those of tables that inherit all first or all last.
template <class Kind>
std::vector<const Kind*> with_inheriting(const std::vector<Kind>& objects, const model::Schema& schema, bool first) {
  std::vector<const Kind*> out;
  for (const Kind& object : objects) out.push_back(&object);
  std::stable_partition(out.begin(), out.end(), [&](const Kind* object) {
    const model::Table* table = model::find<model::Table>(schema, object->key.owner());
    return (table && !table->inherits.empty()) == first;
  });
  return out;
}

}  // namespace sluice::plan
