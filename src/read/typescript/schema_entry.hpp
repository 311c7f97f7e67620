// The entry that imports all schema files and hands their exports to the extractor.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sluice::read {

struct SchemaEntry {
  std::string code;
  std::vector<std::filesystem::path> files;  // absolute; the extractor names files by their number here
  bool unresolved = false;                   // a star that is not relative leads to a file that is not known yet
};

// `resolved`: what is known of imports that are not relative.
SchemaEntry schema_entry(
    const std::vector<std::filesystem::path>& files,
    const std::map<std::pair<std::filesystem::path, std::string>, std::filesystem::path>& resolved = {});

}  // namespace sluice::read
