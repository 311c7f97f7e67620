// Names that PostgreSQL makes up or takes from a table for what belongs to it.
#pragma once

#include <map>
#include <set>

#include "diff/diff.hpp"
#include "model/schema.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

// PostgreSQL's name for the primary key of a column that was given none.
model::Key default_primary_key(const model::Key& column);

// Names that something new needs while something that goes still has them: an enum becomes a table, a view a sequence.
struct ContestedNames {
  std::map<model::Key, model::Key> aside;  // enums and sequences that go: the name that each has until then
  std::set<model::Key> late;               // enums and sequences that cannot be created before something was dropped
  bool drop_tables_first = false;

  const model::Key& present(const model::Key& key) const {
    auto found = aside.find(key);
    return found == aside.end() ? key : found->second;
  }
  bool waits(const model::Key& key) const { return late.contains(key); }
};

ContestedNames contested_names(const model::Schema& old, const model::Schema& after, const diff::Changes& changes,
                               const ViewPlan& views);

}  // namespace sluice::plan
