#include "history/folder.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "base/files.hpp"
#include "base/text.hpp"
#include "history/checksums.hpp"
#include "history/dated.hpp"
#include "history/journal.hpp"
#include "model/beyond.hpp"

namespace sluice::history {

namespace {

// What stands before the first underscore: "0003" of "0003_add_duration".
std::string number_of(const std::string& tag) { return tag.substr(0, tag.find('_')); }

bool is_migration_file(const std::string& name) { return name.ends_with(".sql") && !name.ends_with(".down.sql"); }

std::vector<std::string> file_names(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (!it->is_directory()) names.push_back(it->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> snapshot_names(const fs::path& meta) {
  std::vector<std::string> names = file_names(meta);
  std::erase_if(names, [](const std::string& name) { return name.starts_with('_') || !name.ends_with(".json"); });
  return names;
}

// The folders of drizzle-kit 1.0's migrations: 20260103120000_name/migration.sql.
std::vector<std::string> migration_folders(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (time_of_folder(name) && fs::exists(it->path() / "migration.sql")) names.push_back(std::move(name));
  }
  return names;
}

// What an interrupted add() leaves: a folder in which the migration was made.
constexpr std::string_view workshop = ".sluice.tmp-";

}  // namespace

std::string Entry::folder_name() const {
  if (own_folder) return tag;
  const size_t at = tag.find('_');
  return prefix_at(Prefix::timestamp, *this) + "_" + (at == std::string::npos ? "" : tag.substr(at + 1));
}

std::string short_name(const fs::path& file) {
  const std::string name = file.filename().string(), folder = file.parent_path().filename().string();
  return time_of_folder(folder) ? folder + "/" + name : name;
}

std::string tag_in(const std::string& given) {
  std::string name = given;
  for (const std::string_view ending : {"/migration.sql", ".sql"})
    if (name.ends_with(ending)) {
      name.erase(name.size() - ending.size());
      break;
    }
  return fs::path(name).filename().string();
}

const Entry* find_entry(const std::vector<Entry>& entries, const std::string& given) {
  const std::string name = tag_in(given);
  for (const Entry& entry : entries)
    if (entry.tag == name) return &entry;
  if (name.empty() || name.find_first_not_of("0123456789") != std::string::npos) return nullptr;
  auto without_zeros = [](const std::string& digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  };
  for (const Entry& entry : entries)
    if (without_zeros(entry.number()) == without_zeros(name)) return &entry;
  return nullptr;
}

bool is_dated_name(const std::string& tag) { return time_of_folder(tag).has_value(); }

bool is_dated(const fs::path& directory) {
  return !fs::exists(directory / "meta" / "_journal.json") && !migration_folders(directory).empty();
}

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string new_id() {
  std::random_device random;
  std::string out;
  for (size_t i = 0; i < 32; i++) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    unsigned digit = random() % 16;
    if (i == 12) digit = 4;
    if (i == 16) digit = 8 + digit % 4;
    out += "0123456789abcdef"[digit];
  }
  return out;
}

Folder Folder::open(const fs::path& directory) {
  Folder folder;
  folder.path_ = directory;
  std::error_code error;
  folder.exists_ = fs::is_directory(directory, error);
  if (fs::exists(directory, error) && !folder.exists_) {
    ErrorContext context;
    context.at.file = directory.string();
    context.hint = "Set 'out' in the configuration (or --out) to a directory.";
    throw Error("the migrations folder '" + directory.string() + "' is a file", context);
  }
  fs::path journal = directory / "meta" / "_journal.json";
  std::optional<std::string> content = files::read_if_exists(journal);
  if (content) {
    folder.journal_text_ = *content;
    folder.entries_ = parse_journal(*content, journal.string());
  } else if (folder.exists_) {
    folder.entries_ = dated_entries(migration_folders(directory));
    folder.dated_ = !folder.entries_.empty();
  }
  return folder;
}

// add() and rewrite() note what they are about to do. A note that is still there is of a run that was killed in
// between: what it wrote is no migration unless the journal says so, and what it was going to remove goes if the
// journal was written.
void Folder::remove_leftovers() const {
  std::error_code failed;
  for (fs::directory_iterator it(path_, failed), end; !failed && it != end; it.increment(failed)) {
    std::error_code ignored;
    if (it->path().filename().string().starts_with(workshop)) fs::remove_all(it->path(), ignored);
  }
  if (dated_) return;
  for (const fs::path& directory : {path_, path_ / "meta"})
    for (const std::string& name : file_names(directory)) {
      std::error_code ignored;  // a folder that cannot be written to can still be read
      if (name.starts_with('_') && name.find(files::temporary_mark) != std::string::npos)
        fs::remove(directory / name, ignored);
    }
  fs::path note = path_ / "meta" / "_sluice.pending";
  std::optional<std::string> pending = files::read_if_exists(note);
  if (!pending) return;
  std::vector<std::string> names = text::split(std::string(text::trim(*pending)), "\n");
  std::error_code error;
  auto remove = [&](const std::string& name) {
    if (!name.empty() && name.find("..") == std::string::npos && fs::path(name).is_relative())
      fs::remove(path_ / name, error);
  };
  if (names.front().starts_with('=')) {
    bool completed = names.front().substr(1) == files::sha256(journal_text_);
    for (const std::string& name : names)
      if (name.starts_with(completed ? '-' : '+')) remove(name.substr(1));
  } else if (std::none_of(entries_.begin(), entries_.end(),
                          [&](const Entry& entry) { return entry.file_name() == names.front(); })) {
    for (const std::string& name : names) remove(name);
  }
  fs::remove(note, error);
}

Migration Folder::read(const Entry& entry) const {
  fs::path file = path_ / entry.file_name();
  std::optional<std::string> sql = files::read_if_exists(file);
  if (!sql) {
    ErrorContext context;
    context.at.file = file.string();
    context.hint =
        dated_ ? "Restore the file from version control, or remove its folder if the migration was given up and is "
                 "applied nowhere."
               : "Restore the file from version control, or remove its entry from meta/_journal.json if the migration "
                 "was given up and is applied nowhere.";
    throw Error(
        "the migration " + entry.file_name() + (dated_ ? " is gone" : " stands in the journal but not in the folder"),
        context);
  }
  std::string hash = files::sha256(*sql);
  return {entry, file, std::move(*sql), std::move(hash)};
}

std::optional<std::string> Folder::read_down(const Entry& entry) const {
  return files::read_if_exists(path_ / entry.down_name());
}

std::vector<std::string> Folder::snapshots() const {
  std::vector<std::string> names = snapshot_names(path_ / "meta");
  for (const std::string& tag : forgotten_) std::erase(names, number_of(tag) + "_snapshot.json");
  return names;
}

std::vector<fs::path> Folder::snapshot_files() const {
  std::vector<fs::path> files;
  if (dated_) {
    for (const Entry& entry : entries_)
      if (fs::exists(path_ / entry.snapshot_name())) files.push_back(path_ / entry.snapshot_name());
    return files;
  }
  for (const std::string& name : snapshots()) files.push_back(path_ / "meta" / name);
  return files;
}

const Snapshots& Folder::dated_snapshots() const {
  if (snapshots_) return *snapshots_;
  std::vector<std::pair<std::string, std::string>> texts;
  for (const Entry& entry : entries_)
    if (auto text = files::read_if_exists(path_ / entry.snapshot_name()))
      texts.emplace_back(entry.tag, std::move(*text));
  std::set<std::string> beyond;
  for (const Entry& entry : entries_)
    if (fs::exists(path_ / entry.beyond_name())) beyond.insert(entry.tag);
  snapshots_ = std::make_shared<const Snapshots>(texts, path_.string(), std::move(beyond));
  return *snapshots_;
}

model::Snapshot Folder::dated_snapshot(const std::string& tag) const {
  return dated_snapshot_of(dated_snapshots(), tag, entries_,
                           [&](const std::string& name) { return files::read_if_exists(path_ / name); });
}

std::optional<model::Snapshot> Folder::snapshot_after(const Entry& entry) const {
  fs::path file = path_ / entry.snapshot_name();
  if (dated_) {
    if (!fs::exists(file)) return std::nullopt;
    return dated_snapshot(entry.tag);
  }
  if (!fs::exists(file)) return std::nullopt;
  return read_snapshot(file);
}

bool Folder::last_snapshot_is_older() const {
  if (dated_) return !entries_.empty() && !fs::exists(path_ / entries_.back().snapshot_name());
  std::vector<std::string> names = snapshots();
  return !entries_.empty() && !names.empty() && names.back() < number_of(entries_.back().tag) + "_snapshot.json";
}

std::optional<model::Snapshot> Folder::last_snapshot() const {
  std::vector<std::string> names = dated_ ? std::vector<std::string>() : snapshots();
  if (dated_) {
    const Snapshots& all = dated_snapshots();
    if (!all.empty()) return dated_snapshot("");
  } else if (!names.empty()) {
    model::Snapshot snapshot = read_snapshot(path_ / "meta" / names.back());
    last_read_ = LastSnapshot{names.back(), snapshot.id, model::is_beyond_drizzle(snapshot.schema)};
    return snapshot;
  }
  if (entries_.empty()) return std::nullopt;
  ErrorContext context;
  context.at.file = (path_ / entries_.back().snapshot_name()).string();
  context.hint = "Restore it from version control: without it the whole schema would be created again.";
  context.state = "Nothing was written.";
  throw Error("there are migrations but no snapshot of the schema after " + entries_.back().tag, context);
}

std::optional<Folder::LastSnapshot> Folder::last_known() const {
  const std::vector<std::string> names = snapshots();
  if (!last_read_ || names.empty() || last_read_->file != names.back()) {
    last_read_ = std::nullopt;
    last_snapshot();
  }
  return last_read_;
}

model::Snapshot read_snapshot(const fs::path& file) {
  model::Snapshot snapshot = model::parse_snapshot(files::read(file), file.string());
  std::string name = file.filename().string();
  const std::string own = "_" + number_of(name) + "_beyond.json";
  std::string last;
  for (const std::string& each : file_names(file.parent_path()))
    if (each.starts_with('_') && each.ends_with("_beyond.json") && each <= own) last = each;
  if (last.empty()) return snapshot;
  const fs::path beyond = file.parent_path() / last;
  (last == own ? model::read_beyond : model::carry_beyond)(snapshot, files::read(beyond), beyond.string());
  return snapshot;
}

std::vector<std::string> Folder::forget_deleted() {
  while (!dated_ && !entries_.empty() && !fs::exists(path_ / entries_.back().file_name())) {
    forgotten_.insert(forgotten_.begin(), entries_.back().tag);
    entries_.pop_back();
  }
  return forgotten_;
}

void Folder::remove_forgotten_files() const {
  std::error_code error;
  for (const std::string& tag : forgotten_) {
    fs::remove(path_ / (tag + ".down.sql"), error);
    fs::remove(path_ / "meta" / (number_of(tag) + "_snapshot.json"), error);
    fs::remove(path_ / "meta" / ("_" + number_of(tag) + "_beyond.json"), error);
  }
}

void Folder::write_forgotten() {
  if (forgotten_.empty()) return;
  std::string journal_text = print_journal(entries_);
  files::write_atomically(path_ / "meta" / "_journal.json", journal_text);
  remove_forgotten_files();
  if (fs::exists(path_ / "meta" / "_sluice.sum")) update_checksums();
  forgotten_.clear();
  journal_text_ = std::move(journal_text);
}

std::vector<std::string> Folder::files_outside_journal() const {
  std::vector<std::string> out;
  if (dated_) return out;
  auto has_number = [](const std::string& name) {
    return name.size() > 4 && std::all_of(name.begin(), name.begin() + 4, [](char c) { return c >= '0' && c <= '9'; });
  };
  // With the prefix "none", migrations have none.
  const bool any_numbers =
      std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return has_number(e.tag); });
  for (const std::string& name : file_names(path_)) {
    const bool numbered = has_number(name) || (!any_numbers && !entries_.empty());
    bool known = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.file_name() == name; });
    if (is_migration_file(name) && numbered && !known) out.push_back(name);
  }
  return out;
}

// The time decides the order for drizzle-orm, so it must grow, whatever the clock says.
std::int64_t Folder::next_time(const Addition& addition) const {
  std::int64_t time = addition.time;
  // A folder's name tells the time to the second.
  for (const Entry& entry : entries_) time = std::max(time, entry.when + 1000);
  return dated_ ? time / 1000 * 1000 : time;
}

std::string prefix_at(Prefix prefix, const Entry& entry) {
  auto seconds = static_cast<std::time_t>(entry.when / 1000);
  switch (prefix) {
    case Prefix::index:
      return fmt::format("{:04}", entry.index);
    case Prefix::timestamp:
      return fmt::format("{:%Y%m%d%H%M%S}", fmt::gmtime(seconds));
    case Prefix::unix_time:
      return std::to_string(seconds);
    case Prefix::none:
      break;
  }
  ErrorContext context;
  context.hint = "Use 'index', 'timestamp' or 'unix'.";
  throw Error("the prefix 'none' gives every snapshot the name meta/_snapshot.json, which drizzle-kit then ignores",
              context);
}

namespace {

// The last snapshot is the last by name, for drizzle-kit too: after a change of the prefix it could be an older one.
void refuse_before_last(const std::string& prefix, const std::vector<Entry>& entries,
                        const std::vector<std::string>& snapshots, const fs::path& folder) {
  if (entries.empty() || snapshots.empty() || prefix + "_snapshot.json" >= snapshots.back()) return;
  const Entry& last = entries.back();
  if ("meta/" + snapshots.back() != last.snapshot_name()) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.at.file = (folder / last.snapshot_name()).string();
  context.state = "Nothing was written.";
  context.hint =
      "Keep to the kind of names that the folder has: migrations.prefix in the configuration, or --prefix (index, "
      "timestamp, unix).";
  throw Error("the next migration's number, " + prefix + ", sorts before that of " + last.file_name() +
                  ": the one after it would start from the older snapshot",
              context);
}

}  // namespace

std::string Folder::next_prefix(const Addition& addition, int drafts) const {
  Entry entry;
  entry.index = (entries_.empty() ? 0 : entries_.back().index + 1) + drafts;
  entry.when = next_time(addition) + drafts * 1000;
  std::string prefix = prefix_at(dated_ ? Prefix::timestamp : addition.prefix, entry);
  if (!dated_) refuse_before_last(prefix, entries_, snapshots(), path_);
  return prefix;
}

std::string Folder::next_tag(const Addition& addition, int drafts) const {
  return next_prefix(addition, drafts) + "_" + addition.name;
}

// What was recorded about older migrations stays: writing it anew would hide an edit.
std::string Folder::checksums_with(const Entry& entry, const std::string& hash) const {
  std::vector<Checksum> checksums;
  for (const Entry& old : entries_)
    if (auto text = files::read_if_exists(path_ / old.file_name()))
      checksums.push_back({old.file_name(), files::sha256(*text)});
  checksums.push_back({entry.file_name(), hash});
  if (auto recorded = files::read_if_exists(path_ / "meta" / "_sluice.sum")) {
    int broken = 0;
    std::vector<Checksum> old = parse_checksums(*recorded, broken);
    for (Checksum& checksum : checksums)
      for (const Checksum& known : old)
        if (known.file == checksum.file && checksum.file != entry.file_name() && known.hash != unwritten)
          checksum.hash = known.hash;
  }
  return print_checksums(checksums);
}

// What was made to be written by hand is what it is when the next one is added.
void Folder::settle_unwritten() const {
  for (const Entry& entry : entries_) {
    int broken = 0;
    const auto recorded = files::read_if_exists(checksum_file(entry));
    for (const Checksum& checksum : parse_checksums(recorded.value_or(""), broken))
      if (checksum.hash == unwritten) files::write_atomically(checksum_file(entry), own_checksum(read(entry).hash));
  }
}

// Made beside its place and moved there, so that there is all of it or nothing.
Entry Folder::add_dated(const Addition& addition) {
  Entry entry{static_cast<int>(entries_.size()), "9", next_time(addition), next_tag(addition), addition.breakpoints};
  entry.own_folder = true;
  std::vector<std::string> known;
  for (const Entry& old : entries_) known.push_back(old.tag);
  std::vector<std::string> now = migration_folders(path_);
  std::sort(now.begin(), now.end());
  if (now != known || fs::exists(path_ / entry.tag)) {
    ErrorContext context;
    context.at.file = path_.string();
    context.hint = "Another program is writing migrations here. Run the command again.";
    throw Error("the folder changed while the migration was made; nothing was written", context);
  }
  const Snapshots& snapshots = dated_snapshots();
  const std::optional<model::Snapshot> last = last_snapshot();  // or tells what is missing
  const model::Snapshot snapshot_beyond{new_id(), "", "9", addition.schema};
  const std::string beyond = model::print_beyond(snapshot_beyond, last && model::is_beyond_drizzle(last->schema));
  const model::Rows before = snapshots.state();
  const model::Rows after = addition.rows ? *addition.rows : model::rows_of(addition.schema, before);
  const std::string snapshot = print_dated_snapshot(snapshots.version(), snapshot_beyond.id, snapshots.leaves(), before,
                                                    after, addition.renames);
  const std::string hash = addition.by_hand ? std::string(unwritten) : files::sha256(addition.up);
  const fs::path made = path_ / (std::string(workshop) + new_id().substr(0, 8)), place = made / entry.tag;
  try {
    fs::create_directories(place);
    files::write_atomically(place / "snapshot.json", snapshot);
    if (!beyond.empty()) files::write_atomically(place / "_beyond.json", beyond);
    if (!addition.down.empty()) files::write_atomically(place / "migration.down.sql", addition.down);
    files::write_atomically(place / "_sluice.sum", own_checksum(hash));
    files::write_atomically(place / "migration.sql", addition.up);
    settle_unwritten();
    fs::rename(place, path_ / entry.tag);
    fs::remove_all(made);
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove_all(made, ignored);
    ErrorContext context;
    context.at.file = error.path1().string();
    context.hint = "Check the permissions of the directory.";
    throw Error("cannot write the migration: " + error.code().message(), context);
  }
  entries_.push_back(entry);
  snapshots_ = nullptr;
  return entry;
}

void Folder::drop_last_dated() {
  snapshots_ = nullptr;
  const Entry last = entries_.back();
  const fs::path gone = path_ / (std::string(workshop) + new_id().substr(0, 8));
  fs::rename(path_ / last.tag, gone);
  entries_.pop_back();
  fs::remove_all(gone);
}

Entry Folder::add(Addition addition) {
  if (dated_) return add_dated(addition);
  std::string prefix = next_prefix(addition);
  Entry entry{entries_.empty() ? 0 : entries_.back().index + 1, "7", next_time(addition), prefix + "_" + addition.name,
              addition.breakpoints};

  for (const std::string& name : file_names(path_))
    if (is_migration_file(name) && number_of(name) == prefix) {
      ErrorContext context;
      context.at.file = (path_ / name).string();
      context.hint =
          "If that file is left over, delete it and generate again; if it came from another branch, see "
          "'sluice check'.";
      throw Error("Migration already exists: " + name + " has the number that " + entry.file_name() + " would get",
                  context);
    }
  fs::path meta = path_ / "meta";
  fs::path journal = meta / "_journal.json";
  std::error_code error;
  fs::create_directories(meta, error);
  if (error) {
    ErrorContext context;
    context.at.file = meta.string();
    context.hint = "Check the permissions of the directory.";
    throw Error("cannot make the directory '" + meta.string() + "': " + error.message(), context);
  }
  if (files::read_if_exists(journal).value_or("") != journal_text_) {
    ErrorContext context;
    context.at.file = journal.string();
    context.hint = "Another program is writing migrations here. Run the command again.";
    throw Error("the journal changed while the migration was made; nothing was written", context);
  }

  const std::optional<LastSnapshot> last = last_known();
  model::Snapshot snapshot{new_id(), last ? last->id : std::string(model::first_prev_id), "7",
                           std::move(addition.schema)};
  std::vector<Entry> entries = entries_;
  entries.push_back(entry);
  std::string journal_text = print_journal(entries);
  if (!fs::exists(journal)) files::write_atomically(journal, print_journal({}));
  files::write_atomically(meta / "_sluice.pending", entry.file_name() + "\n" + entry.tag + ".down.sql\nmeta/" + prefix +
                                                        "_snapshot.json\nmeta/_" + prefix + "_beyond.json\n");
  remove_forgotten_files();
  files::Batch batch;
  batch.add(path_ / entry.file_name(), addition.up);
  if (!addition.down.empty()) batch.add(path_ / (entry.tag + ".down.sql"), addition.down);
  if (std::string beyond = model::print_beyond(snapshot, last && last->beyond_drizzle); !beyond.empty())
    batch.add(path_ / entry.beyond_name(), beyond);
  batch.add(meta / (prefix + "_snapshot.json"), model::print_snapshot(snapshot));
  batch.add(meta / "_sluice.sum",
            checksums_with(entry, addition.by_hand ? std::string(unwritten) : files::sha256(addition.up)));
  // Last: a migration exists when the journal says so.
  batch.add(journal, journal_text);
  batch.commit();
  fs::remove(meta / "_sluice.pending", error);
  entries_ = std::move(entries);
  forgotten_.clear();
  journal_text_ = std::move(journal_text);
  return entry;
}

void Folder::update_checksums() const {
  std::vector<Checksum> checksums;
  for (const Entry& entry : entries_) {
    checksums.push_back({entry.file_name(), read(entry).hash});
    if (dated_) files::write_atomically(checksum_file(entry), own_checksum(checksums.back().hash));
  }
  if (!dated_) files::write_atomically(path_ / "meta" / "_sluice.sum", print_checksums(checksums));
}

}  // namespace sluice::history
