// Types that cannot be altered in place: the old one steps aside under another name, the new one is made, the columns
// move over, and the old one goes. What stands on such a type (domains, composite types, functions) is made again too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diff/diff.hpp"

namespace sluice::plan {

// The name of the old one meanwhile.
model::Key aside(const model::Key& type);

// What a type says about other types.
std::string text_of(const model::Domain& domain);
std::string text_of(const model::CompositeType& type);

// True if the domain needs another base type, or stands on a type that is made again.
bool is_made_again(const diff::Altered<model::Domain>& change);
bool is_made_again(const diff::Altered<model::CompositeType>& change);

// `changes` with the domains, composite types and functions that stand on a type which is made again, marked as
// `rebuilt`, and with the columns of such domains and composite types; nothing if there are none. `recreated` are the
// enums that are made again; their own columns are with_rebuilds()'s.
std::optional<diff::Changes> with_retyped(const model::Schema& old, const model::Schema& after,
                                          const diff::Changes& changes,
                                          const std::vector<const diff::Altered<model::Enum>*>& recreated);

}  // namespace sluice::plan
