// The plan for tables that are in use. What is cheap is planned as ever, in transactions that are over at once; what
// would hold a lock for as long as the rows take is left out of it and made step by step (recipes.hpp, shadow.hpp).
#pragma once

#include <optional>

#include "plan/plan.hpp"

namespace sluice::plan {

// Nothing if the plain plan keeps nobody waiting. `before` and `after` have the names that a database has; `old` is
// `before` after the renames.
std::optional<Plan> make_online(const model::Schema& before, const model::Schema& old, const model::Schema& after,
                                const diff::Changes& changes, const Options& options);

}  // namespace sluice::plan
