// What the command line says: the options that several commands share. Each command's file defines its own options and
// its add function, which stands in command_list.hpp.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/config.hpp"
#include "cli/records.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

// What the command line chose.
struct Chosen {
  bool json = false;
  RecordOptions records;
  std::function<Exit(Terminal&)> run;
};

// A command with --json and what records it. `examples` stand at the end of its --help.
CLI::App* add_command(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& help,
                      const std::string& examples);
// --config, --out and, if the command uses a database, --url.
void add_location_options(CLI::App* command, Overrides& overrides, bool database);
// Flags of drizzle-kit's generate and check: package scripts keep them.
void add_dialect_option(CLI::App* command, Overrides& overrides);
void add_schema_options(CLI::App* command, Overrides& overrides);

// The whole program: the command line's command, its exit code.
int run(int argc, char** argv);

}  // namespace sluice::cli
