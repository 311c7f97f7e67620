// One migration proved on a scratch server: it applies, the database then is what its snapshot says, and with rows in
// every table up and down equals before, and up again equals after.
#pragma once

#include <string>
#include <vector>

#include "cli/replay.hpp"

namespace sluice::cli {

struct Proof {
  std::vector<std::string> notes;     // what could not be looked at
  std::vector<std::string> findings;  // what is wrong; empty: proved
  std::vector<std::string> locks;     // "ACCESS EXCLUSIVE sessions": the strongest on each table that was there
  double up_ms = 0, down_ms = 0;
  bool down = false;  // there is a way back
  bool go_on = true;  // the migrations after it can be looked at

  std::string times() const;  // "up 4 ms, down 3 ms"
};

// Applies `entry` to what `replay` has, takes it back and applies it again.
Proof prove_migration(Replay& replay, const history::Folder& folder, const apply::LedgerName& ledger,
                      const history::Entry& entry);

// An Error as a finding: message, SQLSTATE, place, statement.
std::string in_words(const Error& error);

}  // namespace sluice::cli
