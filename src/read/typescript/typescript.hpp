// From TypeScript to plain JSON. The user's files are bundled by esbuild and evaluated together with the real
// drizzle-orm inside QuickJS, which runs as translated WebAssembly: no file, network or process access, a memory limit
// and a time limit. What comes out is text; model::snapshot turns it into a Schema.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace sluice::read {

struct TypeScriptOptions {
  std::filesystem::path project;                   // directory of the configuration: imports resolve from here
  std::map<std::string, std::string> environment;  // process.env inside
  bool use_cache = true;                           // --force turns it off
  bool rows = false;                               // the schema as drizzle-kit 1.0 keeps it (model/rows.hpp)
  int time_limit_ms = 30'000;
  int memory_limit_mb = 512;
};

// Where an object was declared, for messages: key is "table public.users", "enum public.mood", …
using Sources = std::map<std::string, Location>;

// What the program calls a column, where that is another word than its name in the database says: {"public",
// "sessions", "duration_minutes"} → "duration". Migrations are named with it.
using Properties = std::map<std::array<std::string, 3>, std::string>;

struct SchemaJson {
  std::string json;  // a drizzle-kit version-7 snapshot without id and prevId, or a list of rows
  Sources sources;
  Properties properties;
  std::vector<Diagnostic> diagnostics;  // warnings; errors are thrown
  bool from_cache = false;
};

// Evaluates a drizzle.config.ts/.js/.mjs/.cjs (or reads a .json) and gives its default export as JSON text.
// Throws Error with file and line: syntax error, exception, no default export.
std::string config_json(const std::filesystem::path& config_file, const TypeScriptOptions& options);

// Evaluates the schema files with the project's drizzle-orm (or the embedded one) and gives what drizzle-kit 0.31's
// serializer would write. `casing` is "", "camelCase" or "snake_case". Throws Error whose diagnostics name file and
// line.
SchemaJson schema_json(const std::vector<std::filesystem::path>& files, const std::string& casing,
                       const TypeScriptOptions& options);

// The version of drizzle-orm that the schema files or the project find; "" if none is installed.
std::string drizzle_version(const std::vector<std::filesystem::path>& files, const std::filesystem::path& project);

}  // namespace sluice::read
