// What commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "apply/runs.hpp"
#include "cli/config.hpp"
#include "cli/safeguard.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

// What `migrate` and `rollback` may do while they work.
struct RunOptions {
  int wait_seconds = 300;
  std::optional<double> lock_timeout;  // seconds
  bool no_keep = false;
  double keep_limit = 100;          // MB
  std::optional<double> max_stall;  // milliseconds
  std::optional<std::string> pause_file;
};

struct MigrateOptions {
  Overrides overrides;
  bool dry_run = false, allow_out_of_order = false, single_transaction = false, preflight = true;
  std::optional<std::string> to;
  std::optional<std::string> out_of_order;  // refuse, apply, rebase
  SafeguardOptions safeguard;
  RunOptions run;
};

// Who runs what now: a new run id, this version, the revision that the folder was checked out at.
apply::RunInfo run_info(const Config& config, const std::string& command);

// A connection for a command that changes the database, with what such commands have in common.
struct Runner {
  Runner(const Config& config, const std::string& command, Terminal& terminal);

  apply::RunInfo info;
  server::Target target;
  server::Connection connection;
  apply::ExecuteOptions execute;
};
// --wait, --lock-timeout, --no-keep, --keep-limit.
void add_run_options(CLI::App* command, RunOptions& options);
void apply_run_options(const RunOptions& options, apply::ExecuteOptions& execute);
// Throws Error if the folder or its journal is not there.
void require_folder(const history::Folder& folder);

// Puts the pending migrations that are dated before an applied one behind all others: in the folder, with new numbers.
void rebase_pending(const Config& config, const std::vector<std::string>& tags, Terminal& terminal);

// Applies the pending migrations and reports each; what `migrate` and `db reset` share. `connection` is to config.url.
Exit run_migrations(const Config& config, const MigrateOptions& options, Terminal& terminal);

}  // namespace sluice::cli
