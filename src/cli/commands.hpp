// The commands. Each takes what the command line said and gives the exit code; each throws Error when it cannot go on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct GenerateOptions {
  Overrides overrides;
  std::optional<std::string> name;
  bool custom = false, force = false, dry_run = false;
  std::vector<std::string> renames, drops, backfills;
};
Exit generate(const GenerateOptions& options, Terminal& terminal);

struct MigrateOptions {
  Overrides overrides;
  bool dry_run = false, allow_out_of_order = false;
  int wait_seconds = 300;
};
Exit migrate(const MigrateOptions& options, Terminal& terminal);

Exit status(const Overrides& overrides, Terminal& terminal);

struct CheckOptions {
  Overrides overrides;
  bool update = false;
};
Exit check(const CheckOptions& options, Terminal& terminal);

struct DiffOptions {
  std::string from, to;
  std::vector<std::string> renames, backfills;
};
Exit diff(const DiffOptions& options, Terminal& terminal);

struct DatabaseOptions {
  Overrides overrides;
  std::optional<int> port;
  std::optional<std::string> data;
  std::optional<int> version;
  bool no_migrate = false;
  std::vector<std::string> arguments;  // for psql
};
Exit db_start(const DatabaseOptions& options, Terminal& terminal);
Exit db_stop(const DatabaseOptions& options, Terminal& terminal);
Exit db_status(const DatabaseOptions& options, Terminal& terminal);
Exit db_url(const DatabaseOptions& options, Terminal& terminal);
Exit db_psql(const DatabaseOptions& options, Terminal& terminal);
Exit db_reset(const DatabaseOptions& options, Terminal& terminal);

// The whole program: the command line's command, its exit code.
int run(int argc, char** argv);

// "t.c=expression" pairs of --backfill. Throws Error for anything else.
std::map<std::string, std::string> parse_backfills(const std::vector<std::string>& given);

// Applies the pending migrations and reports each; what `migrate` and `db reset` share. `connection` is to config.url.
Exit run_migrations(const Config& config, const MigrateOptions& options, Terminal& terminal);

}  // namespace sluice::cli
