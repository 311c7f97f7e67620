// The entry that imports all schema files and hands their exports to the extractor.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::read {

struct SchemaEntry {
  std::string code;
  std::vector<std::filesystem::path> files;  // absolute; the extractor names files by their number here
};

SchemaEntry schema_entry(const std::vector<std::filesystem::path>& files);

}  // namespace sluice::read
