// A table that gets another name while two releases of the code run on one database: under the old name a view stands
// in for it, through which the old code reads and writes the same rows.
#pragma once

#include "plan/expand.hpp"
#include "plan/recipes.hpp"

namespace sluice::plan {

// Why the table cannot be expanded so; empty if it can.
std::string cannot_keep_old_name(const model::Schema& known, const model::Schema& wanted, const Expansion& expansion,
                                 int version);

// The schema in which the table has its new name and the view has the old one.
model::Schema with_old_name(const model::Schema& known, const Expansion& expansion, int version);

// In one step: at no moment is there neither a table nor a view of the old name.
void rename_and_keep(Recipes& recipes, const model::Schema& known, const Expansion& expansion, int version);
void drop_and_rename_back(Recipes& recipes, const model::Schema& known, const Expansion& expansion);

// The view alone. `known` has it.
void create_old_name(Recipes& recipes, const model::Schema& known, const Expansion& expansion);
void drop_old_name(Recipes& recipes, const Expansion& expansion);

}  // namespace sluice::plan
