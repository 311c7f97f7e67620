// What was changed by hand in a database: for `drift`, `deploy` and `fleet drift`.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "apply/ledger.hpp"
#include "cli/config.hpp"
#include "cli/replay.hpp"
#include "cli/terminal.hpp"
#include "model/schema.hpp"
#include "plan/plan.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

struct Drift {
  model::Schema expected, live;  // what the applied migrations make, and what is there
  std::vector<plan::Statement> by_hand, undo;
  std::vector<std::string> others;   // what the model does not hold: functions, triggers …
  std::vector<std::string> ledgers;  // other projects' tables of migrations, which are left alone
  size_t applied = 0;                // migrations
  std::vector<std::string> spelled;  // what is there and says the same, as far as two versions of PostgreSQL can tell

  bool empty() const { return by_hand.empty() && undo.empty() && others.empty(); }
};

// What a database says was done to it.
struct Claim {
  int major = 0;  // its PostgreSQL version
  std::vector<std::string> applied;
  apply::Ledger ledger;
  std::vector<std::string> warnings;  // why the comparison may not be a fair one
};
Claim read_claim(server::Connection& connection, const apply::LedgerName& ledger, const history::Folder& folder);

// What the migrations of a claim make on a scratch server. Several databases that claim the same can be compared with
// it, from several threads.
class Expected {
 public:
  // `live` is one of them: what it shares with others, and how far an interrupted run got there, is looked up in it. A
  // tenant that is a schema has a name, and `shared` schemas behind it. Throws Error if the migrations cannot be run,
  // or there are no PostgreSQL programs on this machine.
  Expected(const Config& config, const history::Folder& folder, const Claim& claim, server::Connection& live,
           const std::string& tenant = {}, const std::vector<std::string>& shared = {});
  const std::vector<std::string>& warnings() const { return warnings_; }
  // `tenant`: the schema that is compared. `ignore`: globs of what does not count, besides those of the configuration.
  Drift compare(server::Connection& connection, const std::vector<std::string>& ignore, const std::string& tenant = {});

 private:
  void replay_half_done(server::Connection& live, const Claim& claim);

  Config config_;
  const history::Folder& folder_;
  const std::string first_tenant_;
  std::string tenant_;  // as it is called on the scratch server just now
  size_t applied_;
  Replay replay_;
  std::vector<std::string> brought_;  // what the stand-ins made, which is not the migrations' work
  std::vector<std::string> warnings_;
  std::mutex mutex_;  // of the scratch server
};

// Compares a database with what its applied migrations make on a scratch server.
Drift find_drift(server::Connection& connection, const Config& config, const history::Folder& folder,
                 const std::vector<std::string>& ignore, Terminal& terminal);

}  // namespace sluice::cli
