// The trigger of an expansion: it keeps the old columns and the new ones equal, whichever is written, and notes when
// the old code wrote last.
#pragma once

#include "plan/expand.hpp"
#include "plan/recipes.hpp"

namespace sluice::plan {

// Sets Expansion::made where the obvious name must be cut, or is another's.
void choose_names(std::vector<Expansion>& expansions, const std::vector<Expansion>& others);

// In the step that is under way. `schema` has the old columns and the new ones.
void create_trigger(Recipes& recipes, const model::Schema& schema, const Expansion& expansion);
void drop_trigger(Recipes& recipes, const Expansion& expansion);

}  // namespace sluice::plan
