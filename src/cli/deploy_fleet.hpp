// A stage of `sluice deploy` that is a fleet: its targets are looked at before anything is changed, and get the
// migrations in waves. What is done stands in each target's own ledger, so a deployment that runs again goes on.
#pragma once

#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

class FleetStage {
 public:
  // Finds the targets.
  FleetStage(const Config& config, const Stage& stage, Terminal& terminal);

  // The configuration with the database in which the record of the deployment stands: the fleet's url, else the first
  // target's. The record has the name of the fleet, since a stage of its own may be in the same database.
  const Config& control() const { return config_; }
  static apply::LedgerName record_of(const std::string& fleet) { return {"fleet", fleet}; }
  // "fleet "tenants", 12 targets"
  std::string describe() const;

  // What is pending on any target, in order. Throws Error for targets that cannot be read, or whose ledger says that
  // this is not their folder.
  std::vector<history::Migration> pending(const history::Folder& folder);
  // A connection to the target with the most to do, and `migrations` as they are run there: for their review.
  struct Example {
    server::Connection connection;
    std::vector<std::string> schemas;
    std::vector<history::Migration> migrations;
  };
  Example example(const std::vector<history::Migration>& migrations) const;
  // Looks at each target for rows that stand in the way. Throws Error with what was found where.
  std::string preflight(const history::Folder& folder);
  // Brings all targets to `last`, wave by wave. Throws Error with what failed where.
  std::string migrate(const history::Folder& folder, const apply::RunInfo& run, const std::string& last);
  // Migrations that this object applied to at least one target; and how many targets have got them.
  std::vector<std::string> applied() const;
  std::string state() const;
  // Throws Error unless every target has the whole folder in its ledger.
  std::string verify(const history::Folder& folder);
  // The targets whose catalog is not what their migrations made, and what is different, a line for each; empty if all
  // are. Throws Error for targets that cannot be compared.
  std::vector<std::string> drift(const history::Folder& folder);
  // Takes back what migrate() applied, on the targets that got it. Throws Error with what failed where.
  std::string take_back(const history::Folder& folder, const apply::RunInfo& run);

 private:
  apply::FleetOptions options() const;
  std::vector<apply::FleetResult> run(const history::Folder& folder, apply::FleetOptions options,
                                      const std::string& what);

  Config config_;
  const Stage& stage_;
  Terminal& terminal_;
  Fleet fleet_;
  std::vector<apply::FleetTarget> targets_;
  size_t example_ = 0;
  std::vector<std::vector<std::string>> applied_;  // of each target, by this object
  size_t failed_ = 0, waiting_ = 0;                // of the last migrate()
};

}  // namespace sluice::cli
