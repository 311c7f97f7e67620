// drizzle-kit 1.0's migrations folder: one folder for each migration, named by its time (20260103120000_name), with
// migration.sql and snapshot.json in it and no journal. A snapshot of version 8 holds the whole schema; one of version
// 9 only what its migration changes. Each names those before it: after a merge, two may follow on one, and one on two.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "history/folder.hpp"
#include "model/rows.hpp"

namespace sluice::history {

// The time that a folder's name begins with, in milliseconds since 1970; nothing if it begins with none.
std::optional<std::int64_t> time_of_folder(std::string_view name);
// The migrations that have folders of these names, in their order.
std::vector<Entry> dated_entries(const std::vector<std::string>& names);

// What all the snapshots of a folder say together.
class Snapshots {
 public:
  Snapshots() = default;
  // (folder, text of its snapshot.json), in the order of the folders. `where` stands before the names in messages.
  // `beyond`: the folders that have a file of what drizzle has no word for. Throws Error for what is not a snapshot of
  // version 8 or 9.
  Snapshots(const std::vector<std::pair<std::string, std::string>>& files, const std::string& where,
            std::set<std::string> beyond = {});

  bool empty() const { return nodes_.empty(); }
  bool has(const std::string& folder) const;
  // The version that the next one is written in: that of the last one.
  std::string version() const { return nodes_.empty() ? "9" : nodes_.back().version; }
  // The ids of those that no other follows on, the newest first: what the next one names as those before it.
  std::vector<std::string> leaves() const;
  // The schema after the migration in `folder`, and all that are dated before it; after all of them without one. Throws
  // Error if they do not fit together.
  model::Rows state(const std::string& folder = "") const;

  // What is wrong with how they follow on each other, and branches that contradict each other.
  std::vector<Diagnostic> check() const;

  // Throws Error, refused, if the migrations up to `folder` cannot become one in its place: one of them is of a branch
  // that it does not follow on, or a later one follows on one before it.
  void refuse_cut(const std::string& folder) const;
  // The text of that snapshot as one to begin with: it keeps its id, on which others follow, and has the whole schema.
  std::string as_first(const std::string& folder) const;

  // All of them as version 9: the text of each (folder, text).
  std::vector<std::pair<std::string, std::string>> in_version_9() const;

 private:
  struct Node {
    std::string folder, file, id, version;
    std::vector<std::string> before;  // ids
    bool base = false;
    model::Rows rows;                // of a base
    std::vector<model::Row> deltas;  // of one that is none
    model::Row footprints = model::Row::array();
  };
  Node read(const std::string& folder, const std::string& file, const std::string& text) const;
  const Node* find(const std::string& id) const;
  std::set<size_t> ancestors(size_t node) const;  // with itself
  std::set<size_t> with_ancestors(const std::vector<std::string>& ids) const;
  model::Rows state_of(const std::set<size_t>& nodes) const;

  std::vector<Node> nodes_;
  std::set<std::string> beyond_;
};

// The schema after the migration `tag` (all of them without one), with what the last _beyond.json up to it says.
// `read` gives a file of the folder.
model::Snapshot dated_snapshot_of(const Snapshots& snapshots, const std::string& tag, const std::vector<Entry>& entries,
                                  const std::function<std::optional<std::string>(const std::string&)>& read);

// The text of the snapshot of a migration that brings `before` to `after`. `previous` are ids; none for the first.
std::string print_dated_snapshot(const std::string& version, const std::string& id,
                                 const std::vector<std::string>& previous, const model::Rows& before,
                                 const model::Rows& after, const std::vector<model::RowRename>& renames);

}  // namespace sluice::history
