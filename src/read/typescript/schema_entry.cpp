#include "read/typescript/schema_entry.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.hpp"
#include "read/typescript/star_exports.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;

class Writer {
 public:
  explicit Writer(const std::map<std::pair<fs::path, std::string>, fs::path>& resolved) : resolved_(resolved) {}

  // The description of one module, with those that it exports all of.
  std::string module(const fs::path& file, std::set<fs::path>& above) {
    const size_t number = number_of(file);
    std::string stars;
    above.insert(file);
    const auto source = files::read_if_exists(file);
    for (const std::string& specifier : star_exports(source ? *source : std::string())) {
      fs::path target = resolve_relative(file.parent_path(), specifier);
      if (target.empty()) {
        // An alias of tsconfig.json or a package of the workspace: esbuild knows.
        const auto known = resolved_.find({file, specifier});
        if (known != resolved_.end())
          target = known->second;
        else if (!specifier.starts_with('.'))
          unresolved_ = true;
      }
      if (!target.empty() && !above.contains(target)) stars += module(target, above) + ", ";
    }
    above.erase(file);
    const std::string id = std::to_string(number);
    return "{ file: " + id + ", namespace: m" + id + ", stars: [" + stars + "] }";
  }

  const std::vector<fs::path>& files() const { return files_; }
  bool unresolved() const { return unresolved_; }

 private:
  size_t number_of(const fs::path& file) {
    const auto found = std::find(files_.begin(), files_.end(), file);
    if (found != files_.end()) return size_t(found - files_.begin());
    files_.push_back(file);
    return files_.size() - 1;
  }

  const std::map<std::pair<fs::path, std::string>, fs::path>& resolved_;
  std::vector<fs::path> files_;
  bool unresolved_ = false;
};

}  // namespace

SchemaEntry schema_entry(const std::vector<fs::path>& files,
                         const std::map<std::pair<fs::path, std::string>, fs::path>& resolved) {
  Writer writer(resolved);
  std::string modules;
  for (const fs::path& file : files) {
    std::set<fs::path> above;
    modules += "  " + writer.module(fs::absolute(file).lexically_normal(), above) + ",\n";
  }
  SchemaEntry entry;
  entry.files = writer.files();
  entry.unresolved = writer.unresolved();
  for (size_t i = 0; i < entry.files.size(); i++) {
    entry.code +=
        "import * as m" + std::to_string(i) + " from " + nlohmann::json(entry.files[i].string()).dump() + ";\n";
  }
  entry.code += "__sluice.modules = [\n" + modules + "];\n";
  return entry;
}

}  // namespace sluice::read
