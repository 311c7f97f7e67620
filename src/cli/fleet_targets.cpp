#include "cli/fleet_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

constexpr const char* example =
    "For example, in sluice.toml:\n  [[fleet]]\n  name = \"tenants\"\n  url = \"$DATABASE_URL\"\n  schemas = "
    "\"tenant_%\"\nOr on the command line: --schemas, --databases, --query or --file, with --url.";

// A target as it was found, and where: "tenants.txt:3", "row 3 of the query".
struct Found {
  std::string url, schema, name, where;
};

std::string url_for(const Config& config, const std::string& url, const std::string& what) {
  std::vector<std::string> missing;
  std::string out = expand(config, url, &missing);
  if (out.empty())
    throw Error("the url of " + what +
                    " is not known: " + (missing.empty() ? "it is empty" : text::join(missing, ", ") + " is not set"),
                {.hint = "Set the variable in the environment or in .env."});
  return out;
}

// A line is a URL, a URL and a schema, or a schema of the fleet's database.
std::vector<Found> from_file(const Config& config, const Fleet& fleet, const std::string& base) {
  const fs::path path = config.directory / fleet.file;
  std::vector<Found> out;
  int number = 0;
  for (const std::string& raw : text::split(files::read(path), "\n")) {
    number++;
    const std::string line(text::trim(raw));
    if (line.empty() || line.front() == '#') continue;
    const std::string where = fs::proximate(path).string() + ":" + std::to_string(number);
    // Not as the place of the error, which would print the line, with its password.
    auto refuse = [&](const std::string& message) {
      throw Error(where + ": " + message,
                  {.hint = "A line is a URL, a URL and a schema, or, with url in [[fleet]], a schema."});
    };
    const size_t space = line.find_first_of(" \t");
    const std::string first = line.substr(0, space);
    const std::string second(space == std::string::npos ? "" : text::trim(std::string_view(line).substr(space)));
    if (second.find_first_of(" \t") != std::string::npos) refuse("this line has more than a URL and a schema");
    if (first.find("://") != std::string::npos || first.front() == '$') {
      out.push_back({url_for(config, first, "the target at " + where), second, "", where});
    } else if (!second.empty()) {
      refuse("this line does not begin with a URL");
    } else if (base.empty()) {
      refuse("this line is no URL, and the fleet has no url to find a schema in");
    } else {
      out.push_back({base, first, "", where});
    }
  }
  return out;
}

std::vector<Found> from_query(const Fleet& fleet, const std::string& base) {
  server::Connection connection({base, "sluice fleet"});
  server::Rows rows;
  {
    server::Transaction transaction(connection, "BEGIN TRANSACTION READ ONLY");
    try {
      rows = connection.query(fleet.query, {});
    } catch (const Error& error) {  // a second statement could leave the transaction
      if (std::string_view(error.what()).find("multiple commands") == std::string_view::npos) throw;
      throw Error("the query of the fleet is more than one statement",
                  {.hint = "It is one SELECT, for example: SELECT schema_name AS schema FROM tenants ORDER BY 1"});
    }
  }
  std::map<std::string, size_t> columns;
  for (size_t i = 0; i < rows.columns.size(); i++) columns[rows.columns[i]] = i;
  for (const auto& [name, place] : columns)
    if (name != "url" && name != "database" && name != "schema" && name != "name")
      throw Error("the query of the fleet gives a column '" + name + "'",
                  {.hint = "Its columns are url, database or schema (two of them for a schema elsewhere), and name: "
                           "SELECT schema_name AS schema FROM tenants ORDER BY 1"});
  if (!columns.contains("url") && !columns.contains("database") && !columns.contains("schema"))
    throw Error("the query of the fleet gives neither url, database nor schema",
                {.hint = "For example: SELECT schema_name AS schema FROM tenants ORDER BY 1"});
  std::vector<Found> out;
  for (size_t i = 0; i < rows.size(); i++) {
    auto text = [&](const std::string& column) {
      const auto found = columns.find(column);
      if (found == columns.end()) return std::string();
      if (rows.text(i, found->second).empty())
        throw Error(fmt::format("row {} of the fleet's query has no {}", i + 1, column),
                    {.hint = "Leave such rows out with WHERE."});
      return rows.text(i, found->second);
    };
    std::string url = columns.contains("url") ? text("url") : base;
    if (columns.contains("database")) url = server::with_database(url, text("database"));
    out.push_back({url, text("schema"), text("name"), fmt::format("row {} of the query", i + 1)});
  }
  return out;
}

std::vector<Found> from_pattern(const Fleet& fleet, const std::string& base) {
  server::Connection connection({base, "sluice fleet"});
  std::vector<Found> out;
  const bool schemas = !fleet.schemas.empty();
  const server::Rows rows =
      schemas ? connection.query(
                    "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname LIKE $1 AND nspname NOT LIKE 'pg\\_%' "
                    "AND nspname NOT IN ('information_schema', 'sluice', 'drizzle') ORDER BY nspname COLLATE \"C\"",
                    {fleet.schemas})
              : connection.query(
                    "SELECT datname FROM pg_catalog.pg_database WHERE datname LIKE $1 AND datallowconn AND NOT "
                    "datistemplate ORDER BY datname COLLATE \"C\"",
                    {fleet.databases});
  for (size_t i = 0; i < rows.size(); i++) {
    const std::string name = rows.text(i, 0);
    out.push_back({schemas ? base : server::with_database(base, name), schemas ? name : "", "", ""});
  }
  return out;
}

std::string server_of(const server::Place& place) { return place.host + ":" + place.port; }

// The shortest names that tell all of them apart.
void give_names(const std::vector<Found>& found, const std::vector<server::Place>& places,
                std::vector<apply::FleetTarget>& targets) {
  for (int length = 0; length < 3; length++) {
    std::set<std::string> used;
    for (size_t i = 0; i < found.size(); i++) {
      std::string name = length == 2 ? targets[i].server + "/" + places[i].database : places[i].database;
      if (!found[i].schema.empty()) name = length == 0 ? found[i].schema : name + "." + found[i].schema;
      targets[i].name = found[i].name.empty() ? name : found[i].name;
      used.insert(targets[i].name);
    }
    if (used.size() == found.size()) return;
  }
  std::map<std::string, size_t> first;
  for (size_t i = 0; i < found.size(); i++)
    if (auto [before, is_new] = first.emplace(targets[i].name, i); !is_new)
      throw Error("two targets of the fleet are named '" + targets[i].name + "': " + found[before->second].where +
                      " and " + found[i].where,
                  {.hint = "Give each another name, or leave the column name out."});
}

}  // namespace

Fleet fleet_named(const Settings& settings, const std::string& name) {
  if (settings.fleets.empty()) throw Error("sluice.toml has no [[fleet]]", {.hint = example});
  std::vector<std::string> names;
  for (const Fleet& fleet : settings.fleets) {
    if (fleet.name == name || (name.empty() && settings.fleets.size() == 1)) return fleet;
    names.push_back(fleet.name);
  }
  throw Error(name.empty() ? "sluice.toml has several fleets: which one?" : "sluice.toml has no fleet '" + name + "'",
              {.hint = "Its fleets are: " + text::join(names, ", ") + "."});
}

std::vector<apply::FleetTarget> fleet_targets(const Config& config, const Fleet& fleet, bool may_be_empty) {
  const int sources = !fleet.file.empty() + !fleet.query.empty() + !fleet.databases.empty() + !fleet.schemas.empty();
  const std::string what = "the fleet '" + fleet.name + "'";
  if (sources != 1)
    throw Error(
        what + (sources == 0 ? " says nothing about its targets" : " says in several ways which its targets are"),
        {.hint = std::string("It takes one of schemas, databases, query and file.\n") + example});
  std::string base;
  if (!fleet.url.empty()) base = url_for(config, fleet.url, what);
  if (base.empty() && fleet.file.empty())
    throw Error(what + " has no url", {.hint = std::string("It says where to look for them.\n") + example});

  std::vector<Found> found = !fleet.file.empty()    ? from_file(config, fleet, base)
                             : !fleet.query.empty() ? from_query(fleet, base)
                                                    : from_pattern(fleet, base);
  if (found.empty() && !may_be_empty)
    throw Error(what + " has no targets",
                {.detail = !fleet.file.empty()        ? fleet.file + " has no line with one."
                           : !fleet.query.empty()     ? "The query gives no rows."
                           : !fleet.databases.empty() ? "No database is LIKE '" + fleet.databases + "'."
                                                      : "No schema is LIKE '" + fleet.schemas + "'.",
                 .state = "Nothing was changed."});
  std::vector<apply::FleetTarget> targets;
  std::vector<server::Place> places;
  std::map<std::string, size_t> seen;
  for (const Found& each : found) {
    try {
      places.push_back(server::place_of(each.url));
    } catch (const Error& error) {
      throw Error(each.where + ": " + error.what(), error.context);
    }
    targets.push_back({"", each.url, each.schema, server_of(places.back())});
    const std::string key = targets.back().server + "/" + places.back().database + "\n" + each.schema;
    if (auto [before, is_new] = seen.emplace(key, targets.size() - 1); !is_new)
      throw Error(what + " has one target twice: " + server_of(places.back()) + "/" + places.back().database +
                      (each.schema.empty() ? "" : "." + each.schema) + ", at " + found[before->second].where + " and " +
                      each.where,
                  {.hint = "Take one of them out."});
  }
  give_names(found, places, targets);
  return targets;
}

size_t share_of(const std::string& share, size_t total) {
  const size_t number = std::stoul(share);
  return share.ends_with('%') ? (number * total + 99) / 100 : number;
}

std::vector<size_t> wave_sizes(const std::vector<std::string>& waves, size_t total) {
  std::vector<size_t> out;
  size_t left = total;
  for (const std::string& wave : waves) {
    if (left == 0) break;
    out.push_back(std::min(left, share_of(wave, total)));
    left -= out.back();
  }
  if (left > 0) out.push_back(left);
  return out;
}

}  // namespace sluice::cli
