// Two branches that each added migrations to one folder: which ones, and which side is "ours", whose migrations go
// after the others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "history/version.hpp"

namespace sluice::history {

struct Fork {
  Version theirs, ours;
  // Places in ours.entries of what only ours has, and in theirs.entries of what only theirs has. Neither is empty.
  std::vector<size_t> moved, stay;

  const Entry& first_moved() const { return ours.entries[moved.front()]; }
  const Entry& first_stay() const { return theirs.entries[stay.front()]; }
};

// The fork that the folder on disk shows. From a merge, a rebase or a cherry-pick in progress; else from the last merge
// commit whose sides are both still in the folder; else from the commits that added files with the same number, the
// uncommitted or later one being ours; else, without git, from conflict markers in the journal.
// In a merge, ours is the side of HEAD, unless HEAD is the main branch: what is merged into it goes last.
// `ours` says which side it is: a branch, a commit or one of its migrations. Throws Error if that is neither side's.
std::optional<Fork> find_fork(const fs::path& folder, const std::optional<std::string>& ours);

}  // namespace sluice::history
