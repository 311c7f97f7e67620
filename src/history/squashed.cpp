#include "history/squashed.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "history/checksums.hpp"
#include "history/dated.hpp"
#include "history/journal.hpp"
#include "model/beyond.hpp"

namespace sluice::history {

using Json = nlohmann::ordered_json;

std::vector<Entry> squashed_entries(const fs::path& folder) { return Folder::open(folder / "squashed").entries(); }

std::vector<Squashed> squashed_into(const fs::path& squashed) {
  const fs::path file = squashed / "meta" / "_squashed.json";
  std::optional<std::string> text = files::read_if_exists(file);
  std::vector<Squashed> out;
  if (!text) return out;
  const bool own_folders = !fs::exists(squashed / "meta" / "_journal.json");
  try {
    const Json json = Json::parse(*text);
    for (const Json& item : json.at("squashed")) {
      Squashed each;
      each.entry.tag = item.at("tag").get<std::string>();
      each.entry.when = item.at("when").get<std::int64_t>();
      each.entry.own_folder = own_folders;
      each.hash = item.at("hash").get<std::string>();
      each.count = item.at("count").get<size_t>();
      out.push_back(std::move(each));
    }
  } catch (const Json::exception& error) {
    ErrorContext context;
    context.at.file = file.string();
    context.hint = "Restore it from version control.";
    throw Error("the list of squashed migrations cannot be read: " + std::string(error.what()), context);
  }
  return out;
}

std::string print_squashed_into(const std::vector<Squashed>& list) {
  Json json;
  json["squashed"] = Json::array();
  for (const Squashed& each : list)
    json["squashed"].push_back(
        {{"tag", each.entry.tag}, {"when", each.entry.when}, {"hash", each.hash}, {"count", each.count}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

namespace {

// Paths in the folder. A folder of its own goes with everything that is in it.
std::vector<std::string> files_of(const fs::path& folder, const Entry& entry) {
  if (!entry.own_folder) return {entry.file_name(), entry.down_name(), entry.snapshot_name(), entry.beyond_name()};
  std::vector<std::string> out;
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(folder / entry.tag))
    if (each.is_regular_file()) out.push_back(fs::relative(each.path(), folder).generic_string());
  std::sort(out.begin(), out.end());
  return out;
}

// What `as` is made of.
std::vector<std::pair<std::string, std::string>> own_files(const Folder& folder, const Entry& as,
                                                           const std::string& text, model::Snapshot snapshot) {
  snapshot.prev_id = model::first_prev_id;
  std::vector<std::pair<std::string, std::string>> out{{as.file_name(), text}};
  out.emplace_back(as.snapshot_name(),
                   folder.dated() ? folder.dated_snapshots().as_first(as.tag) : model::print_snapshot(snapshot));
  if (std::string beyond = model::print_beyond(snapshot); !beyond.empty()) out.emplace_back(as.beyond_name(), beyond);
  if (folder.dated()) out.emplace_back(as.tag + "/_sluice.sum", own_checksum(files::sha256(text)));
  return out;
}

}  // namespace

Rewrite squash(const Folder& folder, const std::vector<Migration>& old, const Entry& as, const std::string& text,
               model::Snapshot snapshot) {
  Rewrite changes;
  changes.entries.push_back(as);
  changes.entries.insert(changes.entries.end(), folder.entries().begin() + static_cast<std::ptrdiff_t>(old.size()),
                         folder.entries().end());
  const auto made_now = own_files(folder, as, text, std::move(snapshot));
  auto is_made_now = [&](const std::string& name) {
    return std::any_of(made_now.begin(), made_now.end(), [&](const auto& file) { return file.first == name; });
  };
  // The old ones first: they are a folder of their own.
  std::vector<Entry> kept = squashed_entries(folder.path());
  const size_t first = kept.empty() ? 0 : 1;  // ours stands for those already
  // Databases were made by that one too.
  std::vector<Squashed> made = squashed_into(folder.path() / "squashed");
  auto known = [&](const Squashed& each) {
    return each.entry.tag == old.front().entry.tag && each.hash == old.front().hash;
  };
  if (!kept.empty() && std::none_of(made.begin(), made.end(), known))
    made.push_back({old.front().entry, old.front().hash, kept.size()});
  for (size_t i = 0; i < old.size(); i++) {
    for (const std::string& name : files_of(folder.path(), old[i].entry)) {
      std::optional<std::string> content = files::read_if_exists(folder.path() / name);
      if (!content) continue;
      if (i >= first) changes.written.emplace_back("squashed/" + name, *content);
      if (!is_made_now(name)) changes.removed.push_back(name);
    }
    if (i >= first) kept.push_back(old[i].entry);
  }
  for (size_t i = 0; i < kept.size(); i++) kept[i].index = static_cast<int>(i);
  if (!folder.dated()) changes.written.emplace_back("squashed/meta/_journal.json", print_journal(kept));
  made.push_back({as, files::sha256(text), kept.size()});
  changes.written.emplace_back("squashed/meta/_squashed.json", print_squashed_into(made));
  changes.written.insert(changes.written.end(), made_now.begin(), made_now.end());
  return changes;
}

}  // namespace sluice::history
