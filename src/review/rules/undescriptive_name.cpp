// The file's name says nothing about what the migration does.
#include <filesystem>

#include "base/text.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  const std::filesystem::path path(whole.file.name);
  // drizzle-kit 1.0 gives the name to the migration's folder.
  std::string stem = path.filename() == "migration.sql" && path.has_parent_path()
                         ? path.parent_path().filename().string()
                         : path.stem().string();
  stem.erase(0, stem.find_first_not_of("0123456789_-"));
  if (stem.empty() || whole.file.statements.empty() || stem == "init" || stem == "initial" || stem == "baseline")
    return;
  std::vector<std::string> words = text::split(text::replace_all(stem, "-", "_"), "_");
  if (words.size() != 2) return;  // drizzle-kit's adjective_noun
  std::string all = text::to_lower(std::string(whole.text));
  for (const std::string& word : words)
    if (word.size() > 2 && all.find(word.substr(0, word.size() - 1)) != std::string::npos) {
      // the header repeats the name
      const size_t header = all.find("migration: ");
      const size_t first = all.find(word.substr(0, word.size() - 1));
      if (header == std::string::npos || first > header + 200 ||
          all.find(word.substr(0, word.size() - 1), all.find('\n', header)) != std::string::npos)
        return;
    }
  for (const char* verb : {"add", "drop", "create", "remove", "rename", "alter", "update", "delete", "enable", "fix",
                           "change", "set", "make", "init", "seed", "backfill"})
    if (words.front() == verb) return;
  report.add("the name " + stem + " does not say what the migration does", 0);
}

}  // namespace

const Rule undescriptive_name{"SL507",
                              "undescriptive-name",
                              Level::note,
                              "The file's name says nothing about what the migration does.",
                              "0003_add_duration_to_sessions: verb, what, where (`sluice generate` names it so).",
                              nullptr,
                              check};

}  // namespace sluice::review
