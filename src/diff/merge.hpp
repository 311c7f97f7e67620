// Three schemas → one: what was changed on the way from a common one, on two sides. Pure.
#pragma once

#include <string>
#include <vector>

#include "diff/diff.hpp"

namespace sluice::diff {

struct Merged {
  model::Schema schema;
  // What cannot be put together, one sentence each: both sides changed the same thing in two ways, or one needs what
  // the other takes away.
  std::vector<std::string> conflicts;
};

// `theirs` with what was done between `base` and `ours`. `renames` are ours, in terms of `base`; `theirs` gets them
// too.
Merged merge(const model::Schema& base, const model::Schema& ours, const model::Schema& theirs,
             const Renames& renames = {});

}  // namespace sluice::diff
