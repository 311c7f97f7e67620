// What of a Schema the version-7 snapshot has no word for, as a file of ours beside it: whole kinds of objects, and
// fields of those that drizzle knows. docs/formats.md describes the file.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "model/snapshot.hpp"

namespace sluice::model {

// Kinds that drizzle does not have.
template <class Kind>
inline constexpr bool beyond_drizzle =
    std::is_same_v<Kind, Extension> || std::is_same_v<Kind, Collation> || std::is_same_v<Kind, Domain> ||
    std::is_same_v<Kind, CompositeType> || std::is_same_v<Kind, RangeType> || std::is_same_v<Kind, Function> ||
    std::is_same_v<Kind, Partition> || std::is_same_v<Kind, Exclusion> || std::is_same_v<Kind, Trigger> ||
    std::is_same_v<Kind, Rule> || std::is_same_v<Kind, Statistics> || std::is_same_v<Kind, EventTrigger> ||
    std::is_same_v<Kind, Publication> || std::is_same_v<Kind, Comment> || std::is_same_v<Kind, Grant>;

// A type's name as it stands in columns and domains: mood, app.mood.
std::string type_text(const Key& type);

// True if there is anything that the snapshot cannot say.
bool is_beyond_drizzle(const Schema& schema);

// The file of a snapshot, or an empty text where it would say nothing. `always`: a file that says so much, where the
// snapshot before has one: without it, that one would count.
std::string print_beyond(const Snapshot& snapshot, bool always = false);
// Adds to the snapshot what the file says. Throws Error, with `name` as the file, if it is malformed or belongs to
// another snapshot.
void read_beyond(Snapshot& snapshot, std::string_view text, const std::string& name);
// The same from the file of an earlier snapshot, for one that has none of its own: drizzle-kit wrote it, and knew
// nothing of all that. What hung on tables that are gone is gone.
void carry_beyond(Snapshot& snapshot, std::string_view text, const std::string& name);

// `words` with what `catalog` has beyond drizzle: whole kinds, and the fields of the objects that both have. With
// `more`, also the objects of drizzle's kinds that only `catalog` has.
Schema with_beyond(Schema words, const Schema& catalog, bool more);
// The schema without all of that.
Schema without_beyond(Schema schema);

}  // namespace sluice::model
