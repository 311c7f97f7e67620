// Reads the command line, runs one command, turns what went wrong into a message and an exit code.
#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <iostream>

#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "sluice/version.hpp"

namespace sluice::cli {

namespace {

// What the command line chose.
struct Chosen {
  bool json = false;
  Overrides overrides;
  std::function<Exit(Terminal&)> run;
};

void add_location_options(CLI::App* command, Overrides& overrides, bool database) {
  command->add_option("--config", overrides.config,
                      "drizzle.config.ts to use (default: the one in the working directory)");
  command->add_option("--out", overrides.out,
                      "migrations folder (default: 'out' of the configuration, else ./drizzle)");
  if (database)
    command->add_option(
        "--url", overrides.url,
        "database (default: dbCredentials of the configuration, else DATABASE_URL, else the local server)");
}

// Flags of drizzle-kit's generate and check: package scripts keep them.
void add_dialect_option(CLI::App* command, Overrides& overrides) {
  command->add_option("--dialect", overrides.dialect,
                      "postgresql, the only one there is; beside --schema or --out no configuration is read");
}

void add_schema_options(CLI::App* command, Overrides& overrides) {
  command->add_option("--schema", overrides.schema, "schema files, folders or globs (default: the configuration's)");
  command->add_option("--casing", overrides.casing, "camelCase or snake_case: names of columns that have none")
      ->check(CLI::IsMember({"camelCase", "snake_case"}));
  command->add_option("--prefix", overrides.prefix, "how file names begin: index, timestamp, supabase, unix or none")
      ->check(CLI::IsMember({"index", "timestamp", "supabase", "unix", "none"}));
  auto take_breakpoints = [&overrides](const std::string& given) {
    if (!given.empty() && given != "true" && given != "false" && given != "1" && given != "0")
      throw CLI::ValidationError("--breakpoints", "'" + given + "' is neither true nor false");
    overrides.breakpoints = given != "false" && given != "0";
  };
  command
      ->add_option_function<std::string>("--breakpoints", take_breakpoints,
                                         "marks between statements; --breakpoints=false leaves them out")
      ->expected(0, 1);
  command->add_option("--driver", overrides.driver, "of drizzle-kit; changes nothing in a migration")
      ->check(CLI::IsMember({"pglite", "aws-data-api"}));
}

CLI::App* add_command(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& help,
                      const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_flag("--json", chosen.json, "answer for programs: one JSON value on standard output");
  if (!examples.empty()) command->footer("Examples:\n" + examples);
  return command;
}

void add_generate(CLI::App& app, Chosen& chosen, GenerateOptions& options) {
  CLI::App* command =
      add_command(app, chosen, "generate", "Write a migration from the difference between schema and last snapshot",
                  "  sluice generate\n"
                  "  sluice generate --backfill sessions.duration_minutes=60\n"
                  "  sluice generate --rename users.name=users.full_name\n"
                  "  sluice generate --custom --name fill_search_index");
  add_location_options(command, options.overrides, false);
  add_dialect_option(command, options.overrides);
  add_schema_options(command, options.overrides);
  command->add_option("--name", options.name, "name of the migration (default: what it does)");
  command->add_flag("--custom", options.custom, "an empty migration for SQL of your own");
  command->add_flag("--force", options.force, "evaluate the schema afresh, without the cache");
  command->add_flag("--dry-run", options.dry_run, "print the migration, write nothing");
  command->add_option("--rename", options.renames, "old=new: a table, column, enum … that was renamed");
  command->add_option("--drop", options.drops, "an object that is dropped, not renamed");
  command->add_option("--backfill", options.backfills,
                      "table.column=expression: what existing rows get in a required column");
  command->callback([&] { chosen.run = [&](Terminal& terminal) { return generate(options, terminal); }; });
}

void add_migrate(CLI::App& app, Chosen& chosen, MigrateOptions& options) {
  CLI::App* command =
      add_command(app, chosen, "migrate", "Apply the pending migrations, each in a transaction of its own",
                  "  sluice migrate\n  sluice migrate --dry-run\n  sluice migrate --url \"$STAGING_URL\"");
  add_location_options(command, options.overrides, true);
  command->add_flag("--dry-run", options.dry_run, "print the SQL that would run, change nothing");
  command->add_flag("--allow-out-of-order", options.allow_out_of_order,
                    "also apply migrations dated before the last applied one");
  command->add_option("--wait", options.wait_seconds, "seconds to wait for another runner (default 300)")
      ->check(CLI::NonNegativeNumber);
  command->callback([&] { chosen.run = [&](Terminal& terminal) { return migrate(options, terminal); }; });
}

void add_status(CLI::App& app, Chosen& chosen) {
  CLI::App* command = add_command(app, chosen, "status", "Show which migrations are applied and which are pending",
                                  "  sluice status\n  sluice status --json");
  add_location_options(command, chosen.overrides, true);
  command->callback([&] { chosen.run = [&](Terminal& terminal) { return status(chosen.overrides, terminal); }; });
}

void add_check(CLI::App& app, Chosen& chosen, CheckOptions& options) {
  CLI::App* command = add_command(
      app, chosen, "check", "Check the migrations folder: edited, missing, duplicated or out-of-order files",
      "  sluice check\n  sluice check --update    # the edits are meant, and applied nowhere");
  add_location_options(command, options.overrides, false);
  add_dialect_option(command, options.overrides);
  command->add_flag("--update", options.update, "write the checksums anew from the files as they are");
  command->callback([&] { chosen.run = [&](Terminal& terminal) { return check(options, terminal); }; });
}

void add_diff(CLI::App& app, Chosen& chosen, DiffOptions& options) {
  CLI::App* command = add_command(app, chosen, "diff", "Print the statements between two snapshots",
                                  "  sluice diff meta/0002_snapshot.json meta/0003_snapshot.json --json");
  command->add_option("from", options.from, "snapshot before")->required();
  command->add_option("to", options.to, "snapshot after")->required();
  command->add_option("--rename", options.renames, "old=new");
  command->add_option("--backfill", options.backfills, "table.column=expression");
  command->callback([&] { chosen.run = [&](Terminal& terminal) { return diff(options, terminal); }; });
}

void add_db(CLI::App& app, Chosen& chosen, DatabaseOptions& options) {
  CLI::App* db = app.add_subcommand("db", "A local PostgreSQL server, without Docker");
  db->require_subcommand(1);
  auto add = [&](const std::string& name, const std::string& help, Exit (*run)(const DatabaseOptions&, Terminal&),
                 bool server) {
    CLI::App* command = add_command(*db, chosen, name, help, "");
    if (!server) add_location_options(command, options.overrides, true);
    command->add_option("--port", options.port, "port of the local server (default 54322)")
        ->check(CLI::Range(1, 65535));
    command->add_option("--data", options.data, "directory of the local server's data");
    command->callback([&chosen, &options, run] {
      chosen.run = [&options, run](Terminal& terminal) { return run(options, terminal); };
    });
    return command;
  };
  add("start", "Start it (and make it, the first time)", db_start, true)
      ->add_option("--pg", options.version, "PostgreSQL version, when several are installed");
  add("stop", "Stop it", db_stop, true);
  add("status", "Show whether it runs", db_status, true);
  add("url", "Print its URL", db_url, true);
  add("psql", "Open psql on the project's database", db_psql, false)
      ->add_option("arguments", options.arguments, "arguments for psql, after --");
  add("reset", "Drop the project's database, make it again and apply all migrations", db_reset, false)
      ->add_flag("--no-migrate", options.no_migrate, "leave it empty");
}

// Commands of drizzle-kit that people will type out of habit.
constexpr const char* not_yet[] = {"push", "pull", "introspect", "studio", "up", "drop", "export"};

// What is wrong with the first word, or nothing: CLI11 would only say that a subcommand is required.
std::string wrong_command(const CLI::App& app, const std::string& word) {
  std::string nearest;
  size_t distance = 3;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return "";
    size_t d = text::edit_distance(word, command->get_name());
    if (d < distance) distance = d, nearest = command->get_name();
  }
  for (const char* name : not_yet)
    if (word == name)
      return "error: 'sluice " + word + "' does not exist yet\n  hint: drizzle-kit " + word +
             " works on the same configuration and folder\n";
  return "error: there is no command '" + word + "'\n  hint: " +
         (nearest.empty() ? "sluice --help lists the commands" : "did you mean 'sluice " + nearest + "'?") + "\n";
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app("Schema migrations for PostgreSQL, on your Drizzle schema and migrations folder.", "sluice");
  app.set_version_flag("-v,--version", "sluice " + std::string(sluice::version()));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  Chosen chosen;
  GenerateOptions generate_options;
  MigrateOptions migrate_options;
  CheckOptions check_options;
  DiffOptions diff_options;
  DatabaseOptions database_options;
  add_generate(app, chosen, generate_options);
  add_migrate(app, chosen, migrate_options);
  add_status(app, chosen);
  add_check(app, chosen, check_options);
  add_diff(app, chosen, diff_options);
  add_db(app, chosen, database_options);
  if (argc == 1) {
    std::cout << app.help();
    return 0;
  }
  if (std::string word = argv[1]; !word.starts_with('-'))
    if (std::string wrong = wrong_command(app, word); !wrong.empty()) {
      std::cerr << wrong;
      return static_cast<int>(Exit::error);
    }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ExtrasError&) {  // its own text has them in reverse
    std::cerr << "error: unexpected: " << text::join(app.remaining(true), " ")
              << "\n  hint: sluice --help, or sluice <command> --help, lists what there is\n";
    return static_cast<int>(Exit::error);
  } catch (const CLI::ParseError& error) {
    std::cerr << "error: " << error.what()
              << "\n  hint: sluice --help, or sluice <command> --help, lists what there is\n";
    return static_cast<int>(Exit::error);
  }

  interrupt::install();
  Terminal terminal(chosen.json);
  try {
    return static_cast<int>(chosen.run(terminal));
  } catch (const Error& error) {
    terminal.print(error);
    if (chosen.json) terminal.answer(to_json(error));
    return static_cast<int>(error.context.exit);
  } catch (const std::exception& error) {
    Error internal(std::string("internal error: ") + error.what());
    terminal.print(internal);
    if (chosen.json) terminal.answer(to_json(internal));
    return static_cast<int>(Exit::error);
  }
}

}  // namespace sluice::cli
