#include "history/rewrite.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "history/checksums.hpp"
#include "history/conflict.hpp"
#include "history/journal.hpp"

namespace sluice::history {

namespace {

// Both sides of what is recorded, where git left conflict markers.
std::vector<Checksum> recorded_checksums(const fs::path& file) {
  std::optional<std::string> text = files::read_if_exists(file);
  if (!text) return {};
  int broken = 0;
  std::optional<Conflict> conflict = split_conflict(*text);
  if (!conflict) return parse_checksums(*text, broken);
  std::vector<Checksum> all = parse_checksums(conflict->first, broken);
  std::vector<Checksum> more = parse_checksums(conflict->second, broken);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::string new_checksums(const fs::path& folder, const Rewrite& changes) {
  std::vector<Checksum> recorded = recorded_checksums(folder / "meta" / "_sluice.sum"), checksums;
  for (const Entry& entry : changes.entries) {
    std::string name = entry.file_name();
    auto written = std::find_if(changes.written.begin(), changes.written.end(),
                                [&](const auto& file) { return file.first == name; });
    auto known = std::find_if(recorded.begin(), recorded.end(), [&](const Checksum& old) { return old.file == name; });
    if (written != changes.written.end())
      checksums.push_back({name, files::sha256(written->second)});
    else if (known != recorded.end())
      checksums.push_back(*known);
    else if (std::optional<std::string> text = files::read_if_exists(folder / name))
      checksums.push_back({name, files::sha256(*text)});
  }
  return print_checksums(checksums);
}

// What a dated folder's rewrite has ready: the new files, by their paths in the folder, and the list of those to
// remove.
constexpr const char* ready = ".sluice.ready";
constexpr const char* removed_list = ".removed";

// New files first: a folder without its old beginning and still with the old last migration could run on an empty
// database, one that has both cannot.
void finish_rewrite(const fs::path& folder) {
  const fs::path from = folder / ready;
  const std::optional<std::string> removed = files::read_if_exists(from / removed_list);
  if (!removed) {
    std::error_code ignored;
    fs::remove_all(from, ignored);
    return;
  }
  std::vector<fs::path> names;
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(from))
    if (each.is_regular_file() && each.path() != from / removed_list) names.push_back(fs::relative(each.path(), from));
  for (const fs::path& name : names) {
    fs::create_directories((folder / name).parent_path());
    fs::rename(from / name, folder / name);
  }
  for (const std::string& name : text::split(*removed, "\n")) {
    if (name.empty() || name.find("..") != std::string::npos || fs::path(name).is_absolute()) continue;
    std::error_code error;  // gone already
    fs::remove(folder / name, error);
    for (fs::path parent = (folder / name).parent_path(); parent != folder; parent = parent.parent_path())
      if (!fs::remove(parent, error) || error) break;  // not empty
  }
  fs::remove_all(from);
}

void rewrite_dated(const fs::path& folder, const Rewrite& changes) {
  const fs::path making = folder / (".sluice.tmp-" + new_id().substr(0, 8));  // Folder::remove_leftovers() knows it
  try {
    for (const auto& [name, text] : changes.written) {
      fs::create_directories((making / name).parent_path());
      files::write_atomically(making / name, text);
    }
    files::write_atomically(making / removed_list, text::join(changes.removed, "\n"));
    fs::rename(making, folder / ready);
  } catch (const std::exception&) {
    std::error_code ignored;
    fs::remove_all(making, ignored);
    throw;
  }
  finish_rewrite(folder);
}

}  // namespace

Folder open_to_write(const fs::path& folder) {
  finish_rewrite(folder);
  Folder opened = Folder::open(folder);
  opened.remove_leftovers();
  return opened;
}

void rewrite(const fs::path& folder, const Rewrite& changes) {
  if (!changes.entries.empty() && changes.entries.front().own_folder) return rewrite_dated(folder, changes);
  fs::path meta = folder / "meta";
  std::string journal = print_journal(changes.entries);
  // Which files are whose, by what the journal will be: see Folder::remove_leftovers().
  std::string note = "=" + files::sha256(journal) + "\n";
  for (const auto& [name, text] : changes.written)
    if (!fs::exists(folder / name)) note += "+" + name + "\n";
  for (const std::string& name : changes.removed) note += "-" + name + "\n";
  files::write_atomically(meta / "_sluice.pending", note);

  files::Batch batch;
  for (const auto& [name, text] : changes.written) batch.add(folder / name, text);
  if (fs::exists(meta / "_sluice.sum")) batch.add(meta / "_sluice.sum", new_checksums(folder, changes));
  batch.add(meta / "_journal.json", journal);
  batch.commit();
  std::error_code error;
  for (const std::string& name : changes.removed) fs::remove(folder / name, error);
  fs::remove(meta / "_sluice.pending", error);
}

std::string retagged(const std::string& text, const std::string& from, const std::string& to) {
  for (const char* comment : {"-- Migration: ", "-- Reverse of: "})
    if (std::string first = comment + from; text.starts_with(first)) return comment + to + text.substr(first.size());
  return text;
}

}  // namespace sluice::history
