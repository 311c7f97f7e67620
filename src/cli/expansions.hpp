// What the migrations folder has begun with `sluice expand` and not ended with `sluice contract`. It stands in comment
// lines of the migrations themselves, so it is in version control and needs no database.
#pragma once

#include <string>
#include <vector>

#include "history/folder.hpp"
#include "plan/expand.hpp"

namespace sluice::cli {

struct OpenExpansion {
  plan::Expansion expansion;
  std::string tag;       // of the migration that began it
  std::string contract;  // of the one that ends it; "" if there is none yet
};

// Those that have begun, in the order of the folder; and those of them that no migration ends.
std::vector<OpenExpansion> all_expansions(const history::Folder& folder);
std::vector<OpenExpansion> open_expansions(const history::Folder& folder);
std::vector<plan::Expansion> expansions_of(const std::vector<OpenExpansion>& open);

// The schema of the code together with the columns that expansions under way still keep. Reads the folder's files only
// if a column or view of `known` is not in `wanted`.
model::Schema with_open_expansions(model::Schema wanted, const model::Schema& known, const history::Folder& folder);

// Throws Error for changes that take a column or table away, or its name, which the trigger of one that is under way
// writes: every write would fail.
void refuse_changes_under_way(const diff::Changes& changes, const history::Folder& folder);

// The comment lines, without the leading "-- ".
std::string expand_line(const plan::Expansion& expansion);
std::string contract_line(const plan::Expansion& expansion);

// What is said to contract it: "users.name", or "users" for a table.
std::string display(const plan::Expansion& expansion);
// "users.name → users.full_name", "users.name (goes)", "users → accounts".
std::string describe(const plan::Expansion& expansion);

}  // namespace sluice::cli
