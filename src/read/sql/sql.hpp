// SQL files → Schema. PostgreSQL reads them: they are run on a scratch server, each statement as soon as what it needs
// is there, so that neither the order of the files nor that of the statements matters; then the catalog is read.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "read/catalog/catalog.hpp"

namespace sluice::read {

struct SqlFile {
  std::string name;  // for messages
  std::string text;
};

// Where another source declares what: "table public.users", "enum public.mood" …
using Places = std::map<std::string, Location>;

struct SqlOptions {
  std::filesystem::path project;    // where to look for a server's programs
  std::optional<int> major;         // of that PostgreSQL version, if it is installed
  std::vector<std::string> before;  // statements of another source (TypeScript), run together with the files'
  Places places;                    // for messages about those
  // What the project finds in its database before its own schema; its PostgreSQL schemas are not read.
  std::function<void(server::Connection&)> prepare;
  bool use_cache = true;
};

struct SqlSchema {
  model::Schema schema;
  std::vector<NotCovered> not_covered;
};

// The major version of PostgreSQL that sql_schema() reads with; 0 if there is none.
int sql_major(const SqlOptions& options);

// Throws Error with diagnostics (file and line) for what PostgreSQL does not understand or take, and for statements
// that are not about a schema.
SqlSchema sql_schema(const std::vector<SqlFile>& files, const SqlOptions& options);

}  // namespace sluice::read
