#include "history/squashed.hpp"

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "history/journal.hpp"

namespace sluice::history {

using Json = nlohmann::ordered_json;

std::vector<Entry> squashed_entries(const fs::path& folder) {
  fs::path journal = folder / "squashed" / "meta" / "_journal.json";
  std::optional<std::string> text = files::read_if_exists(journal);
  return text ? parse_journal(*text, journal.string()) : std::vector<Entry>{};
}

std::vector<Squashed> squashed_into(const fs::path& squashed) {
  const fs::path file = squashed / "meta" / "_squashed.json";
  std::optional<std::string> text = files::read_if_exists(file);
  std::vector<Squashed> out;
  if (!text) return out;
  try {
    const Json json = Json::parse(*text);
    for (const Json& item : json.at("squashed")) {
      Squashed each;
      each.entry.tag = item.at("tag").get<std::string>();
      each.entry.when = item.at("when").get<std::int64_t>();
      each.hash = item.at("hash").get<std::string>();
      each.count = item.at("count").get<size_t>();
      out.push_back(std::move(each));
    }
  } catch (const Json::exception& error) {
    ErrorContext context;
    context.at.file = file.string();
    context.hint = "Restore it from version control.";
    throw Error("the list of squashed migrations cannot be read: " + std::string(error.what()), context);
  }
  return out;
}

std::string print_squashed_into(const std::vector<Squashed>& list) {
  Json json;
  json["squashed"] = Json::array();
  for (const Squashed& each : list)
    json["squashed"].push_back(
        {{"tag", each.entry.tag}, {"when", each.entry.when}, {"hash", each.hash}, {"count", each.count}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sluice::history
