// What sluice.toml says of changes to tables that are in use: [generate] online, [backfill].
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "apply/backfill.hpp"
#include "cli/config.hpp"

namespace sluice::cli {

struct OnlineSettings {
  bool online = false;              // [generate] online = true
  std::vector<std::string> tables;  // [generate] online = ["sessions"]: only these; empty: all
  apply::BackfillOptions backfill;  // [backfill]
};

// Throws Error with the line of a value of another type and of a key that [backfill] does not have. What else is wrong
// with the file is said by parse_settings(). `file` is for messages, and paths in it are relative to its directory.
OnlineSettings parse_online_settings(std::string_view content, const std::filesystem::path& file);
// Those of the project: the defaults if it has no sluice.toml.
OnlineSettings read_online_settings(const Config& config);

}  // namespace sluice::cli
