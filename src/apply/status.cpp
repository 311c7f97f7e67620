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

std::string Item::recorded_often() const {
  if (again.empty()) return "";
  std::string rows = "#" + std::to_string(row->id);
  for (const LedgerRow& each : again) rows += ", #" + std::to_string(each.id);
  return entry.tag + " is recorded " + (again.size() == 1 ? "twice" : std::to_string(again.size() + 1) + " times") +
         " (rows " + rows + ")";
}

const Item* Status::recorded_often() const {
  for (const Item& item : items)
    if (!item.again.empty()) return &item;
  return nullptr;
}

namespace {

constexpr size_t none = std::string::npos;

// The name of a folder says the time to the second; what was recorded before it became one does to the millisecond.
bool dated_alike(const history::Entry& entry, const LedgerRow& row) {
  return row.created_at == entry.when || (entry.own_folder && row.created_at / 1000 == entry.when / 1000);
}

std::string hash_of(const std::filesystem::path& file) {
  const std::optional<std::string> sql = files::read_if_exists(file);
  return sql ? files::sha256(*sql) : "";
}

// Rows by the migrations of squashed/, for which later ones stand.
struct Old {
  std::vector<history::Entry> entries;
  std::vector<history::Squashed> made;  // of them
  std::filesystem::path place;          // where the entries are
  std::vector<size_t> rows = {};        // for each entry its row, or that of one that stands for it; or none

  size_t found() const {
    return static_cast<size_t>(std::count_if(rows.begin(), rows.end(), [](size_t row) { return row != none; }));
  }
};

// The hash decides: a squashed migration has the time of its last one, and in a table of drizzle-orm's no name; in a
// folder of drizzle-kit 1.0 it has the name of its last one too. Before it became such a folder it had another.
const history::Squashed* made_by(const LedgerRow& row, const Old& old) {
  for (const history::Squashed& each : old.made)
    if (row.hash == each.hash && ((row.name && each.entry.is_called(*row.name)) ||
                                  ((!row.name || each.entry.own_folder) && dated_alike(each.entry, row))))
      return &each;
  return nullptr;
}

void find_made(const Ledger& ledger, Old& old, std::vector<bool>& used) {
  for (size_t r = 0; r < ledger.rows.size(); r++) {
    const history::Squashed* made = made_by(ledger.rows[r], old);
    if (!made) continue;
    used[r] = true;
    std::fill_n(old.rows.begin(), std::min(made->count, old.rows.size()), r);
  }
}

// Rows of the old migrations themselves. What applied all of them may have been given the later name, with the hash of
// the last. With `beside`, only of those that have a row already: both may be there after a repair.
void find_own(const Ledger& ledger, Old& old, std::vector<bool>& used, bool beside = false) {
  auto named_later = [&](size_t i, const std::string& name) {
    return std::any_of(old.made.begin(), old.made.end(), [&](const history::Squashed& each) {
      return each.count == i + 1 && each.entry.is_called(name);
    });
  };
  auto is_of = [&](size_t i, const LedgerRow& row) {
    const history::Entry& entry = old.entries[i];
    if (!row.name) return dated_alike(entry, row);
    if (entry.is_called(*row.name) || named_later(i, *row.name)) return true;
    // Recorded before its folder was one of drizzle-kit 1.0's.
    return entry.own_folder && dated_alike(entry, row) && row.hash == hash_of(old.place / entry.file_name());
  };
  for (size_t i = 0; i < old.entries.size(); i++)
    for (size_t r = 0; r < ledger.rows.size() && (!beside || old.rows[i] != none); r++) {
      if (used[r] || !is_of(i, ledger.rows[r])) continue;
      used[r] = true;
      if (old.rows[i] == none) old.rows[i] = r;
      break;
    }
}

// The place of the migration that stands for those in squashed/. In a folder of drizzle-kit 1.0 a branch may have put
// one before it.
size_t place_of_squashed(const Status& status, const Old& old) {
  for (size_t i = 0; i < status.items.size() && !old.made.empty(); i++)
    if (status.items[i].entry.tag == old.made.back().entry.tag) return i;
  return 0;
}

// A database that applied the old migrations has the one that stands for them: its place is given, and their rows are
// used. Nothing if the database has none of them, or has that one itself. Throws Error if it has only some.
std::optional<size_t> find_squashed(const history::Folder& folder, const Ledger& ledger, Status& status,
                                    std::vector<bool>& used, const std::vector<std::string>& hashes) {
  const std::filesystem::path place = folder.path() / "squashed";
  Old old{history::squashed_entries(folder.path()), {}, place};
  if (old.entries.empty() || status.items.empty()) return std::nullopt;
  old.made = history::squashed_into(place);
  const size_t at = place_of_squashed(status, old);
  Item& item = status.items[at];
  // The file as it is now, and one squashed before they were written down.
  old.made.push_back({item.entry, hashes[at], old.entries.size()});
  old.rows.assign(old.entries.size(), none);
  find_made(ledger, old, used);
  find_own(ledger, old, used);
  if (old.found() == 0) return std::nullopt;
  if (old.rows.back() != none) item.row = ledger.rows[old.rows.back()];
  if (old.found() == old.entries.size()) {
    const history::Squashed* made = made_by(*item.row, old);
    return !made || made->entry.tag != item.entry.tag ? std::optional(at) : std::nullopt;
  }
  const history::Entry& last = old.entries.back();
  if (old.found() == 1 && item.row && (item.row->name != last.tag || item.entry.tag == last.tag))
    if (hash_of(place / last.file_name()) != item.row->hash) return std::nullopt;  // the squashed one, edited since
  ErrorContext context;
  context.at.file = (folder.path() / item.entry.file_name()).string();
  context.state = "Nothing was changed.";
  context.hint = "Apply the others first: sluice migrate --out " + std::filesystem::proximate(place).string();
  throw Error("the database has " + std::to_string(old.found()) + " of the " + std::to_string(old.entries.size()) +
                  " migrations that " + item.entry.tag + " stands for",
              context);
}

// In squashed/ itself: the old migrations that a database has by one that was made of them.
void find_in_squashed(const history::Folder& folder, const Ledger& ledger, Status& status, std::vector<bool>& used) {
  Old old{folder.entries(), history::squashed_into(folder.path()), folder.path()};
  if (old.made.empty()) return;
  old.rows.assign(old.entries.size(), none);
  find_made(ledger, old, used);
  find_own(ledger, old, used, true);
  for (size_t i = 0; i < old.rows.size(); i++)
    if (old.rows[i] != none) {
      status.items[i].row = ledger.rows[old.rows[i]];
      status.items[i].by_squashed = true;
    }
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
    status.items.back().no_file = !sql;
  }
  // The surest sign first, over all migrations, before a weaker one is tried: so two migrations of one text, or a
  // renamed file, still find their own rows.
  std::vector<bool> used(ledger.rows.size());
  using Sign = std::function<bool(size_t, const LedgerRow&)>;
  auto alike = [&](size_t i, const LedgerRow& row) { return dated_alike(status.items[i].entry, row); };
  const std::vector<Sign> signs{
      [&](size_t i, const LedgerRow& row) { return row.name && status.items[i].entry.is_called(*row.name); },
      [&](size_t i, const LedgerRow& row) { return alike(i, row) && row.hash == hashes[i]; },
      [&](size_t i, const LedgerRow& row) { return !row.name && alike(i, row); },
      [&](size_t i, const LedgerRow& row) { return !row.name && !hashes[i].empty() && row.hash == hashes[i]; }};
  const std::optional<size_t> squashed = find_squashed(folder, ledger, status, used, hashes);
  find_in_squashed(folder, ledger, status, used);
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
      item.state = squashed == i || item.by_squashed ? State::applied
                   : hashes[i].empty()               ? State::missing_file
                   : item.row->hash == hashes[i]     ? State::applied
                                                     : State::edited;
    else
      // drizzle-orm 1.0 goes by names: there the order of times does not matter.
      item.state = item.entry.when <= newest && !item.entry.own_folder ? State::out_of_order : State::pending;
  }
  for (size_t r = 0; r < ledger.rows.size(); r++) {
    if (used[r]) continue;
    const LedgerRow& row = ledger.rows[r];
    const auto same = std::find_if(status.items.begin(), status.items.end(), [&](const Item& item) {
      return item.row && !item.by_squashed &&
             (row.name ? item.entry.is_called(*row.name)
                       : row.created_at == item.row->created_at && row.hash == item.row->hash);
    });
    if (same != status.items.end())
      same->again.push_back(row);
    else
      status.unknown.push_back(row);
  }
  for (const Progress& progress : ledger.progress)
    if (std::none_of(status.items.begin(), status.items.end(),
                     [&](const Item& item) { return item.entry.is_called(progress.tag); }))
      status.lost.push_back(progress);
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
