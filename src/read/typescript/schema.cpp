#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "read/typescript/cache.hpp"
#include "read/typescript/drizzle.hpp"
#include "read/typescript/evaluate.hpp"
#include "read/typescript/packages.hpp"
#include "read/typescript/schema_entry.hpp"
#include "read/typescript/schema_result.hpp"
#include "read/typescript/shown_path.hpp"
#include "read/typescript/typescript.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void check_files(const std::vector<fs::path>& files) {
  ErrorContext context;
  for (const fs::path& file : files) {
    std::error_code error;
    if (fs::is_regular_file(file, error)) continue;
    const bool directory = fs::is_directory(file, error);
    context.diagnostics.push_back(
        {.code = "no-such-file",
         .message = "the schema file " + file.string() + (directory ? " is a directory" : " does not exist"),
         .at = {file.string(), 0, 0},
         .hint = "check `schema` in the configuration"});
  }
  if (files.empty()) {
    throw Error("no schema files were given", {.hint = "check `schema` in the configuration"});
  }
  if (context.diagnostics.empty()) return;
  context.at = context.diagnostics.front().at;
  context.hint = context.diagnostics.front().hint;
  const std::string message = context.diagnostics.front().message;
  throw Error(message, std::move(context));
}

std::string cache_key(const std::vector<fs::path>& files, const fs::path& project, const std::string& casing,
                      const DrizzleChoice& drizzle, bool rows) {
  std::string key = (rows ? "rows " : "") + project.string() + "\n" + casing + "\n" + drizzle.version + "\n" +
                    drizzle.package.string() + "\n";
  for (const fs::path& file : files) key += fs::absolute(file).lexically_normal().string() + "\n";
  return key;
}

Script schema_script(const SchemaEntry& entry, const fs::path& project, const std::string& casing, bool rows) {
  Script script;
  script.file = entry.files.front();
  script.request = {entry.code, project, external_flags(), entry.files.size() <= 8};
  script.request.flags.push_back("--define:import.meta.url=" + json("file://" + script.file.string()).dump());
  script.request.flags.push_back("--define:import.meta.dirname=" + json(script.file.parent_path().string()).dump());
  script.request.flags.push_back("--define:import.meta.filename=" + json(script.file.string()).dump());
  if (!casing.empty()) script.prepare = "__sluice.useCasing(" + json(casing).dump() + ")";
  script.finish =
      "const r=__sluice.extract(__sluice.modules," + json(casing).dump() + (rows ? ",true" : "") +
      ");__sluice.second=r.json;return JSON.stringify({problems:r.problems,sources:r.sources,properties:r.properties})";
  return script;
}

// Paths are absolute in here.
SchemaJson read_schema(const std::vector<fs::path>& files, const std::string& casing,
                       const TypeScriptOptions& options) {
  check_files(files);
  const fs::path project = fs::absolute(options.project).lexically_normal();
  const DrizzleChoice choice = choose_drizzle(fs::absolute(files.front()).lexically_normal().parent_path(), project);
  const CacheEntry cache("schema", cache_key(files, project, casing, choice, options.rows));
  if (options.use_cache) {
    if (const auto kept = cache.find(options.environment)) {
      if (auto schema = parse_kept(*kept)) return std::move(*schema);
    }
  }

  SchemaEntry entry = schema_entry(files);
  Script script = schema_script(entry, project, casing, options.rows);
  Bundle bundle = bundle_script(script);
  if (entry.unresolved) {
    // Where a star leads decides the order of what comes from it.
    SchemaEntry complete = schema_entry(files, bundle.resolved);
    if (complete.code != entry.code) {
      entry = std::move(complete);
      script = schema_script(entry, project, casing, options.rows);
      bundle = bundle_script(script);
    }
  }
  Drizzle drizzle;
  load_drizzle(choice, options.use_cache, drizzle);
  Outcome outcome = run_script(script, drizzle.image, options);

  StackReader stacks(script);
  SchemaJson schema =
      parse_result(outcome.value, entry.files, [&](const std::string& stack) { return stacks.locate(stack); });
  schema.json = std::move(outcome.second);
  if (options.use_cache) cache.keep(print_kept(schema), bundle.inputs, outcome.names, options.environment);
  return schema;
}

}  // namespace

std::string drizzle_version(const std::vector<fs::path>& files, const fs::path& project) {
  const fs::path root = fs::absolute(project).lexically_normal();
  const fs::path from = files.empty() ? root : fs::absolute(files.front()).lexically_normal().parent_path();
  const DrizzleChoice choice = choose_drizzle(from, root);
  return choice.package.empty() ? "" : choice.version;
}

SchemaJson schema_json(const std::vector<fs::path>& files, const std::string& casing,
                       const TypeScriptOptions& options) {
  try {
    SchemaJson schema = read_schema(files, casing, options);
    for (auto& [key, at] : schema.sources) at.file = shown_path(at.file);
    for (Diagnostic& diagnostic : schema.diagnostics) diagnostic.at.file = shown_path(diagnostic.at.file);
    return schema;
  } catch (Error& error) {
    show_paths(error.context);
    throw;
  }
}

}  // namespace sluice::read
