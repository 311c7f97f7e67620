// Databases for tests: a fresh migrated and seeded copy in a moment, as many as are wanted at once.
#include <fmt/format.h>

#include <random>
#include <regex>

#include "cli/copies.hpp"
#include "cli/db.hpp"
#include "server/connection_text.hpp"
#include "server/databases.hpp"

namespace sluice::cli {

namespace {

struct ForkOptions {
  DatabaseOptions where;
  std::optional<std::string> from;
  bool no_seed = false, list = false, drop = false, all = false;
  std::vector<std::string> names;
};

std::string fresh_name(const std::string& database) {
  return fork_prefix(database) + fmt::format("{:08x}", std::random_device{}());
}

// Forks are known by their whole name: nothing else is ever dropped here.
const std::regex fork_name("(sluice_fork_.*_)[0-9a-f]{8}");

// What the names of the forks begin with; also when the database is one of them itself, as in a test that tidies up.
std::string prefix_of(const std::string& database) {
  std::smatch parts;
  return std::regex_match(database, parts, fork_name) ? parts[1].str() : fork_prefix(database);
}

std::vector<server::Database> forks(server::Connection& connection, const std::string& prefix) {
  std::vector<server::Database> found = server::databases(connection, prefix);
  std::erase_if(found, [&](const server::Database& fork) {
    return fork.name.size() != prefix.size() + 8 || !std::regex_match(fork.name, fork_name);
  });
  return found;
}

Exit list_forks(const Config& config, server::Connection& connection, Terminal& terminal) {
  Json list = Json::array();
  std::vector<server::Database> found = forks(connection, prefix_of(current_database(connection)));
  for (const server::Database& fork : found) {
    std::string url = server::with_database(config.url, fork.name);
    terminal.say(url);
    list.push_back({{"name", fork.name}, {"url", url}, {"bytes", fork.bytes}});
  }
  if (found.empty()) terminal.note("There are no forks of " + connection.describe());
  if (terminal.json()) terminal.answer({{"forks", list}});
  return Exit::done;
}

// A name, or a URL with it.
std::string name_in(const std::string& text) {
  if (text.find("://") == std::string::npos) return text;
  return server::parse_connection_text(text)["dbname"];
}

Exit drop_forks(const ForkOptions& options, const Config& config, const std::string& database, Terminal& terminal) {
  server::Connection beside = connect_beside(config, database);
  std::vector<std::string> names;
  if (options.all)
    for (const server::Database& fork : forks(beside, prefix_of(database))) names.push_back(fork.name);
  for (const std::string& text : options.names) names.push_back(name_in(text));
  for (const std::string& name : names) {
    if (std::regex_match(name, fork_name)) continue;
    ErrorContext context;
    context.exit = Exit::refused;
    context.state = "Nothing was dropped.";
    context.hint = "Forks have names like " + prefix_of(database) + "1a2b3c4d; 'sluice db fork --list' shows them.";
    throw Error("'" + name + "' is not a fork", context);
  }
  for (const std::string& name : names) {
    if (server::database_exists(beside, name)) continue;
    ErrorContext context;
    context.state = "Nothing was dropped.";
    context.hint = "'sluice db fork --list' shows what there is.";
    throw Error("there is no fork '" + name + "'", context);
  }
  Json dropped = Json::array();
  for (const std::string& name : names) {
    server::drop_database(beside, name);
    terminal.success("Dropped " + name);
    dropped.push_back(name);
  }
  if (names.empty()) terminal.say("There are no forks");
  if (terminal.json()) terminal.answer({{"dropped", dropped}});
  return Exit::done;
}

// A database as it is, with its data. Sessions on it are somebody's work: they are not ended, and are in the way.
std::string fork_as_it_is(const Config& config) {
  std::string database;
  {
    server::Connection connection = connect_local(config, "db fork");
    database = current_database(connection);
  }
  server::Connection beside = connect_beside(config, database);
  std::string name = fresh_name(database);
  try {
    server::copy_database(beside, database, name);
  } catch (const Error& error) {
    ErrorContext context = error.context;
    if (context.sqlstate == "55006")
      context.hint = "Programs are connected to it: stop them, or fork what the migrations make (without --from).";
    throw Error(error.what(), context);
  }
  return name;
}

void check_usage(const ForkOptions& options) {
  if (options.drop ? options.all == options.names.empty() : options.names.empty() && !options.all) return;
  ErrorContext context;
  context.hint =
      "sluice db fork --drop NAME, or sluice db fork --drop --all. 'sluice db fork --list' shows what there is.";
  throw Error(options.drop && options.all ? "--all and names do not go together"
              : options.drop              ? "which fork is to be dropped?"
                                          : "names and --all go with --drop",
              context);
}

Exit fork(const ForkOptions& options, Terminal& terminal) {
  check_usage(options);
  Overrides overrides = with_local_server(options.where);
  if (options.from) overrides.url = options.from;
  const bool migrate = !options.from && !options.list && !options.drop;
  Config config =
      load_config(overrides, migrate ? std::vector{Needs::folder, Needs::database} : std::vector{Needs::database});
  std::string name;
  ProjectTemplate made;
  bool seeded = false;
  if (migrate || options.list || options.drop) {
    server::Connection connection = connect_local(config, "db fork");
    if (options.list) return list_forks(config, connection, terminal);
    if (options.drop) return drop_forks(options, config, current_database(connection), terminal);
    ProjectSeed seed;
    if (!options.no_seed) seed = project_seed(config);
    seeded = !seed.empty();
    name = fresh_name(current_database(connection));
    // Another process may drop a template that has become old between two steps of ours: once more, then.
    for (int attempt = 1;; attempt++) {
      made = project_template(
          config, connection, seed,
          [&](const history::Migration& migration) {
            terminal.note("Applying migration: " + migration.entry.file_name());
          },
          terminal);
      try {
        server::copy_database(connection, made.name, name);
        break;
      } catch (const Error& error) {
        if (error.context.sqlstate != "3D000" || attempt == 3) throw;
      }
    }
  } else {
    name = fork_as_it_is(config);
  }
  std::string url = server::with_database(config.url, name);
  terminal.say(url);
  if (terminal.json())
    terminal.answer({{"url", url},
                     {"name", name},
                     {"seeded", seeded},
                     {"template", made.name.empty() ? Json(nullptr) : Json(made.name)},
                     {"templateBuilt", made.built}});
  return Exit::done;
}

}  // namespace

void add_db_fork(CLI::App& db, Chosen& chosen) {
  auto options = std::make_shared<ForkOptions>();
  CLI::App* command = add_command(
      db, chosen, "fork", "Make a fresh migrated and seeded copy of the project's database, and print its URL",
      "  DATABASE_URL=$(sluice db fork) vitest run     # a database of its own for a run of tests\n"
      "  sluice db fork --from postgresql://localhost/app   # a copy of that one with its data, as it is\n"
      "  sluice db fork --drop \"$DATABASE_URL\"\n"
      "  sluice db fork --drop --all");
  add_location_options(command, options->where.overrides, true);
  add_server_options(command, options->where);
  command->add_option("--from", options->from, "copy this database with its data, instead of what the migrations make");
  command->add_flag("--no-seed", options->no_seed, "migrated only");
  command->add_flag("--list", options->list, "show the forks that there are");
  command->add_flag("--drop", options->drop, "drop forks: those that are named, or --all");
  command->add_flag("--all", options->all, "with --drop: all forks of this database");
  command->add_option("names", options->names, "with --drop: names or URLs of forks");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return fork(*options, terminal); }; });
}

}  // namespace sluice::cli
