// What the commands of `sluice db` share.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "server/connection.hpp"
#include "server/local.hpp"

namespace sluice::cli {

struct DatabaseOptions {
  Overrides overrides;
  std::optional<int> port;
  std::optional<std::string> data;
  std::optional<int> version;
  std::vector<std::string> arguments;  // for psql
};

// --port and --data of the local server.
void add_server_options(CLI::App* command, DatabaseOptions& options);
server::LocalOptions local_options(const DatabaseOptions& options);
// The project's database, unless the command line names a local server.
Overrides with_local_server(const DatabaseOptions& options);

// Each adds its commands to `sluice db`.
void add_db_backup(CLI::App& db, Chosen& chosen);
void add_db_fork(CLI::App& db, Chosen& chosen);
void add_db_reset(CLI::App& db, Chosen& chosen);
void add_db_snapshot(CLI::App& db, Chosen& chosen);

}  // namespace sluice::cli
