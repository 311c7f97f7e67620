// The folder's migrations, run on a scratch server: what `verify` and `drift` compare with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "apply/migrate.hpp"
#include "apply/rollback.hpp"
#include "cli/config.hpp"
#include "cli/stand_ins.hpp"
#include "cli/terminal.hpp"
#include "plan/plan.hpp"
#include "read/catalog/catalog.hpp"
#include "server/local.hpp"

namespace sluice::cli {

class Replay {
 public:
  // With `major`, of that PostgreSQL version if it is installed. With `tenant`, in a schema of that name, as a fleet
  // does it, with the schemas `shared` behind it; the configuration's ledger is then the tenant's.
  Replay(const Config& config, const history::Folder& folder, std::optional<int> major, const std::string& tenant = {},
         const std::vector<std::string>& shared = {});

  server::Connection& connection() { return connection_; }
  const std::string& url() const { return target_.url; }
  // What the scratch server had to be given before the migrations could run there.
  const StandIns& stand_ins() const { return *stand_ins_; }
  // True if the server has the wanted major version.
  bool wanted_version() const { return wanted_version_; }
  // Applies one migration, or all those; throws Error as migrate does.
  void up(const history::Entry& entry);
  void up_to_all(const std::function<bool(const history::Entry&)>& which);
  // As much of a migration as an interrupted run did, up or down; with `intent`, also the statement that was about to
  // be sent. False if the file is not what was run, or is not the last one that can be taken back.
  bool in_part(const history::Entry& entry, const apply::Progress& progress, bool intent);
  // The strongest locks that the last up() took on tables that were there before: "ACCESS EXCLUSIVE sessions". Of
  // statements outside a transaction nothing is known.
  const std::vector<std::string>& locks() const { return locks_; }
  // What the last up() left out because an extension is not installed: "index a_idx (hnsw is not installed here)".
  const std::vector<std::string>& left_out() const { return left_out_; }
  // Builds `schema` in the empty database, instead of what the migrations before would do.
  void start_from(model::Schema schema);
  // Takes the last applied one back.
  void down();
  // Puts two rows into every empty table that takes them.
  void add_rows();
  // Takes those rows out again; with `all` also what migrations put into the tables. Nothing that is called by a change
  // of rows runs.
  void remove_rows(bool all);
  // What is in the tables, as a text for each.
  std::vector<std::pair<std::string, std::string>> rows();
  // `beyond`: also what drizzle has no word for. Without it said: if the folder's snapshots speak of such things.
  read::Catalog catalog() { return catalog(beyond_); }
  read::Catalog catalog(bool beyond);
  bool beyond() const { return beyond_; }
  // Takes out of `schema` what is in schemas of the stand-ins.
  void without_stand_ins(model::Schema& schema) const;
  // What PostgreSQL makes of `schema` in an empty database of the same server, beside the stand-ins. Throws Error if it
  // cannot be built.
  model::Schema build(model::Schema schema);

 private:
  server::Target target();
  apply::MigrateOptions migrate_options();
  apply::RollbackOptions rollback_options();
  void read_locks();

  const Config& config_;
  const history::Folder& folder_;
  const apply::FleetTarget tenant_;  // its schema is empty if there is none
  const std::vector<std::string> shared_;
  bool wanted_version_ = true, beyond_ = false;
  std::unique_ptr<server::Scratch> scratch_;
  std::optional<StandIns> stand_ins_;
  server::Target target_;
  std::vector<std::string> locks_, left_out_;
  server::Connection connection_;
};

// What of a database the migrations can be about: not the ledger, not schema sluice. `schemas` empty: all.
read::CatalogOptions catalog_options(const apply::LedgerName& ledger, const std::vector<std::string>& schemas);

// The roles that the schema's policies and grants name and that it does not declare itself.
void make_roles(server::Connection& connection, const model::Schema& schema);
// Makes the schema in an empty database of a scratch server.
void build_schema(server::Connection& connection, const model::Schema& schema);

// The statements that lead from one schema to the other. `exact`: both are catalogs, which say of each table whether it
// has row security; in a snapshot a policy says so.
std::vector<plan::Statement> statements_between(const model::Schema& from, const model::Schema& to, bool exact = false);

}  // namespace sluice::cli
