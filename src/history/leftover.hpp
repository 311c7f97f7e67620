// Files of long ago that the journal does not know.
#pragma once

#include <string>
#include <vector>

#include "history/journal.hpp"

namespace sluice::history {

// True if the file's number is before the last migration's: it was not added just now, and never ran behind the others.
bool is_leftover(const std::string& file, const std::vector<Entry>& entries);

}  // namespace sluice::history
