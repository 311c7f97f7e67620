// What git knows about a directory: commits, merges in progress, files as they were. Runs the git program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sluice::history {

class Git {
 public:
  // The repository that holds the directory; nothing if there is none, or no git.
  static std::optional<Git> find(const std::filesystem::path& directory);

  // The full id of a commit, or nothing if there is no such revision.
  std::optional<std::string> commit(const std::string& revision) const;
  // The best common ancestor of two commits.
  std::optional<std::string> merge_base(const std::string& a, const std::string& b) const;
  std::vector<std::string> parents(const std::string& commit) const;
  // The text of a file in a commit, or nothing. `path` is relative to the directory.
  std::optional<std::string> show(const std::string& revision, const std::string& path) const;
  // The names in a directory of a commit, directories with "/" behind. `path` is relative to the directory; "" is it.
  std::vector<std::string> list(const std::string& revision, const std::string& path) const;
  // The last merge commits that HEAD has in its history, the newest first.
  std::vector<std::string> merges(int count) const;
  // The commit in HEAD's history that brought the file; nothing if it is not committed.
  std::optional<std::string> commit_that_added(const std::string& path) const;
  // The current branch, or "" if there is none.
  std::string branch() const;
  // A branch's name for a commit, else its abbreviated id: for messages.
  std::string name_of(const std::string& commit) const;
  // True for the branch that the others are merged into: origin/HEAD, init.defaultBranch, else main or master.
  bool is_main(const std::string& branch) const;
  // The top directory of the working tree.
  std::filesystem::path top() const;
  // Runs git with these arguments in the directory: its output without the last newline, or nothing if it failed.
  std::optional<std::string> run(std::vector<std::string> arguments) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace sluice::history
