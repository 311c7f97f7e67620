// Where everything is: from drizzle.config.ts as it stands, the command line, and the environment.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apply/ledger.hpp"
#include "cli/settings.hpp"
#include "history/folder.hpp"
#include "read/catalog/catalog.hpp"

namespace sluice::cli {

namespace fs = std::filesystem;

// What the command line says; it wins over the configuration.
struct Overrides {
  std::optional<std::string> config, out, url, dialect, casing, prefix, driver;
  std::optional<bool> breakpoints;
  std::vector<std::string> schema;
  std::vector<std::string> schema_filter, tables_filter, extensions_filter;
  std::optional<std::string> host, port, user, password, database, ssl;  // drizzle-kit's way to say --url
};

// What of a live database belongs to the schema.
struct Filters {
  std::vector<std::string> schemas, tables, extensions;  // empty: nothing was said
  bool any_roles = false;                                // entities.roles was said
  read::RoleFilter roles;
  bool supabase = false;  // the database is one of Supabase, whose own schemas count only when they are named
};

struct Config {
  fs::path directory;            // the working directory: paths in the configuration are relative to it
  std::optional<fs::path> file;  // drizzle.config.*, if there is one
  std::vector<std::string> schema;
  fs::path out;
  std::string casing;
  std::string url;         // empty if nothing says where the database is
  std::string url_source;  // "--url", "drizzle.config.ts", "DATABASE_URL", "the local server"
  apply::LedgerName ledger;
  history::Prefix prefix = history::Prefix::index;
  bool breakpoints = true;
  Filters filters;
  bool strict = false;                             // push asks before it executes
  std::string introspect_casing = "camel";         // what pull makes of names
  Settings settings;                               // of sluice.toml
  std::map<std::string, std::string> environment;  // the process's and .env's
};

// What a command is going to use; what it does not use need not be there.
enum class Needs { folder, schema, database };

// Throws Error that says which file was looked for, which key is missing, and what to do.
Config load_config(const Overrides& overrides, const std::vector<Needs>& needs);

// A URL of sluice.toml with its $VARIABLE and ${VARIABLE} replaced; empty if one of them is not set. `missing`, if
// given, gets the names of those.
std::string expand(const Config& config, const std::string& url, std::vector<std::string>* missing = nullptr);

// The schema files that config.schema names. Throws Error if there are none.
std::vector<fs::path> schema_files(const Config& config);

}  // namespace sluice::cli
