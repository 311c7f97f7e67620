// Where something stands in the text of a file: best effort, for messages.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"

namespace sluice::read {

// The line where the export `name` is declared; 0 if it cannot be told.
int line_of_export(std::string_view source, std::string_view name);
// The same for many exports of one file, which is read once.
class ExportLines {
 public:
  // `source` must outlive it.
  explicit ExportLines(std::string_view source);
  int of(std::string_view name) const;

 private:
  std::string_view source_;
  std::unordered_map<std::string_view, int> lines_;  // the first for each word behind `export`
};
// The line of the first of `texts` that is found, looking behind the export `name` first; 0 if none is.
int line_of_any(std::string_view source, const std::vector<std::string>& texts, std::string_view name);

// The engine knows where calls stand, not where properties and names are read: an exception about one of those is
// placed at the call before it. If the message names what was read, the place moves on to where that stands.
Location refined(Location at, const std::string& message);

// The same in a script whose modules stand in the order in which they run: where the property that `message` names is
// read, from `start` on. npos if the message is about something else.
size_t failed_read(std::string_view script, size_t start, const std::string& message);

}  // namespace sluice::read
