// Views stand in the way: PostgreSQL refuses to change or drop a column that a view reads. So the views that a
// migration concerns are dropped before the tables change and made again after.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// The names that an SQL text says, quoted or not, in lower case: PostgreSQL folds unquoted ones, and saying yes too
// often does no harm. What stands in literals and comments is no name.
class Words {
 public:
  explicit Words(std::string_view sql);

  bool has(std::string_view name) const;
  // SELECT * or t.*, which reads every column that there is when the view is made; not count(*) or a * b.
  bool has_star() const { return star_; }
  const std::set<std::string, std::less<>>& all() const { return words_; }

 private:
  std::set<std::string, std::less<>> words_;
  bool star_ = false;
};

struct ViewPlan {
  std::vector<const model::View*> drop;  // in the order in which they can be dropped
  std::vector<const diff::Altered<model::View>*> rename, alter_options;
  std::vector<const model::View*> create;  // in the order in which they can be created
};

// The pointers are into the schemas and changes; `old` has the names that `changes` has. A view needs to be rebuilt
// when its definition changed, when a column of a table it names changes its type or goes, or when a view that it names
// is rebuilt.
ViewPlan plan_views(const model::Schema& old, const model::Schema& after, const diff::Changes& changes);

// ALTER VIEW … SET and RESET for a view that stays.
std::vector<Statement> alter_options(const diff::Altered<model::View>& change);

}  // namespace sluice::plan
