// Views stand in the way: PostgreSQL refuses to change or drop a column that a view reads. So the views that a
// migration concerns are dropped before the tables change and made again after.
#pragma once

#include <vector>

#include "diff/diff.hpp"

namespace sluice::plan {

struct ViewPlan {
  std::vector<const model::View*> drop;    // in the order in which they can be dropped
  std::vector<const model::View*> create;  // in the order in which they can be created
};

// The pointers are into the schemas and changes. A view needs to be rebuilt when its definition changed, when a column
// of a table it names changes its type or goes, or when a view that it names is rebuilt.
ViewPlan plan_views(const model::Schema& before, const model::Schema& after, const diff::Changes& changes);

// True if the SQL text names this table or view, quoted or not. May say yes too often (a column of that name), never
// no when it should be yes.
bool mentions(const std::string& sql, const std::string& name);

}  // namespace sluice::plan
