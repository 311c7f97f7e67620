// What sluice.toml says of changes to tables that are in use: [generate] online, [backfill].
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/backfill.hpp"
#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "plan/plan.hpp"

namespace sluice::cli {

struct OnlineSettings {
  bool online = false;              // [generate] online = true
  std::vector<std::string> tables;  // [generate] online = ["sessions"]: only these; empty: all
  double from_rows = 0;  // [generate] online_from_rows: of the others, those with so many rows; 0: does not count
  std::string database;  // [generate] online_database: where they are counted; a name of [databases]
  apply::BackfillOptions backfill;  // [backfill]
};

// Throws Error with the line of a value of another type and of a key that [backfill] does not have. What else is wrong
// with the file is said by parse_settings(). `file` is for messages, and paths in it are relative to its directory.
OnlineSettings parse_online_settings(std::string_view content, const std::filesystem::path& file);
// What generate plans online: as the flags say, else the settings. Asks a database how large the tables are where the
// settings want that; if it cannot, every table counts as large, with a warning.
std::optional<plan::Online> online_for(const Config& config, const Overrides& overrides, std::optional<bool> flag,
                                       std::optional<int> server, Terminal& terminal);
// Those of the project: the defaults if it has no sluice.toml.
OnlineSettings read_online_settings(const Config& config);

}  // namespace sluice::cli
