#include "sql/wishes.hpp"

#include "base/text.hpp"

namespace sluice::sql {

Wishes wishes_in(std::string_view comments) {
  Wishes wishes;
  if (comments.find("sluice:") == std::string_view::npos) return wishes;
  for (const std::string& text : text::split(comments, "\n")) {
    const std::string_view line = text::trim(text);
    if (!line.starts_with("-- sluice:")) continue;
    const std::string word(line.substr(10, line.find_first_of(" \t", 10) - 10));
    if (word == "step") {
      wishes.step = true;
    } else if (word == "backfill") {
      wishes.backfill = true;
      const std::string_view how = text::trim(line.substr(10 + word.size()));
      wishes.by_page = how == "by page";
      if (how.starts_with("by") && !wishes.by_page) wishes.unknown = line;
    } else if (word == "no-keep") {
      wishes.no_keep = true;
    } else if (!word.starts_with("allow") && word != "major" && word != "expand" && word != "contract") {
      wishes.unknown = line;
    }
  }
  return wishes;
}

}  // namespace sluice::sql
