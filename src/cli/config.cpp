#include "cli/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/dotenv.hpp"
#include "read/typescript/typescript.hpp"
#include "server/local.hpp"

namespace sluice::cli {

namespace {

using Json = nlohmann::json;

constexpr const char* config_names[] = {"drizzle.config.ts",  "drizzle.config.mts", "drizzle.config.js",
                                        "drizzle.config.mjs", "drizzle.config.cjs", "drizzle.config.json"};

std::optional<fs::path> find_config(const Config& config, const Overrides& overrides) {
  if (overrides.config) {
    fs::path file = config.directory / *overrides.config;
    if (fs::exists(file)) return file.lexically_normal();
    ErrorContext context;
    context.at.file = file.string();
    context.hint = "Check the path given to --config; it is relative to the working directory.";
    throw Error(file.string() + " file does not exist", context);
  }
  for (const char* name : config_names)
    if (fs::exists(config.directory / name)) return config.directory / name;
  return std::nullopt;
}

// The values of a configuration, with the messages for the wrong kind of value.
class Values {
 public:
  Values(const Json& json, fs::path file) : json_(json), file_(std::move(file)) {}

  std::string text(const char* key, const std::string& otherwise) const {
    auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return otherwise;
    if (!found->is_string()) wrong(key, "a text");
    return found->get<std::string>();
  }
  bool boolean(const char* key, bool otherwise) const {
    auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return otherwise;
    if (!found->is_boolean()) wrong(key, "true or false");
    return found->get<bool>();
  }
  std::vector<std::string> texts(const char* key) const {
    auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return {};
    if (found->is_string()) return {found->get<std::string>()};
    if (!found->is_array()) wrong(key, "a text or a list of texts");
    std::vector<std::string> out;
    for (const Json& item : *found) {
      if (!item.is_string()) wrong(key, "a text or a list of texts");
      out.push_back(item.get<std::string>());
    }
    return out;
  }
  Values object(const char* key) const {
    static const Json empty = Json::object();
    auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return {empty, file_};
    if (!found->is_object()) wrong(key, "an object");
    return {*found, file_};
  }
  const Json& json() const { return json_; }

  [[noreturn]] void wrong(const std::string& key, const std::string& expected) const {
    ErrorContext context;
    context.at.file = file_.string();
    throw Error("'" + key + "' in " + file_.filename().string() + " is not " + expected, context);
  }

 private:
  const Json& json_;
  fs::path file_;
};

std::string percent_encoded(const std::string& s) {
  std::string out;
  for (char c : s) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      constexpr const char* digits = "0123456789ABCDEF";
      out += '%';
      out += digits[(c >> 4) & 15];
      out += digits[c & 15];
    }
  }
  return out;
}

// dbCredentials as drizzle-kit takes them: { url } or { host, port?, user?, password?, database, ssl? }.
std::string credentials_url(const Values& credentials) {
  if (std::string url = credentials.text("url", ""); !url.empty()) return url;
  std::string host = credentials.text("host", ""), database = credentials.text("database", "");
  if (host.empty() || database.empty()) return "";
  std::string url = "postgresql://";
  if (std::string user = credentials.text("user", ""); !user.empty()) {
    url += percent_encoded(user);
    if (std::string password = credentials.text("password", ""); !password.empty())
      url += ":" + percent_encoded(password);
    url += "@";
  }
  url += host.find(':') != std::string::npos ? "[" + host + "]" : host.starts_with('/') ? percent_encoded(host) : host;
  if (auto port = credentials.json().find("port"); port != credentials.json().end() && !port->is_null())
    url += ":" + (port->is_string() ? port->get<std::string>() : port->dump());
  url += "/" + percent_encoded(database);
  auto ssl = credentials.json().find("ssl");
  if (ssl == credentials.json().end() || ssl->is_null()) return url;
  if (ssl->is_boolean()) return url + (ssl->get<bool>() ? "?sslmode=require" : "?sslmode=disable");
  // 'require', 'allow' and 'prefer' check no certificate in drizzle-kit either.
  if (ssl->is_string()) return url + "?sslmode=" + ssl->get<std::string>();
  return url + "?sslmode=require";
}

std::optional<history::Prefix> prefix_of(const std::string& name) {
  if (name == "index") return history::Prefix::index;
  if (name == "timestamp" || name == "supabase") return history::Prefix::timestamp;
  if (name == "unix") return history::Prefix::unix_time;
  if (name == "none") return history::Prefix::none;
  return std::nullopt;
}

void check_dialect(const std::string& dialect, const std::string& message, const std::string& file) {
  if (dialect == "postgresql") return;
  ErrorContext context;
  context.at.file = file;
  context.hint = "Sluice works with PostgreSQL only.";
  throw Error(message, context);
}

bool is_program(const fs::path& file) {
  std::string name = file.filename().string();
  constexpr const char* endings[] = {".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"};
  return !name.ends_with(".d.ts") && std::any_of(std::begin(endings), std::end(endings),
                                                 [&](const char* ending) { return name.ends_with(ending); });
}

// Roles that a provider brings along (drizzle-kit 0.31.11).
std::vector<std::string> roles_of_provider(const std::string& provider) {
  if (provider == "supabase")
    return {"anon",           "authenticator",       "authenticated",
            "service_role",   "supabase_auth_admin", "supabase_storage_admin",
            "dashboard_user", "supabase_admin"};
  if (provider == "neon") return {"authenticated", "anonymous"};
  return {};
}

void read_roles(Config& config, const Values& entities) {
  auto found = entities.json().find("roles");
  if (found == entities.json().end() || found->is_null()) return;
  if (found->is_boolean()) {
    config.filters.any_roles = config.filters.roles.all = found->get<bool>();
    return;
  }
  Values roles = entities.object("roles");
  read::RoleFilter& filter = config.filters.roles;
  filter.include = roles.texts("include");
  filter.exclude = roles.texts("exclude");
  for (std::string& name : roles_of_provider(roles.text("provider", ""))) filter.exclude.push_back(std::move(name));
  filter.all = filter.include.empty();
  config.filters.any_roles = true;
}

// The configuration as JSON. A command can go without it, which an error says.
Json evaluated(const Config& config) {
  read::TypeScriptOptions options;
  options.project = config.directory;
  options.environment = config.environment;
  try {
    return Json::parse(read::config_json(*config.file, options));
  } catch (Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    const std::string without =
        "go without this file: --dialect postgresql --schema FILE --out DIRECTORY, and --url for the database";
    auto add = [&](std::string& hint) { hint = hint.empty() ? "to " + without : hint + "; or " + without; };
    add(error.context.hint);
    if (!error.context.diagnostics.empty()) add(error.context.diagnostics.back().hint);
    throw;
  }
}

// Gives the driver that it names.
std::string apply_file(Config& config) {
  Json json = evaluated(config);
  Values values(json, *config.file);
  if (!json.is_object()) values.wrong("export default", "an object");
  std::string dialect = values.text("dialect", "postgresql");
  check_dialect(dialect, "the configuration is for '" + dialect + "'", config.file->string());
  config.schema = values.texts("schema");
  config.out = config.directory / values.text("out", "drizzle");
  config.casing = values.text("casing", "");
  config.breakpoints = values.boolean("breakpoints", true);
  Values migrations = values.object("migrations");
  config.ledger.schema = migrations.text("schema", config.ledger.schema);
  config.ledger.table = migrations.text("table", config.ledger.table);
  std::optional<history::Prefix> prefix = prefix_of(migrations.text("prefix", "index"));
  if (!prefix) values.wrong("migrations.prefix", "one of index, timestamp, supabase, unix, none");
  config.prefix = *prefix;
  config.filters.schemas = values.texts("schemaFilter");
  config.filters.tables = values.texts("tablesFilter");
  config.filters.extensions = values.texts("extensionsFilters");
  read_roles(config, values.object("entities"));
  config.strict = values.boolean("strict", false);
  config.introspect_casing = values.object("introspect").text("casing", "camel");
  config.url = credentials_url(values.object("dbCredentials"));
  if (!config.url.empty()) config.url_source = config.file->filename().string();
  return values.text("driver", "");
}

// --host, --database and the rest, as dbCredentials would say it.
std::string given_url(const Overrides& overrides) {
  if (!overrides.host || !overrides.database) {
    ErrorContext context;
    context.hint = "Give --host and --database (and --port, --user, --password, --ssl), or --url.";
    throw Error(std::string(overrides.host ? "--database" : "--host") + " is missing", context);
  }
  Json json{{"host", *overrides.host}, {"database", *overrides.database}};
  if (overrides.port) json["port"] = *overrides.port;
  if (overrides.user) json["user"] = *overrides.user;
  if (overrides.password) json["password"] = *overrides.password;
  if (overrides.ssl) json["ssl"] = *overrides.ssl;
  if (overrides.ssl == "true" || overrides.ssl == "false") json["ssl"] = *overrides.ssl == "true";
  return credentials_url(Values(json, "--host"));
}

void find_database(Config& config, const Overrides& overrides, const std::string& driver) {
  if (overrides.url) {
    config.url = *overrides.url;
    config.url_source = "--url";
  } else if (overrides.host || overrides.database) {
    config.url = given_url(overrides);
    config.url_source = "--host and --database";
  } else if (!driver.empty()) {
    ErrorContext context;
    context.at.file = config.file->string();
    context.hint =
        "Give --url of a PostgreSQL server. 'sluice generate', 'check' and 'review' need no database; 'sluice db "
        "start' starts one.";
    throw Error("driver: '" + driver + "' is " +
                    (driver == "pglite" ? "a database inside of the program, which nobody else can connect to"
                                        : "no connection to PostgreSQL, and sluice speaks nothing else"),
                context);
  }
  if (!config.url.empty()) return;
  if (auto found = config.environment.find("DATABASE_URL");
      found != config.environment.end() && !found->second.empty()) {
    config.url = found->second;
    config.url_source = "DATABASE_URL";
    return;
  }
  server::LocalOptions local;
  local.project = config.directory;
  server::LocalStatus status = server::local_status(local);
  if (status.running) {
    config.url = status.url;
    config.url_source = "the local server";
    return;
  }
  ErrorContext context;
  if (config.file) context.at.file = config.file->string();
  context.hint =
      "Set DATABASE_URL (also in .env), dbCredentials.url in the configuration, or give --url; or start a local "
      "server with 'sluice db start'.";
  throw Error("no database is configured", context);
}

}  // namespace

Config load_config(const Overrides& overrides, const std::vector<Needs>& needs) {
  if (overrides.dialect) check_dialect(*overrides.dialect, "--dialect " + *overrides.dialect + " is not supported", "");
  Config config;
  config.directory = fs::current_path();
  config.out = config.directory / "drizzle";
  auto needed = [&](Needs need) { return std::find(needs.begin(), needs.end(), need) != needs.end(); };
  bool told = overrides.out || !overrides.schema.empty();
  // drizzle-kit's command lines with --dialect are those that stand instead of a configuration.
  if (overrides.config || !(overrides.dialect && told)) config.file = find_config(config, overrides);
  config.environment = load_environment(config.directory, config.file);
  std::string driver;
  if (config.file) driver = apply_file(config);
  config.settings = read_settings(config.file ? config.file->parent_path() : config.directory);
  if (!overrides.schema.empty()) config.schema = overrides.schema;
  if (overrides.out) config.out = config.directory / *overrides.out;
  if (overrides.casing) config.casing = *overrides.casing;
  if (!overrides.schema_filter.empty()) config.filters.schemas = overrides.schema_filter;
  if (!overrides.tables_filter.empty()) config.filters.tables = overrides.tables_filter;
  if (!overrides.extensions_filter.empty()) config.filters.extensions = overrides.extensions_filter;
  if (overrides.prefix) config.prefix = prefix_of(*overrides.prefix).value_or(config.prefix);
  config.breakpoints = overrides.breakpoints.value_or(config.breakpoints);
  config.out = config.out.lexically_normal();
  if (!config.out.has_filename()) config.out = config.out.parent_path();

  if (!config.file && !told && (needed(Needs::folder) || needed(Needs::schema))) {
    ErrorContext context;
    context.at.file = (config.directory / "drizzle.config.ts").string();
    context.hint = "Run the command in the directory of drizzle.config.ts, or give --config, or --schema and --out.";
    throw Error("no drizzle.config.ts (.js, .mjs, .json) in " + config.directory.string(), context);
  }
  if (needed(Needs::schema) && config.schema.empty()) {
    ErrorContext context;
    if (config.file) context.at.file = config.file->string();
    context.hint =
        "Set schema: './src/schema.ts' or './schema.sql' (a file, a folder or a glob) in the configuration, or give "
        "--schema.";
    throw Error((config.file ? "the configuration does not say" : "nothing says") + std::string(" where the schema is"),
                context);
  }
  if (needed(Needs::database)) find_database(config, overrides, driver);
  return config;
}

std::string expand(const Config& config, const std::string& url, std::vector<std::string>* missing) {
  auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  std::string out;
  bool complete = true;
  for (size_t at = 0; at < url.size();) {
    if (url[at] != '$' || at + 1 == url.size()) {
      out += url[at++];
      continue;
    }
    const bool braces = url[at + 1] == '{';
    const size_t begin = at + (braces ? 2 : 1);
    size_t end = begin;
    while (end < url.size() && is_part(url[end])) end++;
    if (end == begin || (braces && (end == url.size() || url[end] != '}'))) {
      out += url[at++];
      continue;
    }
    const std::string name = url.substr(begin, end - begin);
    auto found = config.environment.find(name);
    if (found == config.environment.end() || found->second.empty()) {
      complete = false;
      if (missing) missing->push_back(name);
    } else {
      out += found->second;
    }
    at = end + (braces ? 1 : 0);
  }
  return complete ? out : "";
}

std::vector<fs::path> schema_files(const Config& config) {
  std::vector<fs::path> out;
  for (const std::string& pattern : config.schema) {
    for (const fs::path& found : files::glob(config.directory, pattern)) {
      if (!fs::is_directory(found)) {
        out.push_back(found);
        continue;
      }
      // A directory means every file in it, not deeper (drizzle-kit 0.31); what is no program text is passed over. One
      // without programs is a schema in SQL.
      std::vector<fs::path> inside, sql;
      for (const fs::directory_entry& entry : fs::directory_iterator(found)) {
        if (!entry.is_directory() && is_program(entry.path())) inside.push_back(entry.path());
        if (!entry.is_directory() && entry.path().extension() == ".sql") sql.push_back(entry.path());
      }
      if (inside.empty()) inside = std::move(sql);
      std::sort(inside.begin(), inside.end());
      out.insert(out.end(), inside.begin(), inside.end());
    }
  }
  std::vector<fs::path> unique;
  for (const fs::path& file : out)
    if (std::find(unique.begin(), unique.end(), file) == unique.end()) unique.push_back(file);
  if (!unique.empty()) return unique;
  ErrorContext context;
  if (config.file) context.at.file = config.file->string();
  context.hint = "Paths are relative to " + config.directory.string() + ".";
  throw Error("No schema files found for path '" + text::join(config.schema, "', '") + "'", context);
}

}  // namespace sluice::cli
