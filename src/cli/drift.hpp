// What was changed by hand in a database: for `drift` and `deploy`.
#pragma once

#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "model/schema.hpp"
#include "plan/plan.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

struct Drift {
  model::Schema expected, live;  // what the applied migrations make, and what is there
  std::vector<plan::Statement> by_hand, undo;
  std::vector<std::string> others;  // what the model does not hold: functions, triggers …
  size_t applied = 0;               // migrations

  bool empty() const { return by_hand.empty() && undo.empty() && others.empty(); }
};

// Compares a database with what its applied migrations make on a scratch server. `ignore`: globs of what does not
// count. Throws Error if there are no PostgreSQL programs on this machine.
Drift find_drift(server::Connection& connection, const Config& config, const history::Folder& folder,
                 const std::vector<std::string>& ignore, Terminal& terminal);

}  // namespace sluice::cli
