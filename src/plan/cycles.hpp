// Foreign keys that go round in a circle.
#pragma once

#include <set>

#include "model/schema.hpp"

namespace sluice::plan {

// The foreign keys from one table to another that leads back to it. A table that refers to itself is no circle: its
// rows can be inserted parents first.
std::set<model::Key> keys_in_cycles(const model::Schema& schema);

}  // namespace sluice::plan
