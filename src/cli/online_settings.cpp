#include "cli/online_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "base/files.hpp"
#include "cli/toml.hpp"

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* known =
    "These are known:\n  [generate]\n  online = true | false | [\"table\"]\n  online_from_rows = 100000\n"
    "  online_database = \"NAME\"   (of [databases] or a [[stage]])\n"
    "  [backfill]\n  batch_ms = 200\n  max_replica_lag = 10   (seconds; 0: no limit, also below)\n"
    "  max_lock_waits = 10\n  max_transaction_age = 900   (seconds)\n  max_wal = 0   (MB/s)\n  pause_file = \"pause\"";

[[noreturn]] void refuse(const fs::path& file, const toml::source_region& at, const std::string& message) {
  ErrorContext context;
  context.at = {file.string(), static_cast<int>(at.begin.line), 0};
  context.hint = known;
  throw Error(message, context);
}

void read_generate(const fs::path& file, const toml::node& value, OnlineSettings& out) {
  if (value.is_boolean()) {
    out.online = value.value_or(false);
    return;
  }
  const toml::array* list = value.as_array();
  if (!list || (!list->empty() && !list->is_homogeneous(toml::node_type::string)))
    refuse(file, value.source(), "'online' must be true, false or a list of tables");
  for (const toml::node& item : *list) out.tables.push_back(item.value_or(std::string()));
  out.online = !out.tables.empty();
}

void read_backfill(const fs::path& file, const toml::key& key, const toml::node& value, apply::BackfillOptions& out) {
  const std::string name(key.str());
  if (name == "pause_file") {
    if (!value.is_string()) refuse(file, value.source(), "'pause_file' must be a text");
    out.pause_file = file.parent_path() / value.value_or(std::string());
    return;
  }
  auto number = [&] {
    const auto found = value.value<double>();
    if (!found || !(*found >= 0 && *found <= 1e9))
      refuse(file, value.source(), "'" + name + "' must be a number from 0");
    return *found;
  };
  if (name == "batch_ms")
    out.batch_time = std::chrono::milliseconds(std::max(1L, static_cast<long>(number())));
  else if (name == "max_replica_lag")
    out.max_replica_lag = number();
  else if (name == "max_lock_waits")
    out.max_lock_waits = static_cast<int>(number());
  else if (name == "max_transaction_age")
    out.max_transaction_age = number();
  else if (name == "max_wal")
    out.max_wal = number();
  else
    refuse(file, key.source(), "[backfill] has no key '" + name + "'");
}

}  // namespace

OnlineSettings parse_online_settings(std::string_view content, const fs::path& file) {
  OnlineSettings out;
  toml::table all;
  try {
    all = toml::parse(content, file.string());
  } catch (const toml::parse_error&) {  // parse_settings() says it
    return out;
  } catch (const AssertionOfToml&) {
    return out;
  }
  if (const toml::node* online = all.at_path("generate.online").node()) read_generate(file, *online, out);
  if (const toml::table* backfill = all["backfill"].as_table())
    for (const auto& [key, value] : *backfill) read_backfill(file, key, value, out.backfill);
  const toml::table* generate = all["generate"].as_table();
  if (!generate) return out;
  if (const toml::node* rows = generate->get("online_from_rows")) {
    const auto found = rows->value<double>();
    if (!found || !(*found >= 0)) refuse(file, rows->source(), "'online_from_rows' must be a number from 0");
    out.from_rows = *found;
  }
  if (const toml::node* database = generate->get("online_database")) {
    if (!database->is_string()) refuse(file, database->source(), "'online_database' must be a text");
    out.database = database->value_or(std::string());
  }
  return out;
}

OnlineSettings read_online_settings(const Config& config) {
  const fs::path file = (config.file ? config.file->parent_path() : config.directory) / "sluice.toml";
  return fs::exists(file) ? parse_online_settings(files::read(file), file) : OnlineSettings{};
}

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
  const OnlineSettings settings = read_online_settings(config);
  if (!flag.value_or(settings.online || settings.from_rows > 0)) return std::nullopt;
  plan::Online online{server.value_or(config.settings.review.server.value_or(15)),
                      {settings.tables.begin(), settings.tables.end()}};
  // --online means all of them; so does online = true without a number.
  if (settings.from_rows == 0 || flag) return online;
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
