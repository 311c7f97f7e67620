// What a person has changed in the grid, as statements, run as one transaction.
#pragma once

#include <string>
#include <vector>

#include "studio/rows.hpp"

namespace sluice::studio {

struct Change {
  std::string sql;    // what is shown, and what is run
  std::string check;  // gives the row's version if it is still the one that was seen; empty for a new row
  std::string version;
};

// `request`: {"updates": [{"key", "version", "set": {column: text or null}}], "inserts": [{"set"}], "deletes": [{"key",
// "version"}]}. In the order: deletes, updates, inserts. Throws Error for a column that there is not.
std::vector<Change> changes_of(const TableInfo& table, const Json& request);

// All of them, or none. Throws Error with `finished` changes before the one that failed, also for a row that somebody
// else has changed since it was read.
void apply_changes(server::Connection& connection, const TableInfo& table, const std::vector<Change>& changes);

}  // namespace sluice::studio
