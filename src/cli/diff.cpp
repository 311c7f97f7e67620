// The statements between two snapshots, for any program that wants them. Writes nothing, so it asks nothing: what is
// not said to be renamed is dropped and created.
#include "diff/diff.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/questions.hpp"
#include "plan/plan.hpp"

namespace sluice::cli {

namespace {

struct DiffOptions {
  std::string from, to;
  std::vector<std::string> renames, backfills;
};

Exit diff(const DiffOptions& options, Terminal& terminal) {
  model::Schema from = model::parse_snapshot(files::read(options.from), options.from).schema;
  model::Schema to = model::parse_snapshot(files::read(options.to), options.to).schema;
  diff::Renames renames = diff::parse_renames(options.renames, from, to);
  plan::Options plan_options{parse_backfills(options.backfills)};
  plan::Plan up = plan::make(from, to, diff::compare(from, to, renames), plan_options);
  plan::Plan down = plan::reverse(from, to, renames);
  if (!terminal.json()) {
    for (const plan::Statement& statement : up.statements) terminal.say(std::string(text::trim(statement.sql)));
    for (const std::string& note : up.notes) terminal.warning(note);
    return Exit::done;
  }
  auto list = [](const plan::Plan& plan) {
    Json json = Json::array();
    for (const plan::Statement& statement : plan.statements)
      json.push_back({{"sql", text::trim(statement.sql)}, {"transactional", statement.transactional}});
    return json;
  };
  Json missing = Json::array();
  for (const model::Column& column : up.missing_backfill) missing.push_back(model::display(column.key));
  terminal.answer({{"statements", list(up)}, {"down", list(down)}, {"notes", up.notes}, {"needsBackfill", missing}});
  return Exit::done;
}

}  // namespace

void add_diff(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command = add_command(app, chosen, "diff", "Print the statements between two snapshots",
                                  "  sluice diff meta/0002_snapshot.json meta/0003_snapshot.json --json");
  command->add_option("from", options->from, "snapshot before")->required();
  command->add_option("to", options->to, "snapshot after")->required();
  command->add_option("--rename", options->renames, "old=new");
  command->add_option("--backfill", options->backfills, "table.column=expression");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return diff(*options, terminal); }; });
}

}  // namespace sluice::cli
