// Migrations inside the program: what sluice_embed_migrations(target DIR …) compiled in is applied when it starts.
#pragma once

#include <functional>
#include <span>

#include "sluice/database.hpp"

namespace sluice {

/// A file of a migrations folder, by its path in it.
struct embedded_file {
  std::string_view name;
  const unsigned char* data;
  std::size_t size;
};
/// The folder that was compiled in; defined by sluice_embed_migrations() in CMake.
std::span<const embedded_file> embedded_migrations();

/// As the options of `sluice migrate`.
struct migrate_options {
  std::string ledger_schema = "drizzle", ledger_table = "__drizzle_migrations";
  std::optional<std::chrono::milliseconds> lock_timeout;  ///< of a statement; else the role's, else 3 s
  std::chrono::seconds wait{300};                         ///< for another runner, and for locks
  bool keep = true;                                       ///< keep what is dropped or converted (docs/reliability.md)
  std::function<void(std::string_view migration)> applying;
  std::function<void(std::string_view text)> warning;
};
struct applied_migration {
  std::string name;
  double milliseconds = 0;
};

/// Applies what is pending, as `sluice migrate` does: the same lock between runners, the same ledger, each migration
/// once, completely or not at all. Any number of programs may start at the same time. Works on a connection of its own
/// to the database of `database`. Throws pg::Error, which says what is true now.
std::vector<applied_migration> migrate(const pg::Database& database, std::span<const embedded_file> folder,
                                       const migrate_options& options = {});
/// The same with the folder that was compiled in.
inline std::vector<applied_migration> migrate(const pg::Database& database, const migrate_options& options = {}) {
  return migrate(database, embedded_migrations(), options);
}

}  // namespace sluice
