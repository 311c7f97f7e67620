#include "cli/online.hpp"

#include <fmt/format.h>

#include <chrono>
#include <set>

#include "server/connection.hpp"
#include "server/user_session.hpp"

namespace sluice::cli {

namespace {

// The URL of the database whose tables count. Throws Error if there is none.
std::string url_of(const std::string& name, const Config& config, const Overrides& overrides) {
  if (name.empty()) return load_config(overrides, {Needs::database}).url;
  for (const NamedDatabase& database : config.settings.databases) {
    if (database.name != name) continue;
    std::vector<std::string> missing;
    const std::string url = expand(config, database.url, &missing);
    if (!missing.empty()) throw Error(missing.front() + " is not set");
    return url;
  }
  ErrorContext context;
  context.exit = Exit::refused;
  context.hint = "Write it as [databases." + name + "] with its url.";
  throw Error("'online_database' names '" + name + "', and sluice.toml has no database of that name", context);
}

std::set<std::string> large_tables(const std::string& url, double rows) {
  server::Target target;
  target.url = url;
  target.application_name = "sluice generate";
  target.connect_timeout = std::chrono::seconds(3);
  server::Connection connection(target);
  server::protect(connection);
  // Without statistics a row counts as 50 bytes: rather too many. A partitioned table has the rows of its partitions.
  const server::Rows found = connection.query(
      "WITH RECURSIVE part AS (SELECT oid AS top, oid FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') UNION ALL "
      "SELECT part.top, i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid) SELECT "
      "n.nspname, t.relname FROM part JOIN pg_catalog.pg_class c USING (oid) JOIN pg_catalog.pg_class t ON t.oid = "
      "part.top JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace WHERE c.relkind = 'r' GROUP BY 1, 2 HAVING "
      "sum(CASE WHEN c.reltuples > 0 THEN c.reltuples ELSE pg_catalog.pg_relation_size(c.oid) / 50 END) >= $1::float8",
      {fmt::format("{}", rows)});
  std::set<std::string> out;
  for (size_t i = 0; i < found.size(); i++) out.insert(found.text(i, 0) + "." + found.text(i, 1));
  return out;
}

}  // namespace

std::optional<plan::Online> online_for(const Config& config, const Overrides& overrides, std::optional<bool> flag,
                                       std::optional<int> server, Terminal& terminal) {
  const OnlineSettings& settings = config.settings.online;
  if (!flag.value_or(settings.any())) return std::nullopt;
  plan::Online online{server.value_or(config.settings.review.server.value_or(15)), {}};
  if (flag) return online;  // all tables
  online.tables = {settings.tables.begin(), settings.tables.end()};
  if (settings.from_rows == 0) return online;
  try {
    online.tables.merge(large_tables(url_of(settings.database, config, overrides), settings.from_rows));
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted || error.context.exit == Exit::refused) throw;
    terminal.warning("every table counts as large, since nobody could be asked: " + std::string(error.what()));
    online.tables.clear();
    return online;
  }
  if (online.tables.empty()) return std::nullopt;
  return online;
}

}  // namespace sluice::cli
