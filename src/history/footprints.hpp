// What the statements of a migration touch, as drizzle-kit 1.0 records it in snapshots of version 9 ("footprints"):
// names that are written and names that are read. Two branches conflict where one writes what the other reads or
// writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/rows.hpp"

namespace sluice::history {

// Of the changes `deltas` that lead from `before` to `after`.
model::Row footprints_of(const model::Rows& before, const model::Rows& after, const std::vector<model::Row>& deltas);

// The first pair of footprints of two branches that cannot both be applied in any order: what they say ("alter column
// users.email") and their places in the lists.
struct Clash {
  std::string one, other;
  size_t one_at, other_at;
};
std::optional<Clash> clash_between(const std::vector<model::Row>& one, const std::vector<model::Row>& other);

}  // namespace sluice::history
