// <folder>/squashed: the migrations that the first one of the folder stands for, as a folder of their own.
#pragma once

#include <vector>

#include "history/folder.hpp"

namespace sluice::history {

// Its journal; empty if nothing was squashed.
std::vector<Entry> squashed_entries(const fs::path& folder);

}  // namespace sluice::history
