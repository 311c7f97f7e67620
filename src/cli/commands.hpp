// What commands share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct MigrateOptions {
  Overrides overrides;
  bool dry_run = false, allow_out_of_order = false;
  int wait_seconds = 300;
};

// Applies the pending migrations and reports each; what `migrate` and `db reset` share. `connection` is to config.url.
Exit run_migrations(const Config& config, const MigrateOptions& options, Terminal& terminal);

// "t.c=expression" pairs of --backfill. Throws Error for anything else.
std::map<std::string, std::string> parse_backfills(const std::vector<std::string>& given);

}  // namespace sluice::cli
