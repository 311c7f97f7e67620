// Several files of the folder change together: what is renumbered, squashed or taken out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "history/folder.hpp"

namespace sluice::history {

struct Rewrite {
  std::vector<Entry> entries;                                // the journal from now on
  std::vector<std::pair<std::string, std::string>> written;  // path in the folder, text
  std::vector<std::string> removed;                          // paths in the folder
};

// Writes the new files, then checksums and journal, then removes what is to go. Everything is written under temporary
// names first and renamed, the journal last; a run that is killed in between leaves the old migrations and files that
// the journal does not know, or the new ones and old files beside them, and meta/_sluice.pending, by which
// Folder::remove_leftovers() tidies up. What meta/_sluice.sum says of files that are not written stays.
//
// In a folder of drizzle-kit 1.0 there is no journal to be last: everything stands ready in a directory of its own
// before the first file is moved to its place, and what a killed run leaves is finished by open_to_write().
void rewrite(const fs::path& folder, const Rewrite& changes);

// Opens a folder that is to be changed: what a killed run left is finished or removed first. Only where no other run
// can be writing.
Folder open_to_write(const fs::path& folder);

// The text of a migration's file under another tag: the comment in its first line that names it follows.
std::string retagged(const std::string& text, const std::string& from, const std::string& to);

}  // namespace sluice::history
