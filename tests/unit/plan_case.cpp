#include "plan_case.hpp"

#include <cstdlib>

#include "base/files.hpp"
#include "base/text.hpp"
#include "model/distribution.hpp"
#include "model/snapshot.hpp"
#include "read/typescript/typescript.hpp"

namespace sluice::tests {

namespace {

namespace fs = std::filesystem;

// A directory of the test's own, gone after it.
struct TemporaryDirectory {
  fs::path path;
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "sluice-case-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { fs::remove_all(path); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
};

// Cases say only what they are about: the imports that nearly every schema has are added.
constexpr const char* imports =
    "import { sql, relations } from 'drizzle-orm'; import { QueryBuilder } from 'drizzle-orm/pg-core';"
    "import * as pg from 'drizzle-orm/pg-core'; import { bigint, bigserial, boolean, char, check, customType, date, "
    "doublePrecision, foreignKey, index, integer, interval, json, jsonb, numeric, pgEnum, pgMaterializedView, "
    "pgPolicy, "
    "pgRole, pgSchema, pgSequence, pgTable, pgView, primaryKey, real, serial, smallint, smallserial, text, time, "
    "timestamp, "
    "unique, uniqueIndex, uuid, varchar, vector } from 'drizzle-orm/pg-core';\n";

model::Schema evaluate(const std::string* source, const std::string& name, plan::PropertyNames* properties) {
  if (!source) return {};
  TemporaryDirectory directory;
  fs::path file = directory.path / name;
  bool has_imports = source->find("from 'drizzle-orm") != std::string::npos;
  files::write_atomically(file, (has_imports ? "" : imports) + *source);
  read::TypeScriptOptions options;
  options.project = directory.path;
  options.use_cache = false;
  read::SchemaJson json = read::schema_json({file}, "", options);
  if (properties)
    for (const auto& [key, property] : json.properties) (*properties)[{key[0], key[1], key[2]}] = property;
  return model::parse_snapshot(json.json, name).schema;
}

// What TypeScript has no word for: "countries reference", "orders by tenant_id", "orders by tenant_id with tenants".
void distribute(model::Schema& schema, const std::vector<std::string>& lines) {
  std::map<model::Key, std::string> groups;
  for (const std::string& line : lines) {
    const std::vector<std::string> words = text::split(line, " ");
    for (model::Table& table : model::all<model::Table>(schema)) {
      if (model::display(table.key) != words[0]) continue;
      table.distributed = {{words[1], {words.size() > 2 ? words[2] : "true", words.size() > 2}}};
      if (words.size() > 2) groups[table.key] = words.size() > 4 ? words[4] : words[0];
    }
  }
  model::set_colocation(schema, groups);
}

}  // namespace

PlanInput read_plan_input(const CaseFile& file) {
  PlanInput input;
  input.before = evaluate(file.find("before.ts"), "before.ts", nullptr);
  input.after = evaluate(file.find("after.ts"), "after.ts", &input.properties);
  distribute(input.before, file.lines("before distributed"));
  distribute(input.after, file.lines("after distributed"));
  std::vector<std::string> renames;
  for (const std::string& line : file.lines("flags")) {
    std::string word = line.substr(0, line.find(' ')), rest = line.substr(line.find(' ') + 1);
    if (word == "rename") renames.push_back(rest);
    if (word == "drop") input.answers.drops.push_back(rest);
    if (word == "backfill") input.options.backfill[rest.substr(0, rest.find('='))] = rest.substr(rest.find('=') + 1);
  }
  input.answers.renames = diff::parse_renames(renames, input.before, input.after);
  return input;
}

}  // namespace sluice::tests
