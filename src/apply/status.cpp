#include "apply/status.hpp"

#include <algorithm>
#include <functional>

#include "base/files.hpp"

namespace sluice::apply {

std::string_view name_of(State state) {
  switch (state) {
    case State::applied:
      return "applied";
    case State::edited:
      return "edited";
    case State::missing_file:
      return "missing";
    case State::pending:
      return "pending";
    case State::out_of_order:
      return "out of order";
  }
  return "";
}

size_t Status::count(State state) const {
  return static_cast<size_t>(
      std::count_if(items.begin(), items.end(), [&](const Item& item) { return item.state == state; }));
}

Status compare(const history::Folder& folder, const Ledger& ledger) {
  Status status;
  std::vector<std::string> hashes;
  for (const history::Entry& entry : folder.entries()) {
    const Progress* progress = ledger.progress_of(entry.tag);
    status.items.push_back(
        {entry, State::pending, std::nullopt, progress ? std::optional<Progress>(*progress) : std::nullopt});
    std::optional<std::string> sql = files::read_if_exists(folder.path() / entry.file_name());
    hashes.push_back(sql ? files::sha256(*sql) : "");
  }
  // The surest sign first, over all migrations, before a weaker one is tried: so two migrations of one text, or a
  // renamed file, still find their own rows.
  std::vector<bool> used(ledger.rows.size());
  using Sign = std::function<bool(size_t, const LedgerRow&)>;
  const std::vector<Sign> signs{
      [&](size_t i, const LedgerRow& row) { return row.name == status.items[i].entry.tag; },
      [&](size_t i, const LedgerRow& row) {
        return row.created_at == status.items[i].entry.when && row.hash == hashes[i];
      },
      [&](size_t i, const LedgerRow& row) { return !row.name && row.created_at == status.items[i].entry.when; },
      [&](size_t i, const LedgerRow& row) { return !row.name && !hashes[i].empty() && row.hash == hashes[i]; }};
  for (const Sign& sign : signs)
    for (size_t i = 0; i < status.items.size(); i++) {
      if (status.items[i].row) continue;
      for (size_t r = 0; r < ledger.rows.size(); r++)
        if (!used[r] && sign(i, ledger.rows[r])) {
          status.items[i].row = ledger.rows[r];
          used[r] = true;
          break;
        }
    }
  std::int64_t newest = 0;
  for (size_t i = 0; i < status.items.size(); i++)
    if (status.items[i].row) newest = std::max(newest, status.items[i].entry.when);
  for (size_t i = 0; i < status.items.size(); i++) {
    Item& item = status.items[i];
    if (item.row)
      item.state = hashes[i].empty()             ? State::missing_file
                   : item.row->hash == hashes[i] ? State::applied
                                                 : State::edited;
    else
      item.state = item.entry.when <= newest ? State::out_of_order : State::pending;
  }
  for (size_t r = 0; r < ledger.rows.size(); r++)
    if (!used[r]) status.unknown.push_back(ledger.rows[r]);
  return status;
}

}  // namespace sluice::apply
