#include "cli/schema_named.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/live.hpp"
#include "cli/migration_text.hpp"
#include "cli/replay.hpp"
#include "cli/stand_ins.hpp"
#include "cli/written.hpp"
#include "history/journal.hpp"
#include "history/version.hpp"
#include "model/beyond.hpp"
#include "read/catalog/catalog.hpp"
#include "read/program/program.hpp"
#include "server/local.hpp"
#include "server/user_session.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

bool is_url(const std::string& text) { return text.starts_with("postgres://") || text.starts_with("postgresql://"); }

[[noreturn]] void unknown(const std::string& text, const std::string& why) {
  ErrorContext context;
  context.hint = std::string("A schema is one of\n") + schema_names;
  throw Error("'" + text + "' " + why, context);
}

// The state after the last migration, or after the one whose number or name stands behind the @.
model::Schema after(const history::Version& version, const std::string& migration, const std::string& text) {
  if (version.entries.empty()) {
    if (migration.empty()) return {};
    unknown(text, "is a migrations folder without migrations");
  }
  size_t place = version.entries.size() - 1;
  if (!migration.empty()) {
    const history::Entry* found = history::find_entry(version.entries, migration);
    if (!found) {
      ErrorContext context;
      context.hint = "It has " + version.entries.front().tag + " to " + version.entries.back().tag + ".";
      throw Error("there is no migration '" + migration + "' in " + version.name, context);
    }
    place = static_cast<size_t>(found - version.entries.data());
  }
  std::optional<model::Snapshot> snapshot = version.snapshot(place);
  if (!snapshot) {
    ErrorContext context;
    context.hint = "Restore meta/ from version control.";
    throw Error("there is no snapshot of " + version.entries[place].tag + " in " + version.name, context);
  }
  return std::move(snapshot->schema);
}

model::Schema in_folder(const fs::path& folder, const std::string& migration, const std::string& text) {
  history::Folder opened = history::Folder::open(folder);
  return after(history::version_on_disk(folder, opened.entries(), fs::proximate(folder).string()), migration, text);
}

model::Schema in_commit(const std::string& revision, const fs::path& path, const std::string& migration,
                        const std::string& text) {
  fs::path directory = path;
  while (!fs::is_directory(directory)) directory = directory.has_parent_path() ? directory.parent_path() : ".";
  std::optional<history::Git> git = history::Git::find(directory);
  if (!git) unknown(text, "is a commit's, and there is no git repository here");
  std::optional<std::string> commit = git->commit(revision);
  if (!commit) unknown(text, "names no commit that git knows");
  std::string inside = path == directory ? "" : path.lexically_relative(directory).generic_string();
  if (inside.ends_with(".json")) {
    std::optional<std::string> snapshot = git->show(*commit, inside);
    if (!snapshot) unknown(text, "is not there in that commit");
    model::Snapshot read = model::parse_snapshot(*snapshot, text);
    const fs::path file(inside);
    const std::string number = file.filename().string().substr(0, file.filename().string().find('_'));
    const std::string beside = (file.parent_path() / ("_" + number + "_beyond.json")).generic_string();
    if (std::optional<std::string> beyond = git->show(*commit, beside)) model::read_beyond(read, *beyond, beside);
    return read.schema;
  }
  history::Version version = history::version_in_commit(*git, *commit, text, inside);
  if (!version.dated && !version.read("meta/_journal.json")) unknown(text, "has no migrations folder in that commit");
  return after(version, migration, text);
}

// A JSON file that is meant to be a snapshot. Without the look at it, any JSON would be an empty schema.
void refuse_other_json(const std::string& text) {
  const Json json = Json::parse(files::read(text), nullptr, false);
  if (json.is_discarded()) return;  // whoever reads it says where
  for (const char* key : {"tables", "ddl", "deltas"})
    if (json.is_object() && json.contains(key)) return;
  unknown(text, json.is_object() && json.contains("entries") && json.contains("dialect")
                    ? "is the folder's journal, and no snapshot: name the folder itself"
                    : "is JSON, and no snapshot of a schema");
}

// What a Supabase project has before its first migration, as far as migrations name it.
constexpr const char* supabase_prelude = R"(
CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role;
CREATE SCHEMA auth; CREATE SCHEMA extensions;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text';
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT NULL::jsonb';
)";

bool is_program(const Config& config) {
  return config.schema.size() == 1 && config.schema.front().starts_with(read::program_prefix);
}

read::CatalogOptions catalog_options(const model::Schema& other, bool only_domains) {
  read::CatalogOptions options;
  options.beyond = model::is_beyond_drizzle(other) && !only_domains;
  options.domains = only_domains && !model::all<model::Domain>(other).empty();
  for (const model::Namespace& schema : model::all<model::Namespace>(other)) options.schemas.push_back(schema.key.name);
  for (const model::Role& role : model::all<model::Role>(other)) options.roles.include.push_back(role.key.name);
  return options;
}

template <class Kind>
void summarize(const diff::ChangesOf<Kind>& changes, std::vector<SummaryLine>& out) {
  auto named = [](const Kind& object) {
    return std::string(model::kind_name<Kind>) + " " + model::display(object.key);
  };
  for (const Kind& object : changes.created) out.push_back({"+", named(object)});
  for (const auto& change : changes.renamed)
    out.push_back({"~", named(change.before) + " → " + model::display(change.after.key)});
  for (const auto& change : changes.altered) {
    std::vector<std::string> fields(change.fields.begin(), change.fields.end());
    out.push_back({"~", named(change.after) + ": " + text::join(fields, ", ")});
  }
  for (const Kind& object : changes.dropped) out.push_back({"-", named(object)});
}

}  // namespace

const char* const schema_names =
    "  folder, folder@0003, DIR@0003   the migrations folder: after its last migration, or after that one\n"
    "  git:REV, REV:PATH               the folder, or the folder or snapshot at PATH, in a commit\n"
    "  FILE.json                       a snapshot\n"
    "  schema, FILE.ts, FILE.sql, GLOB the schema as it is written; 'schema' is the configuration's\n"
    "  cpp:PROGRAM                     a schema in C++, by the program that it is compiled to\n"
    "  database, postgresql://...      a database; 'database' is the configuration's";

NamedSchema schema_named(const std::string& text, const Overrides& overrides, Terminal& terminal) {
  NamedSchema out;
  out.text = text;
  if (is_url(text)) {
    out.url = text;
    return out;
  }
  if (text == "database") {
    out.url = load_config(overrides, {Needs::database}).url;
    return out;
  }
  auto written = [&](Overrides changed) {
    Config config = load_config(changed, {Needs::schema});
    out.is_program = is_program(config);
    out.printed = has_sql(config);
    return read_schema(config, false, nullptr, terminal);
  };
  if (text == "schema") {
    out.schema = written(overrides);
    return out;
  }
  if (text.starts_with(read::program_prefix)) {
    Overrides changed = overrides;
    changed.schema = {text};
    out.schema = written(changed);
    return out;
  }
  if (size_t scheme = text.find("://"); scheme != std::string::npos && !text.starts_with("git:"))
    unknown(text, "is an address of '" + text.substr(0, scheme) + "'; a database's begins with postgresql://");
  size_t at = text.rfind('@');
  if (at != std::string::npos && at + 1 == text.size())
    unknown(text, "names no migration behind the @; without it, all of them are meant");
  std::string place = text.substr(0, at), migration = at == std::string::npos ? "" : text.substr(at + 1);
  auto folder = [&] {
    Config config = load_config(overrides, {Needs::folder});
    out.is_program = is_program(config);
    return config.out;
  };
  if (place == "folder" || (place.empty() && at == 0)) {
    out.schema = in_folder(folder(), migration, text);
    return out;
  }
  fs::path here = fs::current_path();
  if (text.starts_with("git:")) {
    std::string rest = place.substr(4);
    size_t colon = rest.find(':');
    out.schema =
        colon == std::string::npos
            ? in_commit(rest, folder(), migration, text)
            : in_commit(rest.substr(0, colon), (here / rest.substr(colon + 1)).lexically_normal(), migration, text);
    return out;
  }
  if (fs::exists(here / text) && text.ends_with(".json") &&
      !fs::path(text).filename().string().starts_with("drizzle.config")) {
    refuse_other_json(text);
    const fs::path own = (here / text).parent_path();  // of drizzle-kit 1.0 one says only what its migration changed
    out.schema = fs::path(text).filename() == "snapshot.json" && history::is_dated(own.parent_path())
                     ? in_folder(own.parent_path(), own.filename().string(), text)
                     : history::read_snapshot(text).schema;
    return out;
  }
  if (fs::is_directory(here / place) &&
      (fs::exists(here / place / "meta" / "_journal.json") || history::is_dated(here / place))) {
    fs::path directory = (here / place).lexically_normal();
    if (!directory.has_filename()) directory = directory.parent_path();
    out.schema = in_folder(directory, migration, text);
    return out;
  }
  if (fs::path(text).filename().string().starts_with("drizzle.config.")) {
    Overrides changed = overrides;
    changed.config = text;
    out.schema = written(changed);
    return out;
  }
  if (size_t colon = text.find(':'); colon != std::string::npos && colon > 0 && !fs::exists(here / text)) {
    out.schema = in_commit(text.substr(0, colon), (here / place.substr(colon + 1)).lexically_normal(), migration, text);
    return out;
  }
  if (!files::glob(here, text).empty()) {
    Overrides changed = overrides;
    changed.schema = {text};
    out.schema = written(changed);
    return out;
  }
  const bool pattern = text.find_first_of("*?[{") != std::string::npos;
  if (pattern) unknown(text, "matches no file in " + here.string());
  if (fs::is_directory(here / place)) unknown(text, "is a directory without migrations or schema files");
  if (!fs::exists(here / text) && (text.find('/') != std::string::npos || fs::path(text).has_extension()))
    unknown(text, "does not exist in " + here.string());
  unknown(text, "is no schema");
}

std::vector<SummaryLine> summary(const diff::Changes& changes) {
  std::vector<SummaryLine> out;
  for (const diff::Rename& rename : changes.renames)
    out.push_back({"~", std::string(diff::name_of(rename.kind)) + " " + model::display(rename.from) + " → " +
                            model::display(rename.to)});
  std::apply([&](const auto&... kinds) { (summarize(kinds, out), ...); }, changes.by_kind);
  return out;
}

model::Schema read_database(const std::string& url, const model::Schema& other, const Overrides& overrides,
                            bool only_domains) {
  read::CatalogOptions options = catalog_options(other, only_domains);
  Config config;
  try {
    config = load_config(overrides, {});
  } catch (const Error&) {  // no configuration is needed to compare a database
  }
  options.hidden.push_back({config.ledger.schema, "", config.ledger.table});
  server::Target target;
  target.url = url;
  target.application_name = "sluice diff";
  server::Connection connection(target);
  server::protect(connection);
  model::Schema live = read::catalog(connection, options).schema;
  leave_to_neighbours(config, live, other);
  return live;
}

bool is_supabase(const model::Schema& schema) {
  for (const model::ForeignKey& key : model::all<model::ForeignKey>(schema))
    if (key.schema_to == "auth") return true;
  for (const model::Policy& policy : model::all<model::Policy>(schema)) {
    for (const std::string& role : policy.to)
      if (role == "anon" || role == "authenticated" || role == "service_role") return true;
    if ((policy.using_expression.value_or("") + policy.with_check.value_or("")).find("auth.") != std::string::npos)
      return true;
  }
  return false;
}

void make_supabase(server::Connection& connection) { connection.execute(supabase_prelude); }

// True if a default is a function of Supabase's schema extensions.
static bool takes_extensions(const model::Schema& schema) {
  for (const model::Namespace& own : model::all<model::Namespace>(schema))
    if (own.key.name == "extensions") return false;
  for (const model::Column& column : model::all<model::Column>(schema))
    if (column.default_value && column.default_value->text.find("extensions.") != std::string::npos) return true;
  return false;
}

std::vector<std::string> extensions_of(const std::string& url) {
  server::Target target;
  target.url = url;
  target.application_name = "sluice diff";
  server::Connection connection(target);
  server::protect(connection);
  server::Rows rows = connection.execute(
      "SELECT format('CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', e.extname, n.nspname) FROM pg_catalog.pg_extension "
      "e "
      "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid");
  std::vector<std::string> out;
  for (size_t i = 0; i < rows.size(); i++) out.push_back(rows.text(i, 0));
  return out;
}

model::Schema as_read_back(const model::Schema& schema, const std::vector<std::string>& extensions) {
  server::Scratch scratch(fs::current_path());
  server::Target target;
  target.url = scratch.create_database();
  server::Connection connection(target);
  if (is_supabase(schema) || takes_extensions(schema))
    for (const std::string& made : make_supabase_whole(connection))  // what the schema has of its own is its own
      if (model::find<model::Namespace>(schema, {"", "", made}))
        connection.execute("DROP SCHEMA " + sql::identifier(made) + " CASCADE");
  StandIns stand_ins(Config(), extensions, connection);
  stand_ins.make(connection);
  // Each for itself: what the schema needs of one that cannot be made here is an error of its own.
  std::vector<std::string> left_out;
  for (const std::string& extension : extensions) {
    try {
      connection.execute(stand_ins.without_missing(extension, left_out));
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
    }
  }
  model::Schema here = schema;
  auto lacks = [&](const model::Index& index) { return stand_ins.lacks(index); };
  std::erase_if(model::all<model::Index>(here), lacks);
  build_schema(connection, here);
  model::Schema out = read::catalog(connection, catalog_options(schema, false)).schema;
  // An index that no server here can build stays in its own words.
  for (const model::Index& index : model::all<model::Index>(schema))
    if (lacks(index)) model::all<model::Index>(out).push_back(index);
  return out;
}

}  // namespace sluice::cli
