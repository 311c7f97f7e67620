// The migrations folder: NNNN_name.sql, NNNN_name.down.sql, meta/_journal.json, meta/NNNN_snapshot.json and
// meta/_sluice.sum; or, in drizzle-kit 1.0's way, a folder for each migration (history/dated.hpp). Which of the two it
// is, is seen from what stands there. Files only; docs/formats.md describes each of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/rows.hpp"
#include "model/snapshot.hpp"

namespace sluice::history {

namespace fs = std::filesystem;

// One entry of meta/_journal.json.
struct Entry {
  int index = 0;
  std::string version = "7";
  std::int64_t when = 0;  // milliseconds since 1970, UTC
  std::string tag;        // the file's name without ".sql"
  bool breakpoints = true;
  bool own_folder = false;  // drizzle-kit 1.0: the tag is the name of its folder

  std::string file_name() const { return own_folder ? tag + "/migration.sql" : tag + ".sql"; }
  std::string down_name() const { return own_folder ? tag + "/migration.down.sql" : tag + ".down.sql"; }
  // The name that its folder has, or would have, in drizzle-kit 1.0's way.
  std::string folder_name() const;
  // True if the table of migrations means this one by that name.
  bool is_called(const std::string& name) const { return name == tag || name == folder_name(); }
  // What stands before the first underscore: "0003" of "0003_add_duration".
  std::string number() const { return tag.substr(0, tag.find('_')); }
  std::string snapshot_name() const {
    return own_folder ? tag + "/snapshot.json" : "meta/" + number() + "_snapshot.json";
  }
  // What the snapshot has no word for. drizzle-kit takes every file in meta/ without the underscore for a snapshot.
  std::string beyond_name() const { return own_folder ? tag + "/_beyond.json" : "meta/_" + number() + "_beyond.json"; }
};

// A migration with its text.
struct Migration {
  Entry entry;
  fs::path file;
  std::string sql;
  std::string hash;  // SHA-256 of the whole file, as drizzle-orm writes it into its table
};

// How the numbers in front of the names are made (drizzle-kit's migrations.prefix).
enum class Prefix { index, timestamp, unix_time, none };

// Milliseconds since 1970, UTC.
std::int64_t now();
// The number in front of a migration's name, for its index and time. Throws Error for Prefix::none, which drizzle-kit
// offers and then cannot read.
std::string prefix_at(Prefix prefix, const Entry& entry);
// A random (version 4) UUID, as drizzle-kit gives its snapshots.
std::string new_id();

// What is added as one migration.
struct Addition {
  std::string name;      // without the number
  std::string up, down;  // the files' texts; an empty `down` writes none
  model::Schema schema;  // what the schema is after it
  // The same as drizzle-kit 1.0 keeps it, with what was renamed; made from `schema` where it is not given.
  std::optional<model::Rows> rows = std::nullopt;
  std::vector<model::RowRename> renames = {};
  Prefix prefix = Prefix::index;
  bool breakpoints = true;
  std::int64_t time = now();  // milliseconds since 1970
  bool by_hand = false;       // somebody is to write `up`: what stands there at the next migration is what it is
};

// A snapshot with what stands in the file beside it. Throws Error if one of them cannot be understood.
model::Snapshot read_snapshot(const fs::path& file);
// How a message calls a file: by its name, in a folder of drizzle-kit 1.0 with that of its migration before it.
std::string short_name(const fs::path& file);
// The tag in what a person types: the file with or without ".sql", in its folder or not.
std::string tag_in(const std::string& given);
// The migration that a person names by its tag, file or number ("0003", "3"), or nullptr.
const Entry* find_entry(const std::vector<Entry>& entries, const std::string& given);
// True if a migration of drizzle-kit 1.0's folder can be called so: 20260103120000_name.
bool is_dated_name(const std::string& tag);
// True if each migration in the directory has a folder of its own, as drizzle-kit 1.0 makes them.
bool is_dated(const fs::path& directory);

class Snapshots;

class Folder {
 public:
  // Reads the journal. A folder or journal that does not exist is an empty folder; one that cannot be understood is an
  // Error with file, line and the next step.
  static Folder open(const fs::path& directory);

  const fs::path& path() const { return path_; }
  bool exists() const { return exists_; }
  // True if each migration has a folder of its own, as drizzle-kit 1.0 makes them.
  bool dated() const { return dated_; }
  // The first migration of an empty folder will be one of drizzle-kit 1.0's.
  void begin_dated() { dated_ = dated_ || (entries_.empty() && journal_text_.empty()); }
  const std::vector<Entry>& entries() const { return entries_; }

  // Reads one migration's file. Throws Error if it is missing.
  Migration read(const Entry& entry) const;
  // The way back of a migration, if it has one.
  std::optional<std::string> read_down(const Entry& entry) const;
  // The snapshot that the next migration starts from: the last one by file name, as drizzle-kit does. Nothing in an
  // empty folder; Error if there are migrations and no snapshot at all, since everything would be created again.
  std::optional<model::Snapshot> last_snapshot() const;
  // The snapshot of the schema after that migration; nothing if it has none.
  std::optional<model::Snapshot> snapshot_after(const Entry& entry) const;
  // What the snapshots of a dated folder say together; read once.
  const Snapshots& dated_snapshots() const;
  // True if the last migration has no snapshot of its own, so that last_snapshot() is of an older one.
  bool last_snapshot_is_older() const;

  // The files in meta/ that hold snapshots, by name.
  std::vector<fs::path> snapshot_files() const;

  // Removes what a run that was killed while it wrote a migration has left. Only where no other run can be writing.
  void remove_leftovers() const;

  // "Delete the file and generate again" is what people do with a migration they do not want. Forgets the last entries
  // whose files are gone, and gives their tags; nothing is written before add() or write_forgotten().
  std::vector<std::string> forget_deleted();
  void write_forgotten();
  // Numbered .sql files that the journal does not know, so that no migrator runs them.
  std::vector<std::string> files_outside_journal() const;

  // The tag that add() will give, for the file's header; with `drafts`, after so many others that are only shown.
  std::string next_tag(const Addition& addition, int drafts = 0) const;
  // Writes a migration: SQL, down, snapshot, checksum and journal, all or nothing. Gives its journal entry. Throws
  // Error if a file of that number exists ("Migration already exists", with both names) or something changed the
  // journal since it was read.
  Entry add(Addition addition);

  // Takes the last migration of a dated folder out of it.
  void drop_last_dated();

  // Everything that is wrong with the folder by itself: files missing or not in the journal, numbers used twice, times
  // that do not increase, snapshots that collide or do not follow on each other, files edited since they were added.
  std::vector<Diagnostic> check() const;
  // The one thing that is wrong with a folder in which git left conflict markers in the journal: both sides'
  // migrations. Such a folder cannot be opened.
  static std::optional<Diagnostic> check_conflict(const fs::path& directory);
  // Writes the checksums anew from the files as they are.
  void update_checksums() const;
  // Where its checksum stands: meta/_sluice.sum, in a dated folder _sluice.sum of its own.
  fs::path checksum_file(const Entry& entry) const { return path_ / (dated_ ? entry.tag : "meta") / "_sluice.sum"; }

 private:
  // What the next snapshot has to know of the last one. Reading a large one twice takes longer than writing it.
  struct LastSnapshot {
    std::string file, id;
    bool beyond_drizzle = false;
  };
  std::optional<LastSnapshot> last_known() const;
  Entry add_dated(const Addition& addition);
  model::Snapshot dated_snapshot(const std::string& tag) const;
  std::string checksums_with(const Entry& entry, const std::string& hash) const;
  void settle_unwritten() const;
  std::int64_t next_time(const Addition& addition) const;
  std::string next_prefix(const Addition& addition, int drafts = 0) const;
  std::vector<std::string> snapshots() const;
  void remove_forgotten_files() const;

  fs::path path_;
  bool exists_ = false, dated_ = false;
  std::vector<Entry> entries_;
  std::vector<std::string> forgotten_;  // tags
  std::string journal_text_;
  mutable std::shared_ptr<const Snapshots> snapshots_;
  mutable std::optional<LastSnapshot> last_read_;
};

}  // namespace sluice::history
