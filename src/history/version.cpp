#include "history/version.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "history/dated.hpp"
#include "history/journal.hpp"
#include "model/beyond.hpp"

namespace sluice::history {

std::optional<model::Snapshot> Version::snapshot(size_t index) const {
  if (dated) {
    std::vector<std::pair<std::string, std::string>> texts;
    for (size_t i = 0; i <= index && i < entries.size(); i++)
      if (std::optional<std::string> text = read(entries[i].snapshot_name())) texts.emplace_back(entries[i].tag, *text);
    if (texts.empty()) return std::nullopt;
    return dated_snapshot_of(Snapshots(texts, name), entries[std::min(index, entries.size() - 1)].tag, entries, read);
  }
  for (size_t i = std::min(index + 1, entries.size()); i-- > 0;) {
    std::string path = entries[i].snapshot_name();
    std::optional<std::string> text = read(path);
    if (!text) continue;
    model::Snapshot snapshot = model::parse_snapshot(*text, path + " (" + name + ")");
    for (size_t at = i + 1; at-- > 0;) {
      std::optional<std::string> beyond = read(entries[at].beyond_name());
      if (!beyond) continue;
      const std::string file = entries[at].beyond_name() + " (" + name + ")";
      (at == i ? model::read_beyond : model::carry_beyond)(snapshot, *beyond, file);
      break;
    }
    return snapshot;
  }
  return std::nullopt;
}

std::optional<model::Snapshot> Version::last_snapshot() const {
  return entries.empty() ? std::nullopt : snapshot(entries.size() - 1);
}

std::optional<size_t> Version::find(const std::string& tag) const {
  for (size_t i = 0; i < entries.size(); i++)
    if (entries[i].tag == tag) return i;
  return std::nullopt;
}

Version version_in_commit(const Git& git, const std::string& commit, const std::string& name,
                          const std::string& inside) {
  Version version;
  version.name = name;
  const std::string prefix = inside.empty() ? "" : inside + "/";
  version.read = [git, commit, prefix](const std::string& path) { return git.show(commit, prefix + path); };
  if (std::optional<std::string> journal = version.read("meta/_journal.json")) {
    version.entries = parse_journal(*journal, "meta/_journal.json (" + name + ")");
    return version;
  }
  std::vector<std::string> folders;
  for (std::string folder : git.list(commit, inside))
    if (folder.ends_with('/')) {
      folder.pop_back();
      if (version.read(folder + "/migration.sql")) folders.push_back(folder);
    }
  version.entries = dated_entries(folders);
  version.dated = !version.entries.empty();
  return version;
}

Version version_on_disk(const fs::path& folder, std::vector<Entry> entries, const std::string& name) {
  const bool dated = !entries.empty() && entries.front().own_folder;
  return {name, std::move(entries), dated,
          [folder](const std::string& path) { return files::read_if_exists(folder / path); }};
}

}  // namespace sluice::history
