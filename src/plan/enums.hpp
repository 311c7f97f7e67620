// Enums: values are added in place; anything else needs the type made again, and every column that has it moved over.
#pragma once

#include <string>
#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// True if the column is of this enum, or an array of it.
bool has_type(const model::Column& column, const model::Key& enumeration);

// True if the values that were there are, in their order: what is new stands between them.
bool kept_in_order(const diff::Altered<model::Enum>& change);

// The enums among the altered ones that cannot be changed with ALTER TYPE … ADD VALUE: a value was removed or moved, or
// a statement of the same migration uses a new value (PostgreSQL refuses that within one transaction).
std::vector<const diff::Altered<model::Enum>*> to_recreate(const model::Schema& after, const diff::Changes& changes,
                                                           const Options& options);

std::vector<Statement> add_values(const diff::Altered<model::Enum>& change);

// The old type steps aside under another name, so that new tables and columns can have the new one at once; the
// columns are altered one by one, each rewritten once; then the old type goes.
std::string step_aside(const model::Key& enumeration, const model::Schema& old);
model::Key old_type(const model::Key& enumeration, const model::Schema& old);

}  // namespace sluice::plan
