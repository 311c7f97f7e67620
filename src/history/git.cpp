#include "history/git.hpp"

#include "base/error.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace sluice::history {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> lines(const std::optional<std::string>& output) {
  if (!output || output->empty()) return {};
  return text::split(*output, "\n");
}

}  // namespace

std::optional<Git> Git::find(const fs::path& directory) {
  if (!process::find_program("git")) return std::nullopt;
  Git git;
  git.directory_ = directory;
  std::error_code error;
  if (!fs::is_directory(directory, error) || git.run({"rev-parse", "--is-inside-work-tree"}) != "true")
    return std::nullopt;
  return git;
}

std::optional<std::string> Git::run(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "git");
  process::Options options;
  options.directory = directory_;
  options.environment = {"GIT_OPTIONAL_LOCKS=0", "LC_ALL=C"};
  process::Result result = process::run(arguments, options);
  if (result.exit_code != 0) return std::nullopt;
  if (result.out.ends_with('\n')) result.out.pop_back();
  return std::move(result.out);
}

std::optional<std::string> Git::commit(const std::string& revision) const {
  return run({"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"});
}

std::optional<std::string> Git::merge_base(const std::string& a, const std::string& b) const {
  std::vector<std::string> all = lines(run({"merge-base", a, b}));
  return all.empty() ? std::nullopt : std::optional(all.front());
}

std::vector<std::string> Git::parents(const std::string& commit) const {
  std::optional<std::string> out = run({"rev-list", "--parents", "-n", "1", commit});
  if (!out) return {};
  std::vector<std::string> ids = text::split(*out, " ");
  ids.erase(ids.begin());
  return ids;
}

std::optional<std::string> Git::show(const std::string& revision, const std::string& path) const {
  process::Options options;
  options.directory = directory_;
  process::Result result = process::run({"git", "cat-file", "blob", revision + ":./" + path}, options);
  if (result.exit_code != 0) return std::nullopt;
  return std::move(result.out);  // byte for byte
}

std::vector<std::string> Git::list(const std::string& revision, const std::string& path) const {
  std::vector<std::string> out;
  for (const std::string& line :
       lines(run({"ls-tree", "--full-tree", "--format=%(objecttype) %(path)", revision + ":./" + path}))) {
    size_t space = line.find(' ');
    out.push_back(line.substr(space + 1) + (line.starts_with("tree") ? "/" : ""));
  }
  return out;
}

std::vector<std::string> Git::merges(int count) const {
  return lines(run({"rev-list", "--merges", "-n", std::to_string(count), "HEAD"}));
}

std::optional<std::string> Git::commit_that_added(const std::string& path) const {
  std::optional<std::string> out =
      run({"log", "-n", "1", "--no-renames", "--diff-filter=A", "--format=%H", "--", path});
  return out && !out->empty() ? out : std::nullopt;
}

std::string Git::branch() const { return run({"symbolic-ref", "--quiet", "--short", "HEAD"}).value_or(""); }

std::string Git::name_of(const std::string& commit) const {
  for (const char* refs : {"--refs=refs/heads/*", "--refs=refs/remotes/*"}) {
    std::string name = run({"name-rev", "--name-only", "--no-undefined", refs, commit}).value_or("");
    if (!name.empty() && name.find_first_of("~^") == std::string::npos)
      return name.starts_with("remotes/") ? name.substr(8) : name;
  }
  return run({"rev-parse", "--short", commit}).value_or(commit);
}

bool Git::is_main(const std::string& branch) const {
  if (auto head = run({"symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"}))
    return branch == *head || "origin/" + branch == *head;
  if (branch == "main" || branch == "master" || branch == "origin/main" || branch == "origin/master") return true;
  auto name = run({"config", "init.defaultBranch"});
  return name && branch == *name;
}

fs::path Git::top() const { return run({"rev-parse", "--show-toplevel"}).value_or(directory_.string()); }

}  // namespace sluice::history
