// Is a migration applied somewhere? Asked before its file is renamed or taken away.
#pragma once

#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

// What a database says.
struct KnownDatabase {
  std::string name;  // "database "app" at localhost:54322"
  bool local = false;
  apply::Ledger ledger;

  // True if the ledger has this migration, by name, or by time and hash.
  bool has(const history::Entry& entry, const std::string& hash) const;
  // How far it came there, if it is half applied or half rolled back.
  const apply::Progress* under_way(const history::Entry& entry) const;
};

// Asks the database that the configuration names, or else the local server, and those of sluice.toml; with --url that
// one alone. A database that cannot be reached is no error here: a warning says that it was not asked.
std::vector<KnownDatabase> ask_databases(const Overrides& overrides, Terminal& terminal);

}  // namespace sluice::cli
