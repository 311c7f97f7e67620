#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "read/typescript/declaration.hpp"
#include "read/typescript/drizzle.hpp"
#include "read/typescript/evaluate.hpp"
#include "read/typescript/packages.hpp"
#include "read/typescript/schema_entry.hpp"
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
    context.diagnostics.push_back({.code = "no-such-file",
                                   .message = "the schema file " + file.string() +
                                              (directory ? " is a directory" : " does not exist"),
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
  return "; the other is in " + texts.name(file) + (line > 0 ? ":" + std::to_string(line) : "");
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
  throw Error(errors == 1 ? first->message : "the schema has " + std::to_string(errors) + " errors", std::move(context));
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

}  // namespace

SchemaJson schema_json(const std::vector<fs::path>& files, const std::string& casing, const TypeScriptOptions& options) {
  check_files(files);
  const fs::path project = fs::absolute(options.project).lexically_normal();
  const fs::path first = fs::absolute(files.front()).lexically_normal();

  const SchemaEntry entry = schema_entry(files);
  Script script;
  script.file = first;
  script.request = {entry.code, project, external_flags()};
  script.request.flags.push_back("--define:import.meta.url=" + json("file://" + first.string()).dump());
  script.request.flags.push_back("--define:import.meta.dirname=" + json(first.parent_path().string()).dump());
  script.finish = "const r=__sluice.extract(__sluice.modules," + json(casing).dump() +
                  ");__sluice.second=r.json;return JSON.stringify({problems:r.problems,sources:r.sources,properties:r.properties})";
  bundle_script(script);

  Drizzle drizzle;
  load_drizzle(choose_drizzle(first.parent_path(), project), options.use_cache, drizzle);
  Outcome outcome = run_script(script, drizzle.image, options);

  const json result = json::parse(outcome.value);
  Texts texts(entry.files);
  SchemaJson schema;
  schema.diagnostics = diagnostics_of(result.at("problems"), texts, script);
  throw_errors(schema.diagnostics);
  schema.sources = sources_of(result.at("sources"), texts);
  for (const json& p : result.at("properties"))
    schema.properties[{p.at(0).get<std::string>(), p.at(1).get<std::string>(), p.at(2).get<std::string>()}] =
        p.at(3).get<std::string>();
  schema.json = std::move(outcome.second);
  return schema;
}

}  // namespace sluice::read
