#include "cli/migration_text.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>

#include "base/text.hpp"
#include "read/program/program.hpp"
#include "read/typescript/typescript.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

std::string today() {
  std::time_t now = std::time(nullptr);
  return fmt::format("{:%Y-%m-%d}", fmt::localtime(now));
}

std::string sql_file(const std::string& first_comment, const std::vector<plan::Statement>& statements,
                     const std::vector<std::string>& notes, bool breakpoints) {
  std::string out = first_comment + "\n-- Created: " + today() + "\n";
  for (const std::string& note : notes) out += "-- " + note + "\n";
  out += "\n";
  for (size_t i = 0; i < statements.size(); i++) {
    // sluice migrate reads these; to others they are comments.
    if (statements[i].step) out += "-- sluice:step\n";
    if (statements[i].backfill) out += "-- sluice:backfill\n";
    if (statements[i].no_keep) out += "-- sluice:no-keep\n";
    if (!statements[i].allow.empty()) out += "-- sluice:allow " + statements[i].allow + "\n";
    out += statements[i].sql;
    if (i + 1 < statements.size()) out += breakpoints ? std::string(sql::breakpoint) + "\n" : "\n";
  }
  return out.ends_with('\n') ? out : out + "\n";
}

namespace {

// The program that the schema is compiled to, if it is one in C++.
std::optional<fs::path> schema_program(const Config& config) {
  auto is_program = [](const std::string& name) { return name.starts_with(read::program_prefix); };
  if (std::none_of(config.schema.begin(), config.schema.end(), is_program)) return std::nullopt;
  if (config.schema.size() > 1) {
    ErrorContext context;
    if (config.file) context.at.file = config.file->string();
    context.hint = "Give all tables to one sluice_schema() in CMakeLists.txt.";
    throw Error("a schema in C++ is one program, and 'schema' names " + std::to_string(config.schema.size()), context);
  }
  return (config.directory / config.schema.front().substr(read::program_prefix.size())).lexically_normal();
}

}  // namespace

model::Schema read_schema(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal) {
  if (std::optional<fs::path> program = schema_program(config)) return read::program_schema(*program);
  read::TypeScriptOptions options;
  options.project = config.directory;
  options.environment = config.environment;
  options.use_cache = !force;
  read::SchemaJson result = read::schema_json(schema_files(config), config.casing, options);
  for (const Diagnostic& diagnostic : result.diagnostics) terminal.print(diagnostic);
  if (properties)
    for (auto& [key, name] : result.properties) (*properties)[{key[0], key[1], key[2]}] = name;
  return model::parse_snapshot(result.json, "the schema").schema;
}

Json to_json(const std::vector<plan::Statement>& statements) {
  Json list = Json::array();
  for (const plan::Statement& statement : statements)
    list.push_back({{"sql", text::trim(statement.sql)}, {"transactional", statement.transactional}});
  return list;
}

}  // namespace sluice::cli
