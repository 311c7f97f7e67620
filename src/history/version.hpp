// The folder as it stands somewhere: on disk, in a commit, on one side of git's conflict markers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "history/folder.hpp"
#include "history/git.hpp"

namespace sluice::history {

struct Version {
  std::string name;            // for messages: "main", "HEAD"
  std::vector<Entry> entries;  // of its journal
  bool dated = false;          // each has a folder of its own (drizzle-kit 1.0)
  // A file by its path in the folder ("meta/0003_snapshot.json"), or nothing.
  std::function<std::optional<std::string>(const std::string&)> read;

  std::optional<std::string> up(const Entry& entry) const { return read(entry.file_name()); }
  std::optional<std::string> down(const Entry& entry) const { return read(entry.down_name()); }
  // The snapshot of the entry at this place of `entries`, or of the last one before it that has one.
  std::optional<model::Snapshot> snapshot(size_t index) const;
  std::optional<model::Snapshot> last_snapshot() const;
  // The place of the entry of that tag, or nothing.
  std::optional<size_t> find(const std::string& tag) const;
};

// The folder in a commit; without entries if it has no migrations there. `inside` is its path from git's directory on.
// Throws Error if the journal cannot be understood.
Version version_in_commit(const Git& git, const std::string& commit, const std::string& name,
                          const std::string& inside = "");
// The folder on disk with the entries given.
Version version_on_disk(const fs::path& folder, std::vector<Entry> entries, const std::string& name);

}  // namespace sluice::history
