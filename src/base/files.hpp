// Files: whole-file reads, atomic writes, checksums. Every function throws Error with the path and the reason.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::files {

namespace fs = std::filesystem;

std::string read(const fs::path& path);
// The content, or nothing if there is no such file. Other failures throw.
std::optional<std::string> read_if_exists(const fs::path& path);
// Writes to a temporary file beside `path`, flushes it to disk and renames it, so that a reader or a crash sees the
// old or the new content and never a half of it.
void write_atomically(const fs::path& path, std::string_view content);
// The same without waiting for the disk: after a power failure the file may be empty. For caches, which are checked
// when they are read.
void write_quickly(const fs::path& path, std::string_view content);
// Lower-case hexadecimal SHA-256 of the bytes.
std::string sha256(std::string_view bytes);
// The same without the instructions that not every processor has. For tests.
std::string sha256_portable(std::string_view bytes);
// Files that match a glob pattern relative to `base`, sorted. A pattern without wildcards that names a file gives it.
std::vector<fs::path> glob(const fs::path& base, const std::string& pattern);
// $XDG_CACHE_HOME/sluice or ~/.cache/sluice, created with mode 0700; nothing if it cannot be made or is not ours.
std::optional<fs::path> cache_directory();
// $XDG_DATA_HOME/sluice or ~/.local/share/sluice (for root: /var/lib/sluice). Not created.
fs::path data_directory();

// One program at a time: waits until no other one holds the lock of this directory; gone with the object or the
// process. Leaves no file behind.
class DirectoryLock {
 public:
  explicit DirectoryLock(const fs::path& directory);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock();

 private:
  int descriptor_ = -1;
};

// In the names of the temporary files that a killed process may leave: "_journal.json.tmp-aB3xYz".
inline constexpr std::string_view temporary_mark = ".tmp-";

// Several files that are written together: each goes to a temporary name first, commit() renames all of them. Without
// commit() nothing is left behind. Used for a migration, whose SQL, snapshot and journal belong together.
class Batch {
 public:
  Batch() = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch();
  // The order of add() is the order of the renames: put the file that makes the others visible last.
  void add(const fs::path& path, std::string_view content);
  void commit();

 private:
  struct Pending {
    fs::path temporary, path;
  };
  std::vector<Pending> pending_;
};

}  // namespace sluice::files
