// The folder's migrations, run on a scratch server: what `verify` and `drift` compare with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/rollback.hpp"
#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "plan/plan.hpp"
#include "read/catalog/catalog.hpp"
#include "server/local.hpp"

namespace sluice::cli {

class Replay {
 public:
  // With `major`, of that PostgreSQL version if it is installed.
  Replay(const Config& config, const history::Folder& folder, std::optional<int> major);

  server::Connection& connection() { return connection_; }
  // True if the server has the wanted major version.
  bool wanted_version() const { return wanted_version_; }
  // Applies one migration, or all those; throws Error as migrate does.
  void up(const history::Entry& entry);
  void up_to_all(const std::function<bool(const history::Entry&)>& which);
  // Takes the last applied one back.
  void down();
  // Puts two rows into every empty table that takes them.
  void add_rows();
  // What is in the tables, as a text for each.
  std::vector<std::pair<std::string, std::string>> rows();
  read::Catalog catalog();
  // What PostgreSQL makes of `schema` in an empty database of the same server. Throws Error if it cannot be built.
  model::Schema build(model::Schema schema);

 private:
  server::Target target();

  const Config& config_;
  const history::Folder& folder_;
  bool wanted_version_ = true;
  std::unique_ptr<server::Scratch> scratch_;
  server::Connection connection_;
};

// What of a database the migrations can be about: not the ledger, not schema sluice. `schemas` empty: all.
read::CatalogOptions catalog_options(const apply::LedgerName& ledger, const std::vector<std::string>& schemas);

// The statements that lead from one schema to the other.
std::vector<plan::Statement> statements_between(const model::Schema& from, const model::Schema& to);

}  // namespace sluice::cli
