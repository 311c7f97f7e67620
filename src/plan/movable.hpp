// Which columns can be exchanged for one of another type beside them (shadow.hpp), and which are held in place by what
// stands on them.
#pragma once

#include <optional>
#include <string>

#include "diff/diff.hpp"

namespace sluice::plan {

// Why this column cannot move so; nothing if it can. `now` is the schema that the change meets, `after` the one
// that it leads to.
std::optional<std::string> cannot_move(const model::Schema& now, const model::Schema& after,
                                       const diff::Altered<model::Column>& change);

}  // namespace sluice::plan
