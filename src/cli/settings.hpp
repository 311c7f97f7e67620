// sluice.toml beside drizzle.config.ts: what drizzle's configuration has no word for. Every key has a default, and so
// has the file.
#pragma once

#include <filesystem>
#include <string_view>

namespace sluice::cli {

struct Settings {
  bool deferrable_cycles = false;  // [generate]
};

// Throws Error with the line of what cannot be read, is not known, or is of another type. `file` is for messages.
Settings parse_settings(std::string_view content, const std::filesystem::path& file);
// The settings of `directory`: the defaults if there is no sluice.toml in it.
Settings read_settings(const std::filesystem::path& directory);

}  // namespace sluice::cli
