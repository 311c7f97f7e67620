// Data for a developer's database: the project's own seed, or made from the schema.
#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/copies.hpp"
#include "cli/live.hpp"
#include "cli/project_seed.hpp"
#include "cli/seed_generate.hpp"

namespace sluice::cli {

namespace {

struct SeedOptions {
  Overrides overrides;
  bool allow_remote = false, generate = false;
  GenerateData data;
};

server::Connection connect_for_seed(const Config& config, const SeedOptions& options) {
  if (options.allow_remote) {
    server::Target target;
    target.url = config.url;
    target.application_name = "sluice seed";
    return server::Connection(target);
  }
  try {
    return connect_local(config, "seed");
  } catch (const Error& error) {
    if (error.context.exit != Exit::refused) throw;
    ErrorContext context = error.context;
    context.hint += " If that one is meant: --allow-remote.";
    throw Error(error.what(), context);
  }
}

// What is elsewhere may be somebody's data, and what is protected is.
void refuse_foreign(const Config& config, const SeedOptions& options) {
  refuse_protected(config, "seed");
  const server::Connection connection = connect_for_seed(config, options);
  refuse_protected(config, "seed", &connection);
}

Exit seed(const SeedOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::database});
  if (options.generate) {
    refuse_foreign(config, options);
    return generate_data(config, options.data, terminal);
  }
  ProjectSeed seed = project_seed(config);
  if (seed.empty()) {
    ErrorContext context;
    context.at.file = (seed.directory / "sluice.toml").string();
    context.hint =
        "Write, for example:\n  [seed]\n  command = \"tsx src/seed.ts\"\nor\n  [seed]\n  files = "
        "[\"seed.sql\"]\n'sluice seed --generate' makes "
        "rows from the schema alone.";
    throw Error("the project has no seed", context);
  }
  refuse_foreign(config, options);
  run_project_seed(seed, config.url, terminal.json() ? 2 : 1, terminal);
  terminal.success("Seeded: " + seed.describe());
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"seed", seed.describe()}});
  return Exit::done;
}

}  // namespace

void add_seed(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<SeedOptions>();
  CLI::App* command =
      add_command(app, chosen, "seed", "Fill the database with the project's own seed ([seed] of sluice.toml)",
                  "  sluice seed\n  sluice seed --generate --rows 1000 --rows orders=50000\n  sluice seed --generate "
                  "--append --rows 0 "
                  "--rows orders=500");
  add_location_options(command, options->overrides, true);
  command->add_flag("--allow-remote", options->allow_remote, "also a database that is not on this machine");
  CLI::Option* generate =
      command->add_flag("--generate", options->generate, "make rows that fit the schema, for every table");
  command->add_option("--seed", options->data.seed, "with --generate: another number, other data (default 1)")
      ->needs(generate);
  command->add_option("--rows", options->data.rows, "with --generate: rows for each table (default 100), or table=N")
      ->needs(generate);
  CLI::Option* truncate =
      command->add_flag("--truncate", options->data.truncate, "with --generate: empty all tables first")
          ->needs(generate);
  command->add_flag("--append", options->data.append, "with --generate: leave the rows that are there, and add others")
      ->needs(generate)
      ->excludes(truncate);
  command
      ->add_option("--connections", options->data.connections,
                   "with --generate: tables that are loaded at once (default: by size; 1: all in one transaction)")
      ->needs(generate)
      ->check(CLI::Range(1, 32));
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return seed(*options, terminal); }; });
}

}  // namespace sluice::cli
