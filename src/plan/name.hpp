// A migration's name says what it does: add_duration_to_sessions, create_invoices, drop_old_field_from_tutors.
#pragma once

#include <map>
#include <string>

#include "diff/diff.hpp"

namespace sluice::plan {

// What the program calls a column, where that is not the column's name in the database:
// {"public", "sessions", "duration_minutes"} → "duration".
using PropertyNames = std::map<model::Key, std::string>;

// Lower case, words joined by underscores, at most 60 characters. `first` is true for the first migration of a folder.
std::string suggest_name(const diff::Changes& changes, const PropertyNames& properties, bool first);

}  // namespace sluice::plan
