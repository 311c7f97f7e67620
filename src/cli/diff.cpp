// The statements between two schemas, for a person or any program that wants them. Writes nothing, so it asks nothing:
// what is not said to be renamed is dropped and created.
#include "diff/diff.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/migration_text.hpp"
#include "cli/questions.hpp"
#include "cli/schema_named.hpp"
#include "plan/plan.hpp"

namespace sluice::cli {

namespace {

struct DiffOptions {
  Overrides overrides;
  std::string from, to, format = "sql";
  bool exit_code = false;
  std::vector<std::string> renames, backfills;
};

// Both sides; what is compared with a database or SQL files is spelled as PostgreSQL spells it.
std::pair<model::Schema, model::Schema> both(const DiffOptions& options, Terminal& terminal) {
  NamedSchema from = schema_named(options.from, options.overrides, terminal);
  NamedSchema to = schema_named(options.to, options.overrides, terminal);
  model::Schema other_from = from.url ? to.schema : from.schema, other_to = to.url ? from.schema : to.schema;
  const bool printed_from = from.url || from.printed, printed_to = to.url || to.printed;
  if (printed_from && !printed_to)
    to.schema = as_read_back(to.schema, from.url ? extensions_of(*from.url) : std::vector<std::string>());
  if (printed_to && !printed_from)
    from.schema = as_read_back(from.schema, to.url ? extensions_of(*to.url) : std::vector<std::string>());
  if (from.url) from.schema = read_database(*from.url, other_from, options.overrides, to.is_program);
  if (to.url) to.schema = read_database(*to.url, other_to, options.overrides, from.is_program);
  return {std::move(from.schema), std::move(to.schema)};
}

Exit diff(const DiffOptions& options, Terminal& terminal) {
  auto [from, to] = both(options, terminal);
  diff::Renames renames = diff::parse_renames(options.renames, from, to);
  plan::Options plan_options{parse_backfills(options.backfills)};
  diff::Changes changes = diff::compare(from, to, renames);
  plan::Plan up = plan::make(from, to, changes, plan_options);
  Exit exit = options.exit_code && !changes.empty() ? Exit::findings : Exit::done;
  if (terminal.json()) {
    // Nothing but the two lists, unless there is something to add: the door for any harness.
    Json answer = {{"statements", to_json(up.statements)},
                   {"down", to_json(plan::reverse(from, to, renames).statements)}};
    if (!up.notes.empty()) answer["notes"] = up.notes;
    for (const model::Column& column : up.missing_backfill)
      answer["needsBackfill"].push_back(model::display(column.key));
    if (options.format == "summary") {
      answer["summary"] = Json::array();
      for (const SummaryLine& line : summary(changes)) answer["summary"].push_back(line.sign + " " + line.text);
    }
    terminal.answer(answer);
    return exit;
  }
  if (options.format == "summary") {
    for (const SummaryLine& line : summary(changes))
      terminal.say(terminal.colored(line.sign + " " + line.text, line.sign == "+"   ? "32"
                                                                 : line.sign == "-" ? "31"
                                                                                    : "33"));
    if (changes.empty()) terminal.say("No differences");
    return exit;
  }
  for (const plan::Statement& statement : up.statements) terminal.say(std::string(text::trim(statement.sql)));
  for (const std::string& note : up.notes) terminal.warning(note);
  return exit;
}

}  // namespace

void add_diff(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command = add_command(
      app, chosen, "diff", "Print the statements that lead from one schema to another",
      "  sluice diff folder schema                  # what 'generate' would write\n"
      "  sluice diff database folder                # what the database lacks\n"
      "  sluice diff git:main folder --format summary\n"
      "  sluice diff folder@0002 folder@0003\n"
      "  sluice diff meta/0002_snapshot.json meta/0003_snapshot.json --json\n\nFROM and TO are each one of\n" +
          std::string(schema_names));
  command->add_option("from", options->from, "the schema before")->required();
  command->add_option("to", options->to, "the schema after")->required();
  command->add_option("--format", options->format, "sql or summary (one line for each change)")
      ->check(CLI::IsMember({"sql", "summary"}));
  command->add_flag("--exit-code", options->exit_code, "end with 2 if there is a difference");
  add_location_options(command, options->overrides, true);
  command->add_option("--rename", options->renames, "old=new");
  command->add_option("--backfill", options->backfills, "table.column=expression");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return diff(*options, terminal); }; });
}

}  // namespace sluice::cli
