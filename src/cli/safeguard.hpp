// What is made before a migration runs, so that there is a way back that does not depend on its reverse SQL.
#pragma once

#include "apply/restore_point.hpp"
#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct SafeguardOptions {
  bool always = false;                      // --backup
  bool never = false;                       // --no-backup
  std::optional<apply::Recovery> recovery;  // of this server, once it was asked
  std::vector<std::string> schemas = {};    // of a tenant that is a schema: its own and the shared ones
};

// Throws Error (Exit::refused) if a migration wants a way back and nothing can make one: the server keeps no WAL, and
// [backup] says nothing.
void require_way_back(const apply::Recovery& recovery, const Config& config, const history::Migration& migration);

// Before a migration that is marked major, or any with --backup: what [backup] says, and a restore point. Before others
// a restore point where that costs nothing: on a server that archives its WAL and lets this role write one. Throws
// Error if a way back is asked for and there can be none, or if pg_dump or pgBackRest fails.
void safeguard(server::Connection& connection, const Config& config, const history::Migration& migration,
               const apply::Ledger& ledger, const std::string& run_id, SafeguardOptions& options, Terminal& terminal);

}  // namespace sluice::cli
