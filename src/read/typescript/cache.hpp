// Results kept between runs. An entry says what it was made from: the content of every file that was read, the names in
// their directories, the configuration files that imports resolve by, the environment variables that were looked at.
// All of it is read and compared again before the entry is used; times of files are not trusted.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sluice::read {

class CacheEntry {
 public:
  using Environment = std::map<std::string, std::string>;

  // `kind` is a folder of the cache; `key` everything that tells one entry from another, besides what it is made from.
  CacheEntry(const std::string& kind, const std::string& key);

  // The kept value, if it would come out the same today.
  std::optional<std::string> find(const Environment& environment) const;
  // `names`: the variables that were read, nothing if all were. Failures are ignored: it is only a cache.
  void keep(const std::string& value, const std::vector<std::filesystem::path>& inputs,
            const std::optional<std::set<std::string>>& names, const Environment& environment) const;

 private:
  std::filesystem::path file_;  // empty: there is no place for a cache
  std::filesystem::file_time_type started_;
};

}  // namespace sluice::read
