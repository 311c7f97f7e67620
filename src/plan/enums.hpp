// Enums: values are added in place; anything else needs the type made again, with every column that has it turned to
// text and back.
#pragma once

#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// True if the column is of this enum, or an array of it.
bool has_type(const model::Column& column, const model::Key& enumeration);

// True if the change can be said with ALTER TYPE … ADD VALUE: nothing removed or reordered, and no statement of the
// same migration uses a new value (PostgreSQL refuses that within one transaction).
bool can_add_values(const diff::Altered<model::Enum>& change, const model::Schema& after, const diff::Changes& changes);

std::vector<Statement> add_values(const diff::Altered<model::Enum>& change);
std::vector<Statement> recreate(const diff::Altered<model::Enum>& change, const model::Schema& before,
                                const model::Schema& after);

}  // namespace sluice::plan
