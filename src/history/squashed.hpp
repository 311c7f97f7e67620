// <folder>/squashed: the migrations that the first one of the folder stands for, as a folder of their own.
#pragma once

#include <string>
#include <vector>

#include "history/folder.hpp"
#include "history/rewrite.hpp"

namespace sluice::history {

// A migration that was made of others.
struct Squashed {
  Entry entry;
  std::string hash;  // of its file
  size_t count = 0;  // it stands for so many of squashed/, from the first
};

// Its migrations; empty if nothing was squashed.
std::vector<Entry> squashed_entries(const fs::path& folder);

// What was made of the migrations in `squashed` over time, the oldest first: databases have rows of each. Empty for a
// folder that is no squashed/, or one from before this was written down. Throws Error if it cannot be understood.
std::vector<Squashed> squashed_into(const fs::path& squashed);
std::string print_squashed_into(const std::vector<Squashed>& list);

// What the folder becomes when `as`, with that text and the snapshot of the last of `old`, stands for its first ones,
// and `old` goes to squashed/. With a journal `as` has a name of its own. In a folder of drizzle-kit 1.0 it has that of
// the last: drizzle-orm 1.0 runs every name that a database does not know.
Rewrite squash(const Folder& folder, const std::vector<Migration>& old, const Entry& as, const std::string& text,
               model::Snapshot snapshot);

}  // namespace sluice::history
