// A schema on the way from one to the other: objects of either put into it, or taken out.
#pragma once

#include <vector>

#include "model/schema.hpp"

namespace sluice::plan {

// In the place of the one with its key, else at the end.
template <class Kind>
void put(model::Schema& schema, const Kind& object) {
  for (Kind& there : model::all<Kind>(schema))
    if (there.key == object.key) {
      there = object;
      return;
    }
  model::all<Kind>(schema).push_back(object);
}

template <class Kind>
void take(model::Schema& schema, const model::Key& key) {
  std::erase_if(model::all<Kind>(schema), [&](const Kind& object) { return object.key == key; });
}

}  // namespace sluice::plan
