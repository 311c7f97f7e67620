// Folder against ledger: what is applied, pending, edited, out of order, unknown. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "apply/ledger.hpp"
#include "history/folder.hpp"

namespace sluice::apply {

enum class State {
  applied,
  edited,        // applied, but the file's text is another one now
  missing_file,  // applied, but the file is gone
  pending,
  out_of_order,  // pending, but dated before one that is applied: drizzle-orm would skip it in silence
};
std::string_view name_of(State state);

struct Item {
  history::Entry entry;
  State state = State::pending;
  std::optional<LedgerRow> row;
  std::optional<Progress> progress;  // it was interrupted between two steps
  bool by_squashed = false;          // the row is that of a squashed migration, which stands for this one among others
  bool no_file = false;              // its file is not in the folder
  // Rows that record it once more: two runs of drizzle-orm at once leave them.
  std::vector<LedgerRow> again = {};

  // "0003_x is recorded 2 times (#4, #5)", if it is.
  std::string recorded_often() const;
};

struct Status {
  std::vector<Item> items;         // in the journal's order
  std::vector<LedgerRow> unknown;  // rows that belong to no migration of the folder
  std::vector<Progress> lost;      // interrupted between two steps, and of no migration of the folder

  size_t count(State state) const;
  // The first migration that is recorded more than once, or nullptr.
  const Item* recorded_often() const;
  bool is_pending(const Item& item) const { return item.state == State::pending || item.state == State::out_of_order; }
};

// A row belongs to the migration of its name, else of its time, else of its hash; each row to one migration.
Status compare(const history::Folder& folder, const Ledger& ledger);

// The item that "0003", "3", "0003_add_x" or "0003_add_x.sql" means. Throws Error if there is none.
const Item& find_item(const Status& status, const std::string& given);

}  // namespace sluice::apply
