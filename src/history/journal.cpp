#include "history/journal.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "history/conflict.hpp"

namespace sluice::history {

using Json = nlohmann::ordered_json;

namespace {

[[noreturn]] void malformed(const std::string& file, int line, const std::string& what, const std::string& hint) {
  ErrorContext context;
  context.at = {file, line, 0};
  context.hint = hint;
  throw Error(what, context);
}

}  // namespace

std::vector<Entry> parse_journal(std::string_view content, const std::string& file) {
  const std::string restore = "Restore it from version control.";
  if (std::optional<Conflict> conflict = split_conflict(content))
    malformed(file, conflict->line, "the journal has an unresolved merge conflict",
              "Run 'sluice rebase': it puts the migrations of our side after theirs. 'sluice check' names them.");
  Json json;
  try {
    json = Json::parse(content);
  } catch (const Json::parse_error& error) {
    bool cut_off = error.byte >= content.size();
    malformed(file, text::line_of(content, error.byte ? error.byte - 1 : 0),
              text::trim(content).empty() ? "the journal is empty"
              : cut_off                   ? "the journal ends in the middle"
                                          : "the journal is not valid JSON",
              restore);
  } catch (const Json::exception& error) {  // a number that no type holds
    malformed(file, 0, "the journal cannot be read: " + std::string(error.what()), restore);
  }
  auto entries = json.is_object() ? json.find("entries") : json.end();
  if (!json.is_object() || entries == json.end() || !entries->is_array())
    malformed(file, 1, "the journal has no list \"entries\"", restore);
  auto named = json.find("dialect");
  std::string dialect = named == json.end() ? "postgresql" : named->is_string() ? named->get<std::string>() : "";
  if (dialect != "postgresql" && dialect != "pg")
    malformed(file, 0, "the journal is for '" + dialect + "'", "Sluice works with PostgreSQL only.");

  std::vector<Entry> out;
  for (const Json& item : *entries) {
    Entry entry;
    std::string where = "entry " + std::to_string(out.size()) + " of the journal";
    const auto whole_number = [&](const char* key, double limit) {
      const Json& number = item.at(key);
      if (number.is_number() && !(std::abs(number.get<double>()) <= limit))
        malformed(file, 0, where + " has a number in \"" + key + "\" that no migration has", restore);
      return number.get<std::int64_t>();
    };
    try {
      entry.index = static_cast<int>(whole_number("idx", std::numeric_limits<int>::max()));
      entry.version = item.value("version", "7");
      entry.when = whole_number("when", 9.2e18);
      entry.tag = item.at("tag").get<std::string>();
      entry.breakpoints = item.value("breakpoints", true);
    } catch (const Json::exception&) {
      malformed(file, 0, where + " needs \"idx\" (number), \"when\" (number) and \"tag\" (text)", restore);
    }
    // The tag becomes a path.
    if (entry.tag.empty() || entry.tag.find('/') != std::string::npos || entry.tag.starts_with('.'))
      malformed(file, 0, where + " has the tag '" + entry.tag + "', which is not a file name", restore);
    out.push_back(std::move(entry));
  }
  return out;
}

std::string print_journal(const std::vector<Entry>& entries) {
  Json json;
  json["version"] = "7";
  json["dialect"] = "postgresql";
  json["entries"] = Json::array();
  for (const Entry& entry : entries)
    json["entries"].push_back({{"idx", entry.index},
                               {"version", entry.version},
                               {"when", entry.when},
                               {"tag", entry.tag},
                               {"breakpoints", entry.breakpoints}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sluice::history
