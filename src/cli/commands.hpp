// What commands share.
#pragma once

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

}  // namespace sluice::cli
