#include "cli/written.hpp"

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/replay.hpp"
#include "cli/schema_named.hpp"
#include "history/dated.hpp"
#include "model/beyond.hpp"
#include "model/names.hpp"
#include "plan/plan.hpp"
#include "read/program/program.hpp"
#include "read/sql/sql.hpp"
#include "read/typescript/typescript.hpp"

namespace sluice::cli {

namespace {

using namespace model;

bool is_sql(const fs::path& file) { return file.extension() == ".sql"; }

std::string read_typescript(const std::vector<fs::path>& files, const Config& config, bool force, bool rows,
                            plan::PropertyNames* properties, Terminal& terminal, read::Places* places = nullptr) {
  read::TypeScriptOptions options;
  options.project = config.directory;
  options.environment = config.environment;
  options.use_cache = !force;
  options.rows = rows;
  read::SchemaJson result = read::schema_json(files, config.casing, options);
  for (const Diagnostic& diagnostic : result.diagnostics) terminal.print(diagnostic);
  if (properties)
    for (auto& [key, name] : result.properties) (*properties)[{key[0], key[1], key[2]}] = name;
  if (places) *places = std::move(result.sources);
  return std::move(result.json);
}

std::string shown(const fs::path& file, const Config& config) {
  fs::path relative = file.lexically_relative(config.directory);
  return relative.empty() || relative.string().starts_with("..") ? file.string() : relative.string();
}

std::vector<std::string> statements_of(const Schema& schema, bool deferrable_cycles = false) {
  plan::Options options;
  options.deferrable_cycles = deferrable_cycles;
  std::vector<std::string> out;
  for (const plan::Statement& statement : plan::make({}, schema, diff::compare({}, schema), options).statements)
    out.push_back(statement.transactional ? statement.sql : text::replace_all(statement.sql, " CONCURRENTLY ", " "));
  return out;
}

// Supabase's schema auth, where the files lean on it and do not make it.
bool leans_on_supabase(const std::vector<read::SqlFile>& files, const Schema& typescript) {
  bool named = is_supabase(typescript);
  for (const read::SqlFile& file : files) {
    std::string lower = text::to_lower(file.text);
    for (const char* schema : {"create schema auth", "create schema if not exists auth"})
      if (lower.find(schema) != std::string::npos) return false;
    for (const char* name : {"auth.uid", "auth.users", "auth.jwt", "auth.role"})
      named = named || lower.find(name) != std::string::npos;
  }
  return named;
}

read::SqlOptions sql_options(const Config& config, bool force, std::optional<int> major) {
  read::SqlOptions options;
  options.project = config.directory;
  options.major = major;
  options.use_cache = !force;
  return options;
}

void say_not_covered(const std::vector<read::NotCovered>& notes, Terminal& terminal) {
  for (const read::NotCovered& note : notes)
    terminal.warning("not covered: " + note.kind + " " + display(note.key) +
                     (note.detail.empty() ? "" : " (" + note.detail + ")") +
                     "; put it into a migration of its own ('sluice generate --custom')");
}

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

[[noreturn]] void refuse_dated(const Config& config) {
  ErrorContext context;
  if (config.file) context.at.file = config.file->string();
  context.hint = "Give 'out' a folder of its own.";
  throw Error("a schema in C++ keeps its migrations as drizzle-kit 0.31 does, and " +
                  fs::proximate(config.out).string() + " is a folder of drizzle-kit 1.0",
              context);
}

// What only the SQL files say, as far as drizzle has words for it.
void add_rows_of(const Schema& schema, const Config& config, Rows& rows) {
  const history::Folder folder = history::Folder::open(config.out);
  const Rows known = folder.dated() ? folder.dated_snapshots().state() : Rows();
  const Rows all = rows_of(schema, known);
  for (const Row& row : all.list())
    if (!rows.find(key_of(row))) rows.add(row);
}

// What PostgreSQL makes of a schema, or nothing if it cannot stand alone.
std::optional<Schema> as_catalog(const Schema& schema, const Config& config) {
  read::SqlOptions options = sql_options(config, false, std::nullopt);
  options.before = statements_of(schema);
  if (is_supabase(schema)) options.prepare = make_supabase;
  try {
    Schema out = read::sql_schema({}, options).schema;
    all<Role>(out) = all<Role>(schema);
    return out;
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    return std::nullopt;
  }
}

}  // namespace

bool has_sql(const Config& config) {
  if (schema_program(config)) return false;
  std::vector<fs::path> files = schema_files(config);
  return std::any_of(files.begin(), files.end(), is_sql);
}

bool wants_dated(const Config& config) {
  if (history::is_dated(config.out)) return true;
  if (fs::exists(config.out / "meta" / "_journal.json") || schema_program(config)) return false;
  std::vector<fs::path> files;
  for (const std::string& pattern : config.schema)  // which need not be there yet
    if (!files::glob(config.directory, pattern).empty()) {
      files = schema_files(config);
      break;
    }
  return read::drizzle_version(files, config.directory).starts_with("1.");
}

Rows read_rows(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal,
               read::Places* places) {
  std::vector<fs::path> files = schema_files(config);
  std::erase_if(files, is_sql);
  if (files.empty()) return {};
  Rows rows(Row::parse(read_typescript(files, config, force, true, properties, terminal, places)), "the schema");
  // Names that nobody gave are those that the migrations gave.
  if (const history::Folder folder = history::Folder::open(config.out); folder.dated())
    keep_names(folder.dated_snapshots().state(), rows);
  return rows;
}

Written read_written(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal,
                     std::optional<int> major) {
  if (std::optional<fs::path> program = schema_program(config)) {
    if (history::is_dated(config.out)) refuse_dated(config);
    Written out;
    out.schema = read::program_schema(*program);
    return out;
  }
  std::vector<fs::path> programs;
  std::vector<read::SqlFile> files;
  for (const fs::path& file : schema_files(config)) {
    if (is_sql(file))
      files.push_back({shown(file, config), files::read(file)});
    else
      programs.push_back(file);
  }
  Written out;
  read::Places places;
  if (wants_dated(config)) {
    out.rows = read_rows(config, force, properties, terminal, &places);
    out.schema = schema_of(*out.rows);
  } else if (!programs.empty())
    out.schema =
        parse_snapshot(read_typescript(programs, config, force, false, properties, terminal, &places), "the schema")
            .schema;
  if (files.empty()) return out;
  out.only_sql = programs.empty();
  read::SqlOptions options = sql_options(config, force, major);
  options.before = statements_of(out.schema, config.settings.deferrable_cycles);
  options.places = std::move(places);
  if (leans_on_supabase(files, out.schema)) options.prepare = make_supabase;
  out.major = read::sql_major(options);
  read::SqlSchema read = read::sql_schema(files, options);
  // An index that no server here can build stays in its own words.
  for (const Index& index : all<Index>(out.schema))
    if (!find<Index>(read.schema, {index.key.schema, index.key.table, clipped(index.key.name)}))
      all<Index>(read.schema).push_back(index);
  out.schema = out.only_sql ? read.schema : with_beyond(std::move(out.schema), read.schema, true);
  if (out.rows) add_rows_of(out.schema, config, *out.rows);
  out.read_back = std::move(read.schema);
  out.not_covered = std::move(read.not_covered);
  say_not_covered(out.not_covered, terminal);
  return out;
}

Schema known_in_words_of(const Written& written, Schema known, const history::Folder& folder, const Config& config,
                         Terminal& terminal, bool& adopted) {
  adopted = false;
  if (!written.read_back || folder.entries().empty()) return known;
  bool told = std::any_of(folder.entries().begin(), folder.entries().end(),
                          [&](const history::Entry& entry) { return fs::exists(folder.path() / entry.beyond_name()); });
  if (!told && is_beyond_drizzle(written.schema)) {
    terminal.say("The snapshots are from before the SQL files: running the migrations to see what they have made");
    Replay replay(config, folder, std::nullopt);
    replay.up_to_all([](const history::Entry&) { return true; });
    Schema made = replay.catalog(true).schema;
    all<Role>(made) = all<Role>(known);
    adopted = true;
    return written.only_sql ? made : with_beyond(known, made, false);
  }
  if (diff::compare(known, written.schema).empty()) return known;
  std::optional<Schema> catalog = as_catalog(known, config);
  if (!catalog) return known;
  return written.only_sql ? *catalog : with_beyond(known, *catalog, false);
}

void leave_to_others(read::Catalog& catalog, const Schema& wanted) {
  auto leave = [&](auto& objects, auto&& ours) {
    using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
    std::erase_if(objects, [&](const Kind& object) {
      if (ours(object)) return false;
      catalog.not_covered.push_back({std::string(kind_name<Kind>), object.key, "not named by the schema", false});
      return true;
    });
  };
  auto named = [&](const auto& object) {
    using Kind = std::remove_cvref_t<decltype(object)>;
    return find<Kind>(wanted, object.key) != nullptr;
  };
  leave(all<Extension>(catalog.schema), named);
  leave(all<Publication>(catalog.schema), named);
  leave(all<EventTrigger>(catalog.schema), named);
  std::set<std::string> grantees;
  for (const Grant& grant : all<Grant>(wanted)) grantees.insert(grant.grantee);
  leave(all<Grant>(catalog.schema), [&](const Grant& grant) { return grantees.contains(grant.grantee); });
  bool comments = !all<Comment>(wanted).empty();
  leave(all<Comment>(catalog.schema), [&](const Comment&) { return comments; });
}

void refuse_impossible(const diff::Changes& changes) {
  for (const auto& change : diff::of<Table>(changes).altered) {
    if (!change.has("_partitionBy")) continue;
    ErrorContext context;
    context.state = "Nothing was written.";
    context.hint =
        "Make the partitioned table under another name, copy the rows in a migration of your own "
        "('sluice generate --custom'), then drop the old one and rename the new one.";
    throw Error("the table " + display(change.after.key) +
                    " cannot become partitioned, be partitioned in another way or stop to be, in place",
                context);
  }
}

std::vector<plan::Statement> for_a_file(std::vector<plan::Statement> statements) {
  for (plan::Statement& statement : statements)
    if (statement.sql == "SET LOCAL check_function_bodies = false;")
      statement.sql = "SET check_function_bodies = false;";
  return statements;
}

}  // namespace sluice::cli
