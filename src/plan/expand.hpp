// Columns that get another name, another form, or go, while two releases of the code run on one database. The first
// migration (expand) puts the new columns beside the old ones, and a trigger keeps both equal, whichever of the two is
// written. The last one (contract) takes the old columns away. In between both are in the schema.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.hpp"

namespace sluice::plan {

struct Expansion {
  model::Key table;                                           // {"public", "", "users"}
  std::vector<std::string> old_columns;                       // what goes
  std::vector<std::string> new_columns;                       // what comes instead; empty: nothing
  std::vector<std::string> to_new, to_old;                    // SQL for each new column, and for each old one
  std::vector<std::pair<std::string, std::string>> replaced;  // index or constraint → the one that will have its name
  std::string new_table = {};                                 // the table itself gets this name; no columns then
  std::string made = {};  // the name of its function and sequence, if it is not the obvious one

  bool operator==(const Expansion&) const = default;
};

// Why it cannot be expanded on a server of this version; empty if it can.
std::string cannot_expand(const model::Schema& known, const model::Schema& wanted, const Expansion& expansion,
                          int version);

// `wanted`, the schema of the new code, with what the old code still needs of `known`.
model::Schema in_between(const model::Schema& wanted, const model::Schema& known,
                         const std::vector<Expansion>& expansions);

struct Stage {
  Plan up, down;
  model::Schema after;
};

// The first migration. `others` are under way already. Fills in Expansion::replaced.
Stage expand(const model::Schema& known, const model::Schema& wanted, std::vector<Expansion>& expansions,
             const std::vector<Expansion>& others, const Options& options);
// Why `known` has nothing that can be contracted; empty if it has.
std::string cannot_contract(const model::Schema& known, const Expansion& expansion);
// The last one. It fails while the old code has written within the last `idle` seconds, or a function names the
// columns; without `idle` it looks at nothing.
Stage contract(const model::Schema& known, const model::Schema& wanted, const Expansion& expansion,
               const std::vector<Expansion>& others, std::optional<int> idle, const Options& options);

// The sequence that notes when the old code wrote last (seconds since 1970), or used the table's old name.
std::string last_write_sequence(const Expansion& expansion);

}  // namespace sluice::plan
