// One migration proved on a scratch server: it applies, the database then is what its snapshot says, and with rows in
// every table up and down equals before, and up again equals after.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/replay.hpp"

namespace sluice::cli {

struct Proof {
  std::vector<std::string> notes;     // what could not be looked at
  std::vector<std::string> findings;  // what is wrong; empty: proved
  std::string with_rows;           // why it does not apply to tables with the rows that were made up, if it applies to
                                   // empty ones; the rest was then looked at with empty ones
  std::vector<std::string> locks;  // "ACCESS EXCLUSIVE sessions": the strongest on each table that was there
  double up_ms = 0, down_ms = 0;
  bool down = false;  // there is a way back
  bool go_on = true;  // the migrations after it can be looked at

  std::string times() const;  // "up 4 ms, down 3 ms"
};

// What differs between the database and a snapshot, and the migration with which each was seen first.
struct Differences {
  std::map<std::string, std::string> objects;  // the object and what of it
  std::set<std::string> statements;            // that were said
};

// Applies `entry` to what `replay` has, takes it back and applies it again. What `known` says of an earlier migration
// is no finding of this one; its own is added.
Proof prove_migration(Replay& replay, const history::Folder& folder, const apply::LedgerName& ledger,
                      const history::Entry& entry, Differences& known);

// An Error as a finding: message, SQLSTATE, place, statement.
std::string in_words(const Error& error);

}  // namespace sluice::cli
