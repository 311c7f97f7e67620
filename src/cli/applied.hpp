// Is a migration applied somewhere? Asked before its file is renamed or taken away.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

// What the database that the configuration names, or else the local server, says; without a connection, nothing.
struct KnownDatabase {
  std::string name;  // "database "app" at localhost:54322"
  bool local = false;
  apply::Ledger ledger;

  // True if the ledger has this migration, by name, or by time and hash.
  bool has(const history::Entry& entry, const std::string& hash) const;
};

// Asks it. A database that cannot be reached is no error here: a warning says that it was not asked.
std::optional<KnownDatabase> ask_database(const Overrides& overrides, Terminal& terminal);

}  // namespace sluice::cli
