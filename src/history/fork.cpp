#include "history/fork.hpp"

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "history/conflict.hpp"
#include "history/journal.hpp"

namespace sluice::history {

namespace {

struct Side {
  Version version;
  std::string commit;  // "" without git
  std::vector<std::string> names;
};

bool has(const Version& version, const Entry& entry, const Version& of) {
  std::optional<size_t> at = version.find(entry.tag);
  if (!at) return false;
  std::optional<std::string> here = version.up(version.entries[*at]), there = of.up(entry);
  return !here || !there || *here == *there;
}

// `done`: entries that ours has from before; the sides' common ones are found without it.
std::optional<Fork> make_fork(Version theirs, Version ours, const Version* done = nullptr) {
  Fork fork{std::move(theirs), std::move(ours), {}, {}};
  for (size_t i = 0; i < fork.ours.entries.size(); i++) {
    const Entry& entry = fork.ours.entries[i];
    if (!has(fork.theirs, entry, fork.ours) && !(done && has(*done, entry, fork.ours))) fork.moved.push_back(i);
  }
  for (size_t i = 0; i < fork.theirs.entries.size(); i++)
    if (!has(fork.ours, fork.theirs.entries[i], fork.theirs)) fork.stay.push_back(i);
  if (fork.moved.empty() || fork.stay.empty()) return std::nullopt;
  return fork;
}

bool is_side(const Side& side, const Side& other, const std::string& wanted, const std::optional<Git>& git) {
  if (std::find(side.names.begin(), side.names.end(), wanted) != side.names.end()) return true;
  std::string tag = wanted.ends_with(".sql") ? wanted.substr(0, wanted.size() - 4) : wanted;
  std::optional<size_t> at = side.version.find(tag);
  if (at && !has(other.version, side.version.entries[*at], side.version)) return true;
  if (!git || side.commit.empty()) return false;
  std::optional<std::string> commit = git->commit(wanted);
  return commit && *commit == side.commit;
}

// True if `second` is to be ours instead of `first`.
bool choose(const Side& first, const Side& second, const std::optional<std::string>& wanted,
            const std::optional<Git>& git, bool otherwise) {
  if (!wanted) return otherwise;
  bool is_first = is_side(first, second, *wanted, git), is_second = is_side(second, first, *wanted, git);
  if (is_first != is_second) return is_second;
  ErrorContext context;
  auto describe = [](const Side& side, const Side& other) {
    std::vector<std::string> tags;
    for (const Entry& entry : side.version.entries)
      if (!has(other.version, entry, side.version)) tags.push_back(entry.tag);
    return "\n  --ours " + side.version.name + "   with " + text::join(tags, ", ");
  };
  context.hint = "These are the sides:" + describe(first, second) + describe(second, first);
  throw Error("--ours " + *wanted + " is neither side of the merge", context);
}

std::optional<Fork> settle(Side first, Side second, const std::optional<std::string>& wanted,
                           const std::optional<Git>& git, bool second_is_ours) {
  if (!make_fork(first.version, second.version)) return std::nullopt;
  if (choose(first, second, wanted, git, second_is_ours))
    return make_fork(std::move(first.version), std::move(second.version));
  return make_fork(std::move(second.version), std::move(first.version));
}

Side side_of(const Git& git, const std::string& commit, std::vector<std::string> names) {
  std::string name = git.name_of(commit);
  if (!git.branch().empty() && git.commit("HEAD") == commit) name = git.branch();
  names.push_back(name);
  return {version_in_commit(git, commit, name), commit, std::move(names)};
}

std::optional<Fork> merge_in_progress(const Git& git, const std::optional<std::string>& wanted) {
  std::optional<std::string> head = git.commit("HEAD"), other = git.commit("MERGE_HEAD");
  if (!head || !other) return std::nullopt;
  Side first = side_of(git, *head, {"HEAD"}), second = side_of(git, *other, {"MERGE_HEAD"});
  bool into_main = git.is_main(first.version.name) && !git.is_main(second.version.name);
  return settle(std::move(first), std::move(second), wanted, git, into_main);
}

// git rebase and cherry-pick: one commit of ours is put on HEAD, which has theirs and what of ours was put there
// before.
std::optional<Fork> replay_in_progress(const Git& git, const std::optional<std::string>& wanted) {
  for (const char* name : {"REBASE_HEAD", "CHERRY_PICK_HEAD"}) {
    std::optional<std::string> head = git.commit("HEAD"), replayed = git.commit(name);
    std::optional<std::string> before = replayed ? git.commit(*replayed + "^") : std::nullopt;
    if (!head || !before) continue;
    Side first = side_of(git, *head, {"HEAD"}), second = side_of(git, *replayed, {name});
    if (wanted && !choose(first, second, wanted, git, true)) {
      ErrorContext context;
      context.hint = "Finish it with the replayed commit's migrations last, or merge instead.";
      throw Error("what is there already cannot be put after the commit that git is replaying", context);
    }
    Version done = version_in_commit(git, *before, "before");
    return make_fork(std::move(first.version), std::move(second.version), &done);
  }
  return std::nullopt;
}

// True if the files of both sides are still there as the sides left them: not mended, and neither given up.
bool still_forked(const Fork& fork, const fs::path& folder) {
  auto there = [&](const Entry& entry) { return fs::exists(folder / entry.file_name()); };
  for (size_t i : fork.moved)
    if (!there(fork.ours.entries[i])) return false;
  for (size_t i : fork.stay)
    if (!there(fork.theirs.entries[i])) return false;
  for (size_t i : fork.moved)
    for (size_t j : fork.stay)
      if (fork.ours.entries[i].number() == fork.theirs.entries[j].number()) return true;
  // Names by time need not change; then it is the snapshot that follows on another one when it is mended.
  auto parent = [](const std::optional<std::string>& text) {
    size_t at = text ? text->find("\"prevId\": \"") : std::string::npos;
    return at == std::string::npos ? "" : text->substr(at + 11, 36);
  };
  std::string snapshot = fork.first_moved().snapshot_name();
  std::string now = parent(files::read_if_exists(folder / snapshot));
  return now.empty() || now == parent(fork.ours.read(snapshot));
}

std::optional<Fork> merged(const Git& git, const fs::path& folder, const std::optional<std::string>& wanted) {
  for (const std::string& merge : git.merges(20)) {
    std::vector<std::string> parents = git.parents(merge);
    if (parents.size() < 2) continue;
    Side first = side_of(git, parents[0], {}), second = side_of(git, parents[1], {});
    std::optional<Fork> fork = make_fork(first.version, second.version);
    if (!fork || !still_forked(*fork, folder)) continue;
    bool into_main = git.is_main(git.branch()) && !git.is_main(second.version.name);
    return settle(std::move(first), std::move(second), wanted, git, into_main);
  }
  return std::nullopt;
}

// Files with one number, or snapshots with one parent, and no merge that would explain them: a squashed merge, or a
// migration that is not committed yet.
std::optional<Fork> by_commits(const Git& git, const fs::path& folder, const std::vector<Entry>& entries,
                               const std::optional<std::string>& wanted) {
  for (size_t i = 0; i + 1 < entries.size(); i++)
    for (size_t j = i + 1; j < entries.size(); j++) {
      if (entries[i].number() != entries[j].number()) continue;
      std::optional<std::string> a = git.commit_that_added(entries[i].file_name()),
                                 b = git.commit_that_added(entries[j].file_name());
      if (a == b) continue;
      Side disk{version_on_disk(folder, entries, "the working tree"), "", {}};
      std::string head = git.commit("HEAD").value_or("");
      if (!b) return settle(side_of(git, head, {"HEAD"}), std::move(disk), wanted, git, true);
      if (!a) return settle(std::move(disk), side_of(git, head, {"HEAD"}), wanted, git, false);
      bool second_is_ours = git.run({"merge-base", "--is-ancestor", *a, *b}).has_value();
      return settle(side_of(git, *a, {}), side_of(git, *b, {}), wanted, git, second_is_ours);
    }
  return std::nullopt;
}

Version side_of_markers(const fs::path& folder, std::vector<Entry> entries, const std::string& name, bool first) {
  Version version = version_on_disk(folder, std::move(entries), name);
  version.read = [folder, first](const std::string& path) -> std::optional<std::string> {
    std::optional<std::string> text = files::read_if_exists(folder / path);
    std::optional<Conflict> conflict = text ? split_conflict(*text) : std::nullopt;
    if (!conflict) return text;
    return first ? conflict->first : conflict->second;
  };
  return version;
}

std::optional<Fork> from_markers(const fs::path& folder, const std::string& journal,
                                 const std::optional<std::string>& wanted) {
  std::optional<Conflict> conflict = split_conflict(journal);
  if (!conflict) return std::nullopt;
  std::string file = (folder / "meta" / "_journal.json").string();
  auto side = [&](const std::string& text, const std::string& name, bool first) -> Side {
    return {side_of_markers(folder, parse_journal(text, file), name, first), "", {name}};
  };
  // git stash pop: what comes from the stash is ours.
  bool stash = conflict->first_name == "Updated upstream";
  return settle(side(conflict->first, conflict->first_name, true), side(conflict->second, conflict->second_name, false),
                wanted, std::nullopt, stash);
}

}  // namespace

std::optional<Fork> find_fork(const fs::path& folder, const std::optional<std::string>& ours) {
  std::string journal = files::read_if_exists(folder / "meta" / "_journal.json").value_or("");
  bool conflicted = split_conflict(journal).has_value();
  std::vector<Entry> entries;
  if (!conflicted && !journal.empty()) entries = parse_journal(journal, (folder / "meta" / "_journal.json").string());
  if (std::optional<Git> git = Git::find(folder)) {
    if (auto fork = merge_in_progress(*git, ours)) {
      // Once it is mended, and before it is committed, there is nothing more to do.
      if (conflicted || still_forked(*fork, folder)) return fork;
      return std::nullopt;
    }
    if (auto fork = replay_in_progress(*git, ours)) {
      if (conflicted || still_forked(*fork, folder)) return fork;
      return std::nullopt;
    }
    if (!conflicted) {
      if (auto fork = merged(*git, folder, ours)) return fork;
      if (auto fork = by_commits(*git, folder, entries, ours)) return fork;
    }
  }
  return from_markers(folder, journal, ours);
}

}  // namespace sluice::history
