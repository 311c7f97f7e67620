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

namespace sluice::cli {

namespace fs = std::filesystem;

// What the command line says; it wins over the configuration.
struct Overrides {
  std::optional<std::string> config, out, url, dialect, casing, prefix, driver;
  std::optional<bool> breakpoints;
  std::vector<std::string> schema;
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
  Settings settings;                               // of sluice.toml
  std::map<std::string, std::string> environment;  // the process's and .env's
};

// What a command is going to use; what it does not use need not be there.
enum class Needs { folder, schema, database };

// Throws Error that says which file was looked for, which key is missing, and what to do.
Config load_config(const Overrides& overrides, const std::vector<Needs>& needs);

// The schema files that config.schema names. Throws Error if there are none.
std::vector<fs::path> schema_files(const Config& config);

}  // namespace sluice::cli
