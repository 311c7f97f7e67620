#include "read/typescript/cache.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "read/typescript/parts.hpp"
#include "read/typescript/resolution.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* absent = "-";

std::string hash_of_file(const fs::path& file) {
  try {
    const auto content = files::read_if_exists(file);
    return content ? files::sha256(*content) : absent;
  } catch (const std::exception&) {
    return absent;  // a directory, or not ours to read
  }
}

std::string hash_of_variable(const CacheEntry::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? absent : files::sha256(found->second);
}

std::string hash_of_all(const CacheEntry::Environment& environment) {
  return files::sha256(json(environment).dump(-1, ' ', false, json::error_handler_t::replace));
}

// The hashes, so that a damaged file is seen.
std::string sealed(const std::string& body) { return files::sha256(body) + "\n" + body; }

std::optional<std::string> opened(std::string content) {
  constexpr size_t sum = 65;
  if (content.size() < sum || content[sum - 1] != '\n') return std::nullopt;
  const std::string_view body = std::string_view(content).substr(sum);
  if (files::sha256(body) != content.substr(0, sum - 1)) return std::nullopt;
  return std::string(body);
}

bool all_hold(const json& made_from, const CacheEntry::Environment& environment) {
  for (const auto& [file, hash] : made_from.at("files").items()) {
    if (hash_of_file(file) != hash) return false;
  }
  for (const auto& [directory, hash] : made_from.at("directories").items()) {
    if (files::sha256(names_in(directory)) != hash) return false;
  }
  if (made_from.contains("environment")) return hash_of_all(environment) == made_from["environment"];
  for (const auto& [name, hash] : made_from.at("variables").items()) {
    if (hash_of_variable(environment, name) != hash) return false;
  }
  return true;
}

}  // namespace

CacheEntry::CacheEntry(const std::string& kind, const std::string& key) : started_(fs::file_time_type::clock::now()) {
  if (const auto cache = files::cache_directory()) {
    file_ = *cache / kind / files::sha256(parts::build_id() + "\n" + key).substr(0, 32);
  }
}

std::optional<std::string> CacheEntry::find(const Environment& environment) const {
  if (file_.empty()) return std::nullopt;
  try {
    auto content = files::read_if_exists(file_);
    if (!content) return std::nullopt;
    const auto body = opened(std::move(*content));
    if (!body) return std::nullopt;
    const size_t end = body->find('\n');
    if (end == std::string::npos || !all_hold(json::parse(body->substr(0, end)), environment)) return std::nullopt;
    return body->substr(end + 1);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void CacheEntry::keep(const std::string& value, const std::vector<fs::path>& inputs,
                      const std::optional<std::set<std::string>>& names, const Environment& environment) const {
  if (file_.empty()) return;
  try {
    json made_from = {{"files", json::object()}, {"directories", json::object()}};
    const Influences influences = influences_of(inputs);
    for (const fs::path& file : influences.files) {
      // Changed while it was read: what came out may be of the old content.
      std::error_code error;
      if (fs::last_write_time(file, error) >= started_ && !error) return;
      made_from["files"][file.string()] = hash_of_file(file);
    }
    for (const fs::path& directory : influences.directories) {
      made_from["directories"][directory.string()] = files::sha256(names_in(directory));
    }
    if (names) {
      made_from["variables"] = json::object();
      for (const std::string& name : *names) made_from["variables"][name] = hash_of_variable(environment, name);
    } else {
      made_from["environment"] = hash_of_all(environment);
    }
    fs::create_directories(file_.parent_path());
    files::write_quickly(file_, sealed(made_from.dump() + "\n" + value));
  } catch (const std::exception&) {
    // The next run reads everything again.
  }
}

}  // namespace sluice::read
