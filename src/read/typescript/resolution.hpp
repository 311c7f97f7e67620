// What the resolution of imports depends on, besides the files that it led to.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace sluice::read {

struct Influences {
  std::set<std::filesystem::path> files;        // by content; some may not exist, and must not begin to
  std::set<std::filesystem::path> directories;  // by the names in them
};

Influences influences_of(const std::vector<std::filesystem::path>& inputs);

// The names in a directory that an import could mean, sorted, one a line.
std::string names_in(const std::filesystem::path& directory);

}  // namespace sluice::read
