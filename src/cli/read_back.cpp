#include "cli/read_back.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "cli/live.hpp"
#include "cli/stand_ins.hpp"
#include "model/names.hpp"
#include "plan/plan.hpp"
#include "read/catalog/surroundings.hpp"
#include "server/trial.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

using namespace model;

namespace {

// Runs what may fail; gives what did.
std::vector<std::string> attempt(server::Connection& connection, const std::vector<std::string>& statements) {
  std::vector<std::string> failed;
  for (const std::string& statement : statements) {
    connection.execute("SAVEPOINT stand_in");
    try {
      connection.execute(statement);
      connection.execute("RELEASE SAVEPOINT stand_in");
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted || connection.broken()) throw;
      connection.execute("ROLLBACK TO SAVEPOINT stand_in; RELEASE SAVEPOINT stand_in");
      failed.push_back(statement);
    }
  }
  return failed;
}

void build(server::Connection& connection, const Schema& before, const Schema& after) {
  plan::Plan plan = plan::make(before, after, diff::compare(before, after));
  for (const plan::Statement& statement : plan.statements) connection.execute(statement.sql);
}

void make_roles(server::Connection& connection, const Schema& schema, const std::vector<std::string>& more) {
  std::set<std::string> there, needed(more.begin(), more.end());
  server::Rows rows = connection.execute("SELECT rolname FROM pg_roles");
  for (size_t i = 0; i < rows.size(); i++) there.insert(rows.text(i, 0));
  for (const Role& role : all<Role>(schema)) needed.insert(role.key.name);
  for (const std::string& name : needed)
    if (!there.contains(name)) connection.execute("CREATE ROLE " + sql::identifier(name));
}

// Of what was read only what the schema declares: the stand-ins are not part of it.
void forget_stand_ins(read::Catalog& catalog, const Schema& schema) {
  std::set<Key> tables, views;
  for (const Table& table : all<Table>(schema)) tables.insert({table.key.schema, "", clipped(table.key.name)});
  for (const View& view : all<View>(schema)) views.insert({view.key.schema, "", clipped(view.key.name)});
  std::apply(
      [&](auto&... kinds) {
        auto each = [&](auto& objects) {
          using Kind = typename std::remove_cvref_t<decltype(objects)>::value_type;
          std::erase_if(objects, [&](const Kind& object) {
            if constexpr (std::is_same_v<Kind, View>) return !views.contains(object.key);
            if constexpr (std::is_same_v<Kind, Table>) return !tables.contains(object.key);
            if constexpr (std::is_same_v<Kind, Domain>) return find<Domain>(schema, object.key) == nullptr;
            // Namespaces, enums, sequences and roles are compared as they were written.
            return object.key.table.empty() || !tables.contains(object.key.owner());
          });
        };
        (each(kinds), ...);
      },
      catalog.schema);
}

read::Catalog build_and_read(server::Connection& trial, server::Connection& target, const Config& config,
                             const Schema& schema, bool everything) {
  read::Surroundings around = read::surroundings(target, schema, everything);
  server::Transaction transaction(trial);  // and rolled back: nothing is to stay
  trial.query("SELECT set_config('search_path', $1, true)", {around.search_path});
  make_roles(trial, schema, around.roles);
  std::vector<std::string> failed = attempt(trial, around.before);
  // The trial may be on a server of this machine, which has not all that the target's has.
  StandIns stand_ins(config, failed, trial);
  std::vector<std::string> left_out;
  for (std::string& statement : failed) statement = stand_ins.without_missing(statement, left_out);
  failed = attempt(trial, failed);
  Schema roots, body = schema;
  auto lacks = [&](const Index& index) { return stand_ins.lacks(index); };
  std::erase_if(all<Index>(body), lacks);
  for (Table& table : all<Table>(body)) table.distributed.clear();  // the copy is on no cluster
  all<Namespace>(roots) = all<Namespace>(schema);
  all<Enum>(roots) = all<Enum>(schema);
  all<Sequence>(roots) = all<Sequence>(schema);
  all<Domain>(roots) = all<Domain>(schema);
  all<Role>(body).clear();
  // A copy of the database's stands in the way of what is declared.
  for (const Domain& domain : all<Domain>(schema))
    trial.execute("DROP DOMAIN IF EXISTS " + sql::qualified(domain.key.schema, domain.key.name) + " CASCADE");
  build(trial, {}, roots);
  // A function or a type may need another one, or a table.
  failed = attempt(trial, failed);
  attempt(trial, around.tables);
  attempt(trial, failed);
  build(trial, roots, body);
  read::CatalogOptions options = catalog_options(config, &schema);
  options.roles = {};
  options.domains = true;
  read::Catalog catalog = read::catalog(trial, options);
  forget_stand_ins(catalog, schema);
  // An index that cannot be built here stays in its own words.
  for (const Index& index : all<Index>(schema))
    if (lacks(index)) all<Index>(catalog.schema).push_back(index);
  return catalog;
}

// The type that is missing is an extension's: what to do, and where.
std::string hint_for_extension(const Error& error, server::Connection& target) {
  static const std::map<std::string, std::string> extension_of{
      {"vector", "vector"},     {"halfvec", "vector"}, {"sparsevec", "vector"}, {"geometry", "postgis"},
      {"geography", "postgis"}, {"citext", "citext"},  {"hstore", "hstore"},    {"ltree", "ltree"}};
  const std::string message = error.what();
  const size_t from = message.find("type \""), to = message.find("\" does not exist");
  if (error.context.sqlstate != "42704" || from == std::string::npos || to == std::string::npos || to < from + 6)
    return "";
  std::string type = message.substr(from + 6, to - from - 6);
  type = type.substr(type.rfind('.') + 1);
  const auto found = extension_of.find(type);
  if (found == extension_of.end()) return "";
  const std::string& extension = found->second;
  const bool there =
      !target.query("SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = $1", {extension}).empty();
  if (!there)
    return "The type " + type + " is of the extension " + extension + (extension == "vector" ? " (pgvector)" : "") +
           ", which the server of " + target.describe() + " has not installed.";
  return "The type " + type + " is of an extension that this database has not: CREATE EXTENSION " + extension + ";";
}

}  // namespace

size_t locks_of(const Schema& schema) {
  // A table has a type, a primary key, perhaps a sequence, and a table and index for its long values.
  return all<Table>(schema).size() * 5 + all<Index>(schema).size() + all<View>(schema).size();
}

read::Catalog read_back(server::Connection& connection, const server::Target& target, const Config& config,
                        const Schema& schema, Terminal& terminal) {
  server::TrialDatabase trial(connection, target, config.directory, locks_of(schema));
  if (!trial.same_version())
    terminal.warning(
        "expressions are compared with the help of another version of PostgreSQL than the database's: some may differ "
        "only in how they are laid out");
  try {
    return build_and_read(trial.connection(), connection, config, schema, false);
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted || trial.connection().broken()) throw;
  }
  // Perhaps something was needed that no word names, such as an extension's operator.
  try {
    return build_and_read(trial.connection(), connection, config, schema, true);
  } catch (const Error& error) {
    ErrorContext context = error.context;
    context.state = "Nothing was changed.";
    if (context.hint.empty()) context.hint = hint_for_extension(error, connection);
    if (context.hint.empty() && context.sqlstate == "3F000")
      context.hint = "Export its pgSchema('…') from the schema files, or make the schema in the database by hand.";
    if (context.hint.empty())
      context.hint =
          "The statement was tried on an empty trial database; what the schema leans on (extensions, functions, "
          "tables of other schemas) was copied there as far as possible.";
    throw Error("PostgreSQL does not take the schema: " + std::string(error.what()), context);
  }
}

}  // namespace sluice::cli
