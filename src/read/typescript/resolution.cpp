#include "read/typescript/resolution.hpp"

#include <algorithm>
#include <iterator>
#include <regex>

#include "base/files.hpp"
#include "base/text.hpp"
#include "read/typescript/packages.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;

constexpr const char* configurations[] = {"package.json", "tsconfig.json", "jsconfig.json",
                                          ".pnp.cjs",     ".pnp.js",       "node_modules/drizzle-orm/package.json"};

bool in_node_modules(const fs::path& path) { return path.string().find("/node_modules/") != std::string::npos; }

// tsconfig.json may go on in other files.
void add_extended(const fs::path& tsconfig, std::set<fs::path>& files, int depth = 0) {
  static const std::regex extends(R"re("extends"\s*:\s*(\[[^\]]*\]|"[^"]*"))re"), quoted(R"re("([^"]*)")re");
  const auto content = files::read_if_exists(tsconfig);
  std::smatch list;
  if (depth > 8 || !content || !std::regex_search(*content, list, extends)) return;
  const std::string names = list[1];
  for (std::sregex_iterator it(names.begin(), names.end(), quoted), end; it != end; ++it) {
    const std::string name = (*it)[1];
    fs::path file;
    if (name.starts_with('.') || name.starts_with('/')) {
      file = (tsconfig.parent_path() / name).lexically_normal();
    } else {
      const size_t scope = name.starts_with('@') ? name.find('/') : std::string::npos;
      const size_t slash = name.find('/', scope == std::string::npos ? 0 : scope + 1);
      const fs::path package = find_package(tsconfig.parent_path(), name.substr(0, slash));
      file = package / (slash == std::string::npos ? "tsconfig.json" : name.substr(slash + 1));
    }
    for (const fs::path& candidate : {file, fs::path(file) += ".json"}) {
      files.insert(candidate);
      std::error_code error;
      if (fs::is_regular_file(candidate, error)) add_extended(candidate, files, depth + 1);
    }
  }
}

}  // namespace

Influences influences_of(const std::vector<fs::path>& inputs) {
  Influences result;
  std::set<fs::path> seen;
  for (const fs::path& input : inputs) {
    result.files.insert(input);
    if (!in_node_modules(input)) result.directories.insert(input.parent_path());
    for (fs::path at = input.parent_path(); seen.insert(at).second; at = at.parent_path()) {
      for (const char* name : configurations) result.files.insert(at / name);
      if (at == at.parent_path()) break;
    }
  }
  for (const fs::path& directory : seen) add_extended(directory / "tsconfig.json", result.files);
  return result;
}

std::string names_in(const fs::path& directory) {
  static constexpr std::string_view extensions[] = {".ts",  ".tsx", ".mts", ".cts", ".js",
                                                    ".jsx", ".mjs", ".cjs", ".json"};
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const std::string extension = it->path().extension().string();
    const bool code = std::find(std::begin(extensions), std::end(extensions), extension) != std::end(extensions);
    std::error_code ignored;
    if (code || it->is_directory(ignored)) names.insert(name);
  }
  std::string result;
  for (const std::string& name : names) result += name + "\n";
  return result;
}

}  // namespace sluice::read
