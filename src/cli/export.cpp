// The SQL of the whole schema, as drizzle-kit export prints it: standard output is SQL and nothing else.
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/migration_text.hpp"
#include "cli/written.hpp"
#include "diff/diff.hpp"

namespace sluice::cli {

namespace {

struct ExportOptions {
  Overrides overrides;
  bool sql = true, force = false;
};

Exit export_schema(const ExportOptions& options, Terminal& terminal) {
  if (!options.sql) {
    ErrorContext context;
    context.hint = "Leave out --sql=false; for programs there is --json.";
    throw Error("there is no other format than SQL to export", context);
  }
  Config config = load_config(options.overrides, {Needs::schema});
  model::Schema schema = read_schema(config, options.force, nullptr, terminal);
  plan::Options plan_options{.deferrable_cycles = config.settings.deferrable_cycles};
  plan::Plan plan = plan::make({}, schema, diff::compare({}, schema), plan_options);
  plan.statements = for_a_file(std::move(plan.statements));
  std::vector<std::string> lines;
  for (const plan::Statement& statement : plan.statements) lines.push_back(statement.sql);
  if (!lines.empty()) terminal.say(text::join(lines, "\n"));
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"statements", to_json(plan.statements)}});
  return Exit::done;
}

}  // namespace

void add_export(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command =
      add_command(app, chosen, "export", "Print the SQL that makes the whole schema",
                  "  sluice export > schema.sql\n  sluice export --schema src/schema.ts | psql \"$URL\"");
  add_location_options(command, options->overrides, false);
  add_dialect_option(command, options->overrides);
  add_schema_options(command, options->overrides);
  command->add_flag("--sql,!--no-sql", options->sql, "as SQL, the only format there is (drizzle-kit's flag)");
  command->add_flag("--force", options->force, "evaluate the schema afresh, without the cache");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return export_schema(*options, terminal); }; });
}

}  // namespace sluice::cli
