// What a migration's SQL renames: a version-7 snapshot does not say it, so it is read off the statements.
#pragma once

#include <string_view>

#include "diff/diff.hpp"

namespace sluice::plan {

// The renames of schemas, enums, sequences, roles, tables and columns in the file, in its order, in terms of the names
// at that moment. Only of what `before` has, and only those that lead to a name that `after` has: a type that steps
// aside to be made again is not renamed.
diff::Renames renames_in(std::string_view file, const model::Schema& before, const model::Schema& after);

}  // namespace sluice::plan
