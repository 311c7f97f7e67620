#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "read/typescript/cache.hpp"
#include "read/typescript/declaration.hpp"
#include "read/typescript/drizzle.hpp"
#include "read/typescript/evaluate.hpp"
#include "read/typescript/packages.hpp"
#include "read/typescript/schema_entry.hpp"
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

// Texts of the schema files, read when a line is asked for.
class Texts {
 public:
  explicit Texts(const std::vector<fs::path>& files) : files_(files), texts_(files.size()) {}
  const std::string& of(size_t file) {
    if (!texts_[file]) {
      auto text = files::read_if_exists(files_[file]);
      texts_[file] = text ? std::move(*text) : std::string();
    }
    return *texts_[file];
  }
  std::string name(size_t file) const { return files_[file].string(); }
  size_t size() const { return files_.size(); }

 private:
  const std::vector<fs::path>& files_;
  std::vector<std::optional<std::string>> texts_;
};

std::string text_of(const json& value, const char* key) {
  const auto found = value.find(key);
  return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Location place_of(const json& problem, Texts& texts, StackReader& stacks) {
  Location at;
  if (const std::string stack = text_of(problem, "stack"); !stack.empty()) at = stacks.locate(stack);
  if (at.known()) return at;
  const auto file = problem.find("file");
  if (file == problem.end() || !file->is_number_unsigned() || file->get<size_t>() >= texts.size()) return at;
  const size_t number = file->get<size_t>();
  at.file = texts.name(number);
  auto search = problem.value("search", std::vector<std::string>());
  if (!search.empty()) at.line = line_of_any(texts.of(number), search, search.back());
  return at;
}

// "…: exports users (src/a.ts:3) and people (src/b.ts:7)" needs the place of the other one as well.
std::string also(const json& problem, Texts& texts) {
  const auto other = problem.find("also");
  if (other == problem.end()) return {};
  const auto file = other->value("file", size_t{0});
  if (file >= texts.size()) return {};
  const int line = line_of_export(texts.of(file), text_of(*other, "name"));
  return "; the other is in " + shown_path(texts.name(file)) + (line > 0 ? ":" + std::to_string(line) : "");
}

std::vector<Diagnostic> diagnostics_of(const json& problems, Texts& texts, const Script& script) {
  std::vector<Diagnostic> diagnostics;
  StackReader stacks(script);
  for (const json& problem : problems) {
    Diagnostic diagnostic;
    diagnostic.severity = text_of(problem, "severity") == "warning" ? Severity::warning : Severity::error;
    diagnostic.code = text_of(problem, "code");
    diagnostic.message = text_of(problem, "message") + also(problem, texts);
    diagnostic.hint = text_of(problem, "hint");
    diagnostic.at = place_of(problem, texts, stacks);
    diagnostics.push_back(std::move(diagnostic));
  }
  return diagnostics;
}

void throw_errors(const std::vector<Diagnostic>& diagnostics) {
  const auto errors = std::count_if(diagnostics.begin(), diagnostics.end(),
                                    [](const Diagnostic& d) { return d.severity == Severity::error; });
  if (errors == 0) return;
  const auto first = std::find_if(diagnostics.begin(), diagnostics.end(),
                                  [](const Diagnostic& d) { return d.severity == Severity::error; });
  ErrorContext context;
  context.at = first->at;
  context.hint = errors == 1 ? first->hint : "";
  context.diagnostics = diagnostics;
  throw Error(errors == 1 ? first->message : "the schema has " + std::to_string(errors) + " errors",
              std::move(context));
}

Sources sources_of(const json& list, Texts& texts) {
  Sources sources;
  for (const json& item : list) {
    const size_t file = item.at(1).get<size_t>();
    sources[item.at(0).get<std::string>()] = {texts.name(file),
                                              line_of_export(texts.of(file), item.at(2).get<std::string>()), 0};
  }
  return sources;
}

Properties properties_of(const json& list) {
  Properties properties;
  for (const json& item : list) properties[{item.at(0), item.at(1), item.at(2)}] = item.at(3);
  return properties;
}

json to_json(const Properties& properties) {
  json list = json::array();
  for (const auto& [key, word] : properties) list.push_back({key[0], key[1], key[2], word});
  return list;
}

// What is kept between runs, and back.
json to_json(const SchemaJson& schema) {
  json sources = json::object(), diagnostics = json::array();
  for (const auto& [key, at] : schema.sources) sources[key] = {at.file, at.line};
  for (const Diagnostic& d : schema.diagnostics) {
    diagnostics.push_back({d.code, d.message, d.at.file, d.at.line, d.at.column, d.hint});
  }
  return {{"sources", sources}, {"diagnostics", diagnostics}, {"properties", to_json(schema.properties)}};
}

std::optional<SchemaJson> from_cache(std::optional<std::string> kept) {
  const size_t end = kept ? kept->find('\n') : std::string::npos;
  if (end == std::string::npos) return std::nullopt;
  SchemaJson schema;
  const json about = json::parse(kept->begin(), kept->begin() + std::ptrdiff_t(end));
  for (const auto& [key, at] : about.at("sources").items()) schema.sources[key] = {at.at(0), at.at(1), 0};
  for (const json& d : about.at("diagnostics")) {
    schema.diagnostics.push_back({Severity::warning, d.at(0), d.at(1), {d.at(2), d.at(3), d.at(4)}, d.at(5)});
  }
  schema.properties = properties_of(about.at("properties"));
  schema.json = kept->substr(end + 1);
  schema.from_cache = true;
  return schema;
}

std::string cache_key(const std::vector<fs::path>& files, const fs::path& project, const std::string& casing,
                      const DrizzleChoice& drizzle) {
  std::string key = project.string() + "\n" + casing + "\n" + drizzle.version + "\n" + drizzle.package.string() + "\n";
  for (const fs::path& file : files) key += fs::absolute(file).lexically_normal().string() + "\n";
  return key;
}

Script schema_script(const SchemaEntry& entry, const fs::path& project, const std::string& casing) {
  Script script;
  script.file = entry.files.front();
  script.request = {entry.code, project, external_flags()};
  script.request.flags.push_back("--define:import.meta.url=" + json("file://" + script.file.string()).dump());
  script.request.flags.push_back("--define:import.meta.dirname=" + json(script.file.parent_path().string()).dump());
  script.request.flags.push_back("--define:import.meta.filename=" + json(script.file.string()).dump());
  if (!casing.empty()) script.prepare = "__sluice.useCasing(" + json(casing).dump() + ")";
  script.finish =
      "const r=__sluice.extract(__sluice.modules," + json(casing).dump() +
      ");__sluice.second=r.json;return JSON.stringify({problems:r.problems,sources:r.sources,properties:r.properties})";
  return script;
}

// Paths are absolute in here.
SchemaJson read_schema(const std::vector<fs::path>& files, const std::string& casing,
                       const TypeScriptOptions& options) {
  check_files(files);
  const fs::path project = fs::absolute(options.project).lexically_normal();
  const DrizzleChoice choice = choose_drizzle(fs::absolute(files.front()).lexically_normal().parent_path(), project);
  const CacheEntry cache("schema", cache_key(files, project, casing, choice));
  if (options.use_cache) {
    if (auto kept = from_cache(cache.find(options.environment))) return std::move(*kept);
  }

  SchemaEntry entry = schema_entry(files);
  Script script = schema_script(entry, project, casing);
  Bundle bundle = bundle_script(script);
  if (entry.unresolved) {
    // Where a star leads decides the order of what comes from it.
    SchemaEntry complete = schema_entry(files, bundle.resolved);
    if (complete.code != entry.code) {
      entry = std::move(complete);
      script = schema_script(entry, project, casing);
      bundle = bundle_script(script);
    }
  }
  Drizzle drizzle;
  load_drizzle(choice, options.use_cache, drizzle);
  Outcome outcome = run_script(script, drizzle.image, options);

  const json result = json::parse(outcome.value);
  Texts texts(entry.files);
  SchemaJson schema;
  schema.diagnostics = diagnostics_of(result.at("problems"), texts, script);
  throw_errors(schema.diagnostics);
  schema.sources = sources_of(result.at("sources"), texts);
  schema.properties = properties_of(result.at("properties"));
  schema.json = std::move(outcome.second);
  if (options.use_cache)
    cache.keep(to_json(schema).dump() + "\n" + schema.json, bundle.inputs, outcome.names, options.environment);
  return schema;
}

}  // namespace

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
