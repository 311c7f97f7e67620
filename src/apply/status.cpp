#include "apply/status.hpp"

#include <algorithm>
#include <functional>

#include "base/files.hpp"
#include "history/squashed.hpp"

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

namespace {

// A database that applied the old migrations has the first one of the folder, which stands for them: true, with their
// rows used. False if it has none of them. Throws Error if it has only some.
bool find_squashed(const history::Folder& folder, const Ledger& ledger, Status& status, std::vector<bool>& used,
                   const std::vector<std::string>& hashes) {
  std::vector<history::Entry> old = history::squashed_entries(folder.path());
  if (old.empty() || status.items.empty()) return false;
  Item& item = status.items.front();
  std::vector<size_t> found;
  for (const history::Entry& entry : old)
    for (size_t r = 0; r < ledger.rows.size(); r++) {
      const LedgerRow& row = ledger.rows[r];
      if (row.name && item.entry.is_called(*row.name) && row.hash == hashes.front()) return false;
      bool is = row.name ? entry.is_called(*row.name) || (&entry == &old.back() && item.entry.is_called(*row.name))
                         : row.created_at == entry.when;
      if (!is || used[r]) continue;
      used[r] = true;
      found.push_back(r);
      break;
    }
  if (found.empty()) return false;
  if (found.size() < old.size()) {
    ErrorContext context;
    context.at.file = (folder.path() / item.entry.file_name()).string();
    context.state = "Nothing was changed.";
    context.hint = "Apply the others first: sluice migrate --out " +
                   std::filesystem::proximate(folder.path() / "squashed").string();
    throw Error("the database has " + std::to_string(found.size()) + " of the " + std::to_string(old.size()) +
                    " migrations that " + item.entry.tag + " stands for",
                context);
  }
  item.row = ledger.rows[found.back()];
  return true;
}

}  // namespace

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
  // The name of a folder says the time to the second; what was recorded before it became one does to the millisecond.
  auto dated_alike = [&](size_t i, const LedgerRow& row) {
    const history::Entry& entry = status.items[i].entry;
    return row.created_at == entry.when || (entry.own_folder && row.created_at / 1000 == entry.when / 1000);
  };
  const std::vector<Sign> signs{
      [&](size_t i, const LedgerRow& row) { return row.name && status.items[i].entry.is_called(*row.name); },
      [&](size_t i, const LedgerRow& row) { return dated_alike(i, row) && row.hash == hashes[i]; },
      [&](size_t i, const LedgerRow& row) { return !row.name && dated_alike(i, row); },
      [&](size_t i, const LedgerRow& row) { return !row.name && !hashes[i].empty() && row.hash == hashes[i]; }};
  bool squashed = find_squashed(folder, ledger, status, used, hashes);
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
      item.state = squashed && i == 0            ? State::applied
                   : hashes[i].empty()           ? State::missing_file
                   : item.row->hash == hashes[i] ? State::applied
                                                 : State::edited;
    else
      // drizzle-orm 1.0 goes by names: there the order of times does not matter.
      item.state = item.entry.when <= newest && !item.entry.own_folder ? State::out_of_order : State::pending;
  }
  for (size_t r = 0; r < ledger.rows.size(); r++)
    if (!used[r]) status.unknown.push_back(ledger.rows[r]);
  return status;
}

const Item& find_item(const Status& status, const std::string& given) {
  std::vector<history::Entry> entries;
  for (const Item& item : status.items) entries.push_back(item.entry);
  if (const history::Entry* found = history::find_entry(entries, given))
    return status.items[static_cast<size_t>(found - entries.data())];
  ErrorContext context;
  context.state = "Nothing was changed.";
  context.hint =
      "Give the number or name of the migration that shall be the last applied one, or 'none'. 'sluice status' lists "
      "them.";
  throw Error("there is no migration '" + given + "' in the folder", context);
}

}  // namespace sluice::apply
