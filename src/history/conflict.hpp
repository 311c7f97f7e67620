// Text in which git left conflict markers: both sides of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::history {

struct Conflict {
  std::string first, second;            // the whole text of each side
  std::string first_name, second_name;  // what stands behind the markers: "HEAD", "feature"
  int line = 0;                         // of the first marker
};

// Nothing if the text has no such markers. Understands the diff3 style, whose middle part is left out.
std::optional<Conflict> split_conflict(std::string_view text);

}  // namespace sluice::history
