// sluice.toml beside drizzle.config.ts: what drizzle's configuration has no word for. Every key has a default, and so
// has the file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::cli {

// [databases.NAME]: a database that has a name.
struct NamedDatabase {
  std::string name;
  std::string url;            // may say ${VARIABLE}
  bool is_protected = false;  // of its own accord those that are named production or prod
};

// [review]
struct ReviewSettings {
  std::vector<std::pair<std::string, std::string>> allow;  // rule, reason
  std::optional<std::string> fail_on;                      // a level, or "never"
  std::optional<int> server;                               // PostgreSQL's major version
  std::optional<bool> supabase;
};

// [seed]: the project's own seed.
struct SeedSettings {
  std::string command;               // "tsx src/seed.ts"
  std::vector<std::string> files;    // SQL files or globs, run before the command
  std::vector<std::string> depends;  // files that the command reads, beside those that it names
};

struct Settings {
  bool deferrable_cycles = false;  // [generate]
  std::vector<NamedDatabase> databases;
  ReviewSettings review;
  SeedSettings seed;
};

// Throws Error with the line of what cannot be read, is not known, or is of another type. `file` is for messages.
Settings parse_settings(std::string_view content, const std::filesystem::path& file);
// The settings of `directory`: the defaults if there is no sluice.toml in it.
Settings read_settings(const std::filesystem::path& directory);

}  // namespace sluice::cli
