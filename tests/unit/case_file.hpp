// Test cases in plain files: "-- name --" starts a section, what stands before the first one says what the case is
// about. UPDATE=1 in the environment writes the expectations anew from what came out.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace sluice::tests {

struct CaseFile {
  std::filesystem::path path;
  std::string about;
  std::vector<std::pair<std::string, std::string>> sections;  // in their order

  static CaseFile read(const std::filesystem::path& path);
  const std::string* find(const std::string& name) const;
  // The lines of a section, without empty ones and comments (#).
  std::vector<std::string> lines(const std::string& name) const;
  void set(const std::string& name, const std::string& content);
  void write() const;
};

std::vector<std::filesystem::path> case_files(const std::string& folder);
bool update_wanted();

}  // namespace sluice::tests
