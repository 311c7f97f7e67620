// What did not change itself but stands on something that does: a check on a column that gets another type, a foreign
// key that points at a primary key that is made again. PostgreSQL refuses the change, drops the object silently, or
// leaves it other than a fresh one would be; so it is dropped before and made again after.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "diff/diff.hpp"

namespace sluice::plan {

// The field by which an object is marked that is dropped and made again for the sake of another.
inline constexpr const char* rebuilt = "rebuilt";

// `changes` and the objects that must be rebuilt, as altered ones; nothing if there are none. `recreated` are the enums
// whose type is made again. `old` has the names that `changes` has.
std::optional<diff::Changes> with_rebuilds(const model::Schema& old, const model::Schema& after,
                                           const diff::Changes& changes,
                                           const std::vector<const diff::Altered<model::Enum>*>& recreated);

// The keys that go or are made again and that foreign keys may stand on: sorted columns, by table.
using LostKeys = std::map<model::Key, std::set<std::vector<std::string>>>;
LostKeys lost_keys(const diff::Changes& changes);
bool stands_on_lost_key(const model::ForeignKey& key, const LostKeys& lost);

}  // namespace sluice::plan
