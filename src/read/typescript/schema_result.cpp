#include "read/typescript/schema_result.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "read/typescript/declaration.hpp"
#include "read/typescript/shown_path.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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

Location place_of(const json& problem, Texts& texts, const LocateStack& locate) {
  Location at;
  if (const std::string stack = text_of(problem, "stack"); !stack.empty()) at = locate(stack);
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

std::vector<Diagnostic> diagnostics_of(const json& problems, Texts& texts, const LocateStack& locate) {
  std::vector<Diagnostic> diagnostics;
  for (const json& problem : problems.get_ref<const json::array_t&>()) {
    Diagnostic diagnostic;
    diagnostic.severity = text_of(problem, "severity") == "warning" ? Severity::warning : Severity::error;
    diagnostic.code = text_of(problem, "code");
    diagnostic.message = text_of(problem, "message") + also(problem, texts);
    diagnostic.hint = text_of(problem, "hint");
    diagnostic.at = place_of(problem, texts, locate);
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
  std::map<size_t, ExportLines> lines;
  for (const json& item : list.get_ref<const json::array_t&>()) {
    if (!item.at(1).is_number_unsigned() || item.at(1).get<size_t>() >= texts.size()) continue;
    const size_t file = item.at(1).get<size_t>();
    ExportLines& of_file = lines.try_emplace(file, texts.of(file)).first->second;
    sources[item.at(0).get<std::string>()] = {texts.name(file), of_file.of(item.at(2).get<std::string>()), 0};
  }
  return sources;
}

Properties properties_of(const json& list) {
  Properties properties;
  for (const json& item : list.get_ref<const json::array_t&>())
    properties[{item.at(0), item.at(1), item.at(2)}] = item.at(3);
  return properties;
}

json to_json(const Properties& properties) {
  json list = json::array();
  for (const auto& [key, word] : properties) list.push_back({key[0], key[1], key[2], word});
  return list;
}

}  // namespace

SchemaJson parse_result(std::string_view result, const std::vector<fs::path>& files, const LocateStack& locate) {
  try {
    const json parsed = json::parse(result);
    Texts texts(files);
    SchemaJson schema;
    schema.diagnostics = diagnostics_of(parsed.at("problems"), texts, locate);
    throw_errors(schema.diagnostics);
    schema.sources = sources_of(parsed.at("sources"), texts);
    schema.properties = properties_of(parsed.at("properties"));
    return schema;
  } catch (const json::exception&) {
    throw Error(
        "the schema was evaluated, but the result cannot be read",
        {.hint = "does the schema, or what it imports, change something global, such as JSON or Array.prototype?",
         .at = {files.empty() ? "" : files.front().string(), 0, 0}});
  }
}

std::string print_kept(const SchemaJson& schema) {
  json sources = json::object(), diagnostics = json::array();
  for (const auto& [key, at] : schema.sources) sources[key] = {at.file, at.line};
  for (const Diagnostic& d : schema.diagnostics) {
    diagnostics.push_back({d.code, d.message, d.at.file, d.at.line, d.at.column, d.hint});
  }
  const json about = {{"sources", sources}, {"diagnostics", diagnostics}, {"properties", to_json(schema.properties)}};
  return about.dump(-1, ' ', false, json::error_handler_t::replace) + "\n" + schema.json;
}

std::optional<SchemaJson> parse_kept(std::string_view text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  try {
    SchemaJson schema;
    const json about = json::parse(text.substr(0, end));
    for (const auto& [key, at] : about.at("sources").items()) schema.sources[key] = {at.at(0), at.at(1), 0};
    for (const json& d : about.at("diagnostics")) {
      schema.diagnostics.push_back({Severity::warning, d.at(0), d.at(1), {d.at(2), d.at(3), d.at(4)}, d.at(5)});
    }
    schema.properties = properties_of(about.at("properties"));
    schema.json = text.substr(end + 1);
    schema.from_cache = true;
    return schema;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace sluice::read
