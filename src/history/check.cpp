// What can be wrong with a migrations folder by itself.
#include <algorithm>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "history/checksums.hpp"
#include "history/conflict.hpp"
#include "history/dated.hpp"
#include "history/folder.hpp"
#include "history/fork.hpp"
#include "history/journal.hpp"
#include "history/leftover.hpp"

namespace sluice::history {

namespace {

class Checker {
 public:
  Checker(const fs::path& folder, const std::vector<Entry>& entries, std::vector<std::string> outside)
      : path_(folder), entries_(entries), outside_(std::move(outside)) {}

  // A folder for each migration: what its snapshots say, and what is no migration.
  void dated(const Folder& folder) {
    try {
      for (Diagnostic& diagnostic : folder.dated_snapshots().check()) {
        if (diagnostic.code == "snapshot-chain" && fs::exists(path_ / "squashed"))
          diagnostic.hint =
              "If it was made before 'sluice squash', on a branch, and is applied nowhere: remove its folder and run "
              "'sluice generate'. Else restore the migration before it from version control.";
        found_.push_back(std::move(diagnostic));
      }
    } catch (const Error& e) {
      found_.push_back({Severity::error, "broken-snapshot", e.what(), e.context.at, e.context.hint});
    }
    for (const Entry& entry : entries_)
      if (!fs::exists(path_ / entry.snapshot_name()))
        error("missing-snapshot", entry.tag + " has no snapshot.json", path_ / entry.snapshot_name(),
              "The next migration is made from those before it. Restore the file from version control.",
              Severity::warning);
    std::error_code failed;
    for (fs::directory_iterator it(path_, failed), end; !failed && it != end; it.increment(failed)) {
      const std::string name = it->path().filename().string();
      if (fs::exists(it->path() / "snapshot.json") && !fs::exists(it->path() / "migration.sql"))
        error("missing-file", name + " has a snapshot and no migration.sql", it->path() / "migration.sql",
              "Restore it from version control, or remove the folder if it is applied nowhere.");
    }
  }

  // Migrations of two branches that were merged: one finding, since everything else that is wrong follows from it.
  bool two_branches() {
    for (size_t i = 0; i < entries_.size(); i++)
      for (size_t j = i + 1; j < entries_.size(); j++)
        if (entries_[i].number() == entries_[j].number() && entries_[i].tag != entries_[j].tag)
          return forked(entries_[i].file_name(), entries_[j].file_name(), "have the same number");
    for (const std::string& name : outside_) {
      auto twin = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return name.starts_with(entry.number() + "_"); });
      if (twin == entries_.end()) continue;
      // Of long ago, and no merge did it.
      if (is_leftover(name, entries_) && !find_fork(path_, std::nullopt)) continue;
      outside_said_ = name;
      return forked(twin->file_name(), name,
                    "have the same number; " + name + " is not in the journal, so no migrator runs it",
                    " If no merge did that, the file is a leftover: delete it.");
    }
    std::map<std::string, const Entry*> child_of;  // prevId → entry
    for (const Entry& entry : entries_) {
      std::string id, previous;
      try {
        if (!fs::exists(path_ / entry.snapshot_name())) continue;
        read_ids(path_ / entry.snapshot_name(), id, previous);
      } catch (const Error&) {
        continue;  // said by snapshots()
      }
      auto [other, first] = child_of.emplace(previous, &entry);
      if (!first) return forked(other->second->file_name(), entry.file_name(), "both follow on the same snapshot");
    }
    return false;
  }

  void journal_order() {
    std::set<std::string> tags;
    const Entry* before = nullptr;
    for (const Entry& entry : entries_) {
      if (!tags.insert(entry.tag).second)
        error("duplicate-migration", "Migration already exists: " + entry.tag + " stands twice in the journal",
              journal(), "Remove one of the entries from meta/_journal.json.");
      if (before && entry.when <= before->when)
        error("out-of-order",
              entry.tag + " is dated before " + before->tag +
                  ": drizzle-orm skips it in silence wherever the other one is applied",
              journal(),
              "Set its \"when\" in meta/_journal.json to a time after " + std::to_string(before->when) + ".");
      // A gap is no fault: one that was moved behind all others ('migrate --out-of-order rebase') leaves one.
      if (before && entry.index <= before->index)
        error("journal-index",
              entry.tag + " has idx " + std::to_string(entry.index) + " after " + std::to_string(before->index),
              journal(), "Number the entries of meta/_journal.json one after the other.", Severity::warning);
      before = &entry;
    }
  }

  void files_present() {
    for (const Entry& entry : entries_) {
      if (!fs::exists(path_ / entry.file_name()))
        error("missing-file", entry.file_name() + " stands in the journal but not in the folder",
              path_ / entry.file_name(),
              "Restore it from version control, or remove its entry from meta/_journal.json if it is applied nowhere.");
    }
    for (const std::string& name : outside_)
      if (name != outside_said_)
        error("unknown-file", name + " is not in the journal, so no migrator runs it", path_ / name,
              is_leftover(name, entries_)
                  ? "It is older than " + entries_.back().file_name() +
                        ": a leftover, by its number. Delete it, if its statements are in the databases or were given "
                        "up ('git log' of the file may tell). If they are still needed, 'sluice generate --custom' "
                        "makes a migration behind the others: move them there."
                  : "Delete the file, or add it with 'sluice generate --custom' and move its text there.",
              Severity::warning);
  }

  void snapshots() {
    std::map<std::string, std::string> child_of;  // prevId → file
    std::string last_id;
    std::error_code failed;
    std::vector<std::string> names;
    for (fs::directory_iterator it(path_ / "meta", failed), end; !failed && it != end; it.increment(failed)) {
      std::string name = it->path().filename().string();
      if (!name.starts_with('_') && name.ends_with(".json")) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      fs::path file = path_ / "meta" / name;
      std::string id, previous;
      try {
        read_ids(file, id, previous);
      } catch (const Error& e) {
        found_.push_back({Severity::error, "broken-snapshot", e.what(), e.context.at, e.context.hint});
        continue;
      }
      auto [other, first] = child_of.emplace(previous, name);
      if (!first)
        error("snapshot-collision", other->second + " and " + name + " both follow on the same snapshot", file,
              "One of them belongs to no migration. Delete it.");
      else if (!last_id.empty() && previous != last_id)
        error("snapshot-chain", name + " does not follow on the snapshot before it", file,
              "A snapshot was deleted or edited by hand. Restore it from version control.", Severity::warning);
      last_id = id;
      if (const fs::path beside = file.parent_path() / ("_" + name.substr(0, name.find('_')) + "_beyond.json");
          fs::exists(beside))
        try {
          read_snapshot(file);
        } catch (const Error& e) {
          found_.push_back({Severity::error, "broken-snapshot", e.what(), e.context.at, e.context.hint});
        }
    }
  }

  // A folder for each migration: each has a line of its own.
  void own_checksum(const Entry& entry, const fs::path& file) {
    const std::optional<std::string> text = files::read_if_exists(file);
    int broken = 0;
    for (const Checksum& recorded : parse_checksums(text.value_or(""), broken)) edited(entry, recorded.hash);
    if (broken)
      error("broken-checksums", "the checksum of " + entry.tag + " was changed by hand", file,
            "When the migration is right as it is, run 'sluice check --update'.");
  }

  void checksums() {
    const fs::path file = path_ / "meta" / "_sluice.sum";
    std::optional<std::string> text = files::read_if_exists(file);
    if (!text) return;
    int broken = 0;
    std::vector<Checksum> recorded = parse_checksums(*text, broken);
    if (broken)
      found_.push_back(
          {Severity::error,
           "broken-checksums",
           "the checksums do not follow on each other from this line on",
           {file.string(), broken, 0},
           "A merge or an edit left it so. When the migrations are right as they are, run 'sluice check --update'."});
    std::map<std::string, std::string> hash_of;
    for (const Checksum& checksum : recorded) hash_of[checksum.file] = checksum.hash;
    for (const Entry& entry : entries_) {
      auto known = hash_of.find(entry.file_name());
      if (known == hash_of.end() || !fs::exists(path_ / entry.file_name())) continue;
      edited(entry, known->second);
      hash_of.erase(known);
    }
    for (const auto& [name, hash] : hash_of)
      if (std::none_of(entries_.begin(), entries_.end(),
                       [&, &name = name](const Entry& e) { return e.file_name() == name; }))
        error("deleted", name + " is in " + file.lexically_relative(path_).string() + " but not in the journal", file,
              "If the migration was given up and is applied nowhere, run 'sluice check --update'.");
  }

  std::vector<Diagnostic> finish() && { return std::move(found_); }

 private:
  bool forked(const std::string& one, const std::string& other, const std::string& how,
              const std::string& or_else = {}) {
    error("two-branches", "Migration already exists: " + one + " and " + other + " " + how, path_ / other,
          "Two branches were merged. Run 'sluice rebase': it puts ours after theirs." + or_else);
    return true;
  }

  void edited(const Entry& entry, const std::string& recorded) {
    const std::optional<std::string> sql = files::read_if_exists(path_ / entry.file_name());
    if (sql && recorded != unwritten && files::sha256(*sql) != recorded)
      error("edited", entry.file_name() + " was edited after it was generated", path_ / entry.file_name(),
            "If it is applied anywhere, restore it and write a new migration. If it is applied nowhere and the edit is "
            "meant, run 'sluice check --update'.");
  }

  fs::path journal() const { return path_ / "meta" / "_journal.json"; }

  void error(const std::string& code, const std::string& message, const fs::path& file, const std::string& hint,
             Severity severity = Severity::error) {
    found_.push_back({severity, code, message, {file.string(), 0, 0}, hint});
  }

  // drizzle-kit writes both ids first; so the checks of a long history need not parse every snapshot.
  static void read_ids(const fs::path& file, std::string& id, std::string& previous) {
    std::string text = files::read(file);
    auto member = [&](std::string_view name) -> std::string {
      std::string key = "\n  \"" + std::string(name) + "\": \"";
      size_t at = text.substr(0, 300).find(key);
      size_t from = at + key.size(), end = at == std::string::npos ? at : text.find('"', from);
      return end == std::string::npos ? "" : text.substr(from, end - from);
    };
    id = member("id");
    previous = member("prevId");
    if (!id.empty() && !previous.empty() && text::trim(text).ends_with('}')) return;
    model::Snapshot snapshot = model::parse_snapshot(text, file.string());
    id = snapshot.id;
    previous = snapshot.prev_id;
  }

  const fs::path& path_;
  const std::vector<Entry>& entries_;
  std::vector<std::string> outside_;  // files that the journal does not know
  std::vector<Diagnostic> found_;
  std::string outside_said_;  // a file outside the journal that two_branches() spoke of
};

}  // namespace

std::vector<Diagnostic> Folder::check() const {
  Checker checker(path_, entries_, files_outside_journal());
  if (dated_) {
    checker.dated(*this);
    for (const Entry& entry : entries_) checker.own_checksum(entry, checksum_file(entry));
    return std::move(checker).finish();
  }
  if (!checker.two_branches()) {
    checker.journal_order();
    checker.snapshots();
  }
  checker.files_present();
  checker.checksums();
  return std::move(checker).finish();
}

std::optional<Diagnostic> Folder::check_conflict(const fs::path& directory) {
  fs::path journal = directory / "meta" / "_journal.json";
  std::optional<std::string> text = files::read_if_exists(journal);
  std::optional<Conflict> conflict = text ? split_conflict(*text) : std::nullopt;
  if (!conflict) return std::nullopt;
  auto only = [&](const std::string& one, const std::string& other) {
    std::set<std::string> known;
    for (const Entry& entry : parse_journal(other, journal.string())) known.insert(entry.tag);
    std::vector<std::string> names;
    for (const Entry& entry : parse_journal(one, journal.string()))
      if (!known.contains(entry.tag)) names.push_back(entry.file_name());
    return text::join(names, ", ");
  };
  std::string sides = "the journal has git's conflict markers";
  try {
    std::string first = only(conflict->first, conflict->second), second = only(conflict->second, conflict->first);
    if (!first.empty() && !second.empty())
      sides = "Migration already exists: " + conflict->first_name + " added " + first + ", " + conflict->second_name +
              " added " + second + " (conflict in the journal)";
  } catch (const Error&) {
    sides += ", and its sides cannot be read";
  }
  return Diagnostic{Severity::error,
                    "two-branches",
                    sides,
                    {journal.string(), conflict->line, 0},
                    "Run 'sluice rebase': it puts ours after theirs."};
}

}  // namespace sluice::history
