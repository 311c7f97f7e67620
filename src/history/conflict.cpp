#include "history/conflict.hpp"

#include "base/text.hpp"

namespace sluice::history {

std::optional<Conflict> split_conflict(std::string_view text) {
  enum class Part { both, first, base, second } part = Part::both;
  Conflict conflict;
  std::string_view rest = text;
  for (int number = 1; !rest.empty(); number++) {
    size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
    rest.remove_prefix(line.size());
    auto marker = [&](std::string_view sign) {
      return line.starts_with(sign) && (line.size() == sign.size() ||
                                        std::string_view(" \r\n").find(line[sign.size()]) != std::string_view::npos);
    };
    if (part == Part::both && marker("<<<<<<<")) {
      part = Part::first;
      if (!conflict.line) conflict.line = number;
      if (conflict.first_name.empty()) conflict.first_name = text::trim(line.substr(7));
    } else if (part == Part::first && marker("|||||||")) {
      part = Part::base;
    } else if ((part == Part::first || part == Part::base) && marker("=======")) {
      part = Part::second;
    } else if (part == Part::second && marker(">>>>>>>")) {
      part = Part::both;
      if (conflict.second_name.empty()) conflict.second_name = text::trim(line.substr(7));
    } else {
      if (part == Part::both || part == Part::first) conflict.first += line;
      if (part == Part::both || part == Part::second) conflict.second += line;
    }
  }
  if (!conflict.line) return std::nullopt;
  return conflict;
}

}  // namespace sluice::history
