#include "history/squashed.hpp"

#include "base/files.hpp"
#include "history/journal.hpp"

namespace sluice::history {

std::vector<Entry> squashed_entries(const fs::path& folder) {
  fs::path journal = folder / "squashed" / "meta" / "_journal.json";
  std::optional<std::string> text = files::read_if_exists(journal);
  return text ? parse_journal(*text, journal.string()) : std::vector<Entry>{};
}

}  // namespace sluice::history
