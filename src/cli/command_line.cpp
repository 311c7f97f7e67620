#include "cli/command_line.hpp"

namespace sluice::cli {

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
  // drizzle-kit 1.0 says it so.
  auto output = [&chosen](const std::string& format) { chosen.json = format == "json"; };
  command->add_option_function<std::string>("--output", output, "")->check(CLI::IsMember({"text", "json"}))->group("");
  command
      ->add_option("--log", chosen.records.log, "json: standard error is a log, one JSON object a line ($SLUICE_LOG)")
      ->check(CLI::IsMember({"text", "json"}))
      ->group("Records");
  command
      ->add_option("--trace", chosen.records.trace,
                   "append the run's spans to this file, as OTLP in JSON ($SLUICE_TRACE)")
      ->group("Records");
  command
      ->add_option("--metrics", chosen.records.metrics,
                   "write the run's numbers to this file, for Prometheus's node_exporter ($SLUICE_METRICS)")
      ->group("Records");
  if (!examples.empty()) command->footer("Examples:\n" + examples);
  return command;
}

}  // namespace sluice::cli
