// A live database → schema.ts and relations.ts (or SQL), and the migration and snapshot that later ones start from.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "apply/lock.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/live.hpp"
#include "cli/migration_text.hpp"
#include "cli/written.hpp"
#include "history/folder.hpp"
#include "model/snapshot.hpp"
#include "read/typescript/typescript.hpp"
#include "server/user_session.hpp"
#include "write/cpp.hpp"
#include "write/typescript.hpp"

namespace sluice::cli {

namespace {

using namespace model;

struct PullOptions {
  Overrides overrides;
  std::string format = "ts";
  std::optional<std::string> casing, breakpoints;
  bool baseline = false;
};

std::vector<plan::Statement> statements_of(const Schema& schema) {
  plan::Options options;
  options.exact_row_security = true;
  return plan::make({}, schema, diff::compare({}, schema), options).statements;
}

// What drizzle evaluates the file to: the snapshot is made of this, so that generate finds nothing to do.
Schema evaluated(const fs::path& file, const Config& config) {
  read::TypeScriptOptions options;
  options.project = config.directory;
  options.environment = config.environment;
  options.use_cache = false;
  return parse_snapshot(read::schema_json({file}, config.casing, options).json, "the schema").schema;
}

// The same for a folder of drizzle-kit 1.0.
Rows evaluated_rows(const fs::path& file, const Config& config, const Schema& known) {
  read::TypeScriptOptions options;
  options.project = config.directory;
  options.environment = config.environment;
  options.use_cache = false;
  options.rows = true;
  Rows rows(Row::parse(read::schema_json({file}, config.casing, options).json), "the schema");
  keep_names(rows_of(known), rows);
  return rows;
}

// Objects that mean something else in the file than in the database; none, or we have a bug or drizzle no word.
std::vector<std::string> differences(const Schema& database, Schema file) {
  auto policies = by_table<Policy>(file);
  for (Table& table : all<Table>(file)) table.row_security = table.row_security || policies.contains(table.key);
  diff::Changes changes = diff::compare(file, database);
  std::vector<std::string> out;
  auto each = [&](const auto& kind) {
    using Kind = typename std::remove_cvref_t<decltype(kind.created)>::value_type;
    auto add = [&](const Key& key) { out.push_back(std::string(kind_name<Kind>) + " " + display(key)); };
    for (const auto& object : kind.created) add(object.key);
    for (const auto& object : kind.dropped) add(object.key);
    for (const auto& change : kind.altered) add(change.after.key);
    for (const auto& change : kind.renamed) add(change.after.key);
  };
  std::apply([&](const auto&... kinds) { (each(kinds), ...); }, changes.by_kind);
  return out;
}

// "3 × function: touch, work, f": what the file says nothing of.
std::vector<std::string> left_out(const std::vector<read::NotCovered>& notes) {
  std::map<std::string, std::vector<std::string>> by_kind;
  for (const read::NotCovered& note : notes) by_kind[note.kind].push_back(display(note.key));
  std::vector<std::string> out;
  for (auto& [kind, names] : by_kind) {
    names.erase(std::unique(names.begin(), names.end()), names.end());
    size_t count = names.size();
    if (count > 8) names.resize(8);
    out.push_back(fmt::format("{} × {}: {}{}", count, kind, text::join(names, ", "), count > 8 ? ", …" : ""));
  }
  return out;
}

std::string commented(const std::vector<plan::Statement>& statements, bool breakpoints) {
  std::string sql = sql_file("", statements, {}, breakpoints);
  sql = sql.substr(sql.find("\n\n") + 2);
  return "-- Current sql file was generated after introspecting the database\n"
         "-- If you want to run this migration please uncomment this code before executing migrations\n/*\n" +
         text::replace_all(sql, "*/", "* /") + "*/\n";
}

// Writes the migration that the folder begins with; nothing if it has begun. `rows`: the schema as a folder of
// drizzle-kit 1.0 keeps it, if it is to be one.
std::optional<history::Entry> add_first_migration(const Config& config, const Schema& schema,
                                                  const std::optional<Rows>& rows, bool baseline) {
  history::Folder folder = history::Folder::open(config.out);
  if (!folder.entries().empty()) return std::nullopt;
  history::Addition addition;
  if (rows) folder.begin_dated();
  addition.rows = rows;
  addition.name = baseline ? "baseline" : "introspected";
  addition.prefix = config.prefix;
  addition.breakpoints = config.breakpoints;
  addition.schema = schema;
  std::vector<plan::Statement> statements = statements_of(schema);
  std::string tag = folder.next_tag(addition);
  addition.up = baseline ? sql_file("-- Migration: " + tag, statements, {}, config.breakpoints)
                         : commented(statements, config.breakpoints);
  return folder.add(addition);
}

// The folder's migrations are what the database has: their rows are written without running them.
void mark_applied(server::Connection& connection, const Config& config, Terminal& terminal) {
  history::Folder folder = history::Folder::open(config.out);
  apply::take_lock(connection, config.ledger, apply::LockScope::session, {});
  apply::Ledger ledger = apply::read_ledger(connection, config.ledger);
  if (!ledger.rows.empty()) {
    terminal.say("The database has applied migrations already: nothing was marked.");
    return;
  }
  apply::prepare_ledger(connection, config.ledger, ledger);
  server::Transaction transaction(connection);
  for (const history::Entry& entry : folder.entries())
    apply::record(connection, config.ledger, ledger, folder.read(entry), 0, "baseline");
  transaction.commit();
  terminal.success(fmt::format("Marked as applied: {}", folder.entries().back().file_name()));
}

std::string shown(const fs::path& file, const Config& config) {
  fs::path relative = file.lexically_relative(config.directory);
  return relative.empty() || relative.string().starts_with("..") ? file.string() : relative.string();
}

// What stood in the file may have been edited since: it is not thrown away.
void write_schema(const fs::path& file, const std::string& text, const Config& config, Terminal& terminal) {
  if (fs::exists(file) && files::read(file) != text) {
    fs::path before = file;
    before += ".bak";
    fs::rename(file, before);
    terminal.say(shown(file, config) + " has changed; what it said is kept in " + shown(before, config));
  }
  files::write_atomically(file, text);
}

Exit pull(const PullOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::database});
  server::Target target;
  target.url = config.url;
  target.application_name = "sluice pull";
  server::Connection connection(target);
  server::protect(connection);
  config.filters.supabase = is_supabase(connection);
  // SQL is the whole of it: without a filter all schemas are meant, not drizzle-kit's public alone.
  if (options.format == "sql" && config.filters.schemas.empty()) config.filters.schemas = {"*"};
  read::CatalogOptions reading = catalog_options(config, nullptr);
  reading.beyond = options.format == "sql";
  reading.domains = options.format == "cpp";
  reading.tell_all = true;
  read::Catalog catalog = read::catalog(connection, reading);
  for (const std::string& ledger : leave_ledgers(catalog.schema, {}))
    terminal.detail("left alone: " + ledger + ", a project's table of migrations");
  auto count = [&](size_t n, const char* one, const char* many) {
    return fmt::format("{} {}", n, n == 1 ? one : many);
  };
  terminal.success(fmt::format("Read {}, {}, {} and {} of {}",
                               count(all<Table>(catalog.schema).size(), "table", "tables"),
                               count(all<View>(catalog.schema).size(), "view", "views"),
                               count(all<Enum>(catalog.schema).size(), "enum", "enums"),
                               count(all<Policy>(catalog.schema).size(), "policy", "policies"), connection.describe()));

  fs::create_directories(config.out);
  Json answer{{"status", "ok"}};
  auto say_left_out = [&] {
    Json list = Json::array();
    for (const read::NotCovered& note : catalog.not_covered)
      list.push_back({{"kind", note.kind}, {"name", display(note.key)}, {"detail", note.detail}});
    answer["notCovered"] = list;
    for (const std::string& line : left_out(catalog.not_covered)) terminal.warning("not covered: " + line);
    if (terminal.json()) terminal.answer(answer);
  };
  auto say_first_migration = [&](const std::optional<history::Entry>& entry) {
    if (entry) {
      terminal.success("Your SQL migration file is ready: " + shown(config.out / entry->file_name(), config));
      answer["migration"] = entry->tag;
    } else {
      terminal.say("No SQL generated, you already have migrations in project");
    }
  };
  if (options.format == "sql") {
    fs::path file = config.out / "schema.sql";
    write_schema(file, sql_file("-- " + connection.describe(), for_a_file(statements_of(catalog.schema)), {}, false),
                 config, terminal);
    terminal.success("Your schema file is ready: " + shown(file, config));
    answer["schema"] = file.string();
    if (options.baseline) {
      std::optional<Rows> rows;
      if (wants_dated(config)) rows = rows_of(catalog.schema);
      say_first_migration(add_first_migration(config, catalog.schema, rows, true));
      mark_applied(connection, config, terminal);
    }
    say_left_out();
    return Exit::done;
  }

  if (options.format == "cpp") {
    write::Cpp text = write::cpp(catalog.schema);
    fs::path file = config.out / "schema.hpp";
    write_schema(file, text.header, config, terminal);
    terminal.success("Your schema file is ready: " + shown(file, config));
    terminal.say("Its first lines are what sluice_schema() in CMakeLists.txt is given.");
    answer["schema"] = file.string();
    for (const std::string& note : text.notes) terminal.warning(note);
    say_first_migration(add_first_migration(config, catalog.schema, {}, options.baseline));
    if (options.baseline) mark_applied(connection, config, terminal);
    say_left_out();
    return Exit::done;
  }

  write::TypeScriptOptions writing;
  writing.keep_names = options.casing.value_or(config.introspect_casing) == "preserve";
  writing.say_all_names = !config.casing.empty();
  writing.drizzle_1 = read::drizzle_version({}, config.directory).starts_with("1.");
  write::TypeScript text = write::typescript(catalog.schema, writing);
  fs::path schema_file = config.out / "schema.ts", relations_file = config.out / "relations.ts";
  write_schema(schema_file, text.schema, config, terminal);
  terminal.success("Your schema file is ready: " + shown(schema_file, config));
  answer["schema"] = schema_file.string();
  if (!text.relations.empty()) {
    write_schema(relations_file, text.relations, config, terminal);
    terminal.success("Your relations file is ready: " + shown(relations_file, config));
    answer["relations"] = relations_file.string();
  }
  for (const std::string& note : text.notes) terminal.warning(note);

  const bool nothing = all<Table>(catalog.schema).empty() && text.schema.find("export ") == std::string::npos;
  Schema file = nothing ? Schema{} : evaluated(schema_file, config);
  for (const std::string& difference : differences(catalog.schema, file))
    terminal.warning("drizzle has no word for all of it: " + difference);
  std::optional<Rows> rows;
  if (wants_dated(config)) rows = nothing ? rows_of(file) : evaluated_rows(schema_file, config, file);
  say_first_migration(add_first_migration(config, file, rows, options.baseline));
  if (options.baseline) mark_applied(connection, config, terminal);
  say_left_out();
  return Exit::done;
}

void add_named(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& help) {
  auto options = std::make_shared<PullOptions>();
  CLI::App* command = add_command(app, chosen, name, help,
                                  "  sluice pull\n"
                                  "  sluice pull --baseline\n"
                                  "  sluice pull --format sql --url postgresql://localhost:5432/app");
  add_location_options(command, options->overrides, true);
  add_dialect_option(command, options->overrides);
  add_live_options(command, options->overrides);
  command->add_option("--driver", options->overrides.driver, "of drizzle-kit; changes nothing here")
      ->check(CLI::IsMember({"pglite", "aws-data-api"}));
  command->add_option("--format", options->format, "ts: schema.ts and relations.ts; sql: schema.sql; cpp: schema.hpp")
      ->check(CLI::IsMember({"ts", "sql", "cpp"}));
  command->add_option("--introspect-casing", options->casing, "names in the program: camel, or preserve the database's")
      ->check(CLI::IsMember({"camel", "preserve"}));
  command->add_flag("--baseline,--mark-applied,--init", options->baseline,
                    "record the first migration as applied in this database, and write it so that others can run it");
  command
      ->add_option("--breakpoints", options->breakpoints, "of drizzle-kit; they are written as the configuration says")
      ->expected(0, 1);
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return pull(*options, terminal); }; });
}

}  // namespace

void add_pull(CLI::App& app, Chosen& chosen) {
  add_named(app, chosen, "pull", "Write the schema of a database as TypeScript");
  add_named(app, chosen, "introspect", "The same as pull");
}

}  // namespace sluice::cli
