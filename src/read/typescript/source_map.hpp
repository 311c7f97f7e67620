// From a place in a bundle back to the file it came from.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace sluice::read {

class SourceMap {
 public:
  // The map at the end of a script bundled with --sourcemap=inline; empty if there is none. Paths in it are relative to
  // `directory`.
  static SourceMap of_bundle(std::string_view code, const std::filesystem::path& directory);

  // Lines and columns count from 1. The location is unknown if nothing covers the place.
  Location find(int line, int column) const;
  bool empty() const { return lines_.empty(); }

 private:
  struct Segment {
    int column = 0, source = -1, source_line = 0, source_column = 0;  // all from 0
  };
  void decode(std::string_view mappings);

  std::vector<std::string> sources_;
  std::vector<std::vector<Segment>> lines_;
};

struct StackFrame {
  int line = 0, column = 0;
};

// The next "script:line:column" of a stack trace, which loses what stands before it and the frame itself. The user's
// code may have put anything of any length there.
std::optional<StackFrame> next_frame(std::string_view& stack, std::string_view script);

// The place of the user's code in a stack trace of `script`: the innermost frame outside of node_modules, else the
// innermost one that the map knows.
Location locate_in_stack(std::string_view stack, std::string_view script, const SourceMap& map);

}  // namespace sluice::read
