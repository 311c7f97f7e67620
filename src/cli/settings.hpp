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

struct ReviewSettings {
  std::vector<std::pair<std::string, std::string>> allow;  // rule, reason
  std::optional<std::string> fail_on;                      // a level, or "never"
  std::optional<int> server;                               // PostgreSQL's major version
  std::optional<bool> supabase;
};

struct Settings {
  bool deferrable_cycles = false;  // [generate]
  ReviewSettings review;           // [review]
};

// Throws Error with the line of what cannot be read, is not known, or is of another type. `file` is for messages.
Settings parse_settings(std::string_view content, const std::filesystem::path& file);
// The settings of `directory`: the defaults if there is no sluice.toml in it.
Settings read_settings(const std::filesystem::path& directory);

}  // namespace sluice::cli
