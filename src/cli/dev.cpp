// Watches the schema files: at each save it shows what has changed since the last migration, and with --push makes the
// local database like it.
#include <fmt/format.h>

#include "base/interrupt.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"
#include "cli/live.hpp"
#include "cli/steps.hpp"
#include "cli/watch_files.hpp"
#include "server/connection.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

struct DevOptions {
  Overrides overrides;
  bool push = false, once = false;
};

void refuse_far_database(const Config& config) {
  server::Target target;
  target.url = config.url;
  target.application_name = "sluice dev";
  const server::Connection connection(target);
  refuse_protected(config, "dev --push", &connection);
  if (connection.is_local()) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Start one with 'sluice db start', or leave out --push.";
  throw Error(
      "dev --push changes a database at every save, so only one on this machine: this is " + connection.describe(),
      context);
}

// Gives a text by which an answer is known: what is shown again only if it is another one. With `once` an error is
// that of the command; else it is shown, and the next save is another try.
std::string show_difference(const Config& config, const std::string& before, bool once, Terminal& terminal) {
  GenerateOptions options;
  options.dry_run = true;
  options.questions.state = "Nothing is written by 'sluice dev'; 'sluice generate' asks, or takes the flags.";
  Terminal quiet(true);
  Json answer;
  try {
    answer = generate_from(config, options, quiet);
  } catch (const Error& error) {
    if (once || error.context.exit == Exit::interrupted) throw;
    if (before != error.what()) {
      if (terminal.json())
        terminal.answer(to_json(error));
      else
        terminal.print(error);
    }
    return error.what();
  }
  const std::string text = answer.dump();
  if (text == before) return text;
  if (terminal.json()) {
    terminal.answer(answer);
    return text;
  }
  if (answer["status"] == "no_changes") {
    terminal.success("The schema is that of the last migration");
    return text;
  }
  for (const Json& migration : answer["migrations"]) {
    terminal.say(terminal.bold("Would generate " + migration["migration"].get<std::string>()) + ":");
    for (const Json& statement : migration["statements"])
      terminal.say("  " + text::replace_all(statement["sql"].get<std::string>(), "\n", "\n  "));
    for (const Json& note : migration["notes"]) terminal.warning(note.get<std::string>());
  }
  return text;
}

// As a command of its own: what it asks and refuses is the same, and the next save is a new try.
Exit push(const DevOptions& options, Terminal& terminal) {
  std::vector<std::string> command{process::self().string(), "push"};
  if (options.overrides.config) command.insert(command.end(), {"--config", *options.overrides.config});
  if (options.overrides.url) command.insert(command.end(), {"--url", *options.overrides.url});
  const int code = process::run_visibly(command, 1);
  if (code != 0 && code != static_cast<int>(Exit::interrupted))
    terminal.note("What was not pushed can be answered by hand: flags named above are those of 'sluice push'.");
  return static_cast<Exit>(code);
}

Exit dev(const DevOptions& options, Terminal& terminal) {
  std::vector<Needs> needs{Needs::folder, Needs::schema};
  if (options.push) needs.push_back(Needs::database);
  Config config = load_config(options.overrides, needs);
  if (options.push) refuse_far_database(config);
  FileWatch files;
  files.add(source_directories(config));
  std::string shown = show_difference(config, "", options.once, terminal);
  const Exit pushed = options.push ? push(options, terminal) : Exit::done;
  if (options.once) return pushed;
  terminal.detail("Watching the schema; Ctrl-C ends it.");
  while (files.wait()) {
    try {
      config = load_config(options.overrides, needs);
      files.add(source_directories(config));
    } catch (const Error& error) {  // the configuration is being edited
      if (error.context.exit == Exit::interrupted) throw;
      terminal.print(error);
      continue;
    }
    const std::string now = show_difference(config, shown, false, terminal);
    if (options.push && now != shown) push(options, terminal);
    shown = now;
  }
  return Exit::interrupted;
}

}  // namespace

void add_dev(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DevOptions>();
  CLI::App* command =
      add_command(app, chosen, "dev", "Watch the schema: at each save, what the next migration would be",
                  "  sluice dev\n"
                  "  sluice dev --push          # and the local database follows");
  add_location_options(command, options->overrides, true);
  add_schema_options(command, options->overrides);
  command->add_flag("--push", options->push,
                    "make the local database like the schema at each save, as 'sluice push' does");
  command->add_flag("--once", options->once, "show it and end");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return dev(*options, terminal); }; });
}

}  // namespace sluice::cli
