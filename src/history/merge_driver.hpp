// What git's merge driver makes of two versions of a file of meta/: one that can be read, without conflict markers.
#pragma once

#include <string>
#include <string_view>

namespace sluice::history {

struct MergedFile {
  std::string text;
  bool conflict = false;  // both sides added migrations: they must be put one after the other
};

// The journal or the checksums: what either side has. Of a snapshot, the one that is there; always a conflict.
// `name` is the file's name. Throws Error if a text cannot be understood.
MergedFile merge_file(const std::string& name, std::string_view base, std::string_view here, std::string_view other);

}  // namespace sluice::history
