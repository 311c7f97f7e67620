// Reads the command line, runs one command, turns what went wrong into a message and an exit code.
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>

#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "cli/command_list.hpp"
#include "sluice/version.hpp"

namespace sluice::cli {

namespace {

// In the order of --help: the order of a day's work.
constexpr void (*commands[])(CLI::App&, Chosen&) = {
    add_generate,     add_expand,   add_contract,
    add_review,       add_message,  add_migrate,
    add_status,       add_rollback, add_kept,
    add_log,          add_push,     add_pull,
    add_check,        add_verify,   add_drift,
    add_rebase,       add_studio,   add_dev,
    add_merge_driver, add_diff,     add_squash,
    add_baseline,     add_repair,   add_db,
    add_seed,         add_deploy,   add_fleet,
    add_ci,           add_docs,     add_export,
    add_up,           add_drop,     add_upgrade_from_drizzle_kit,
    add_completion,
};

// What is wrong with the first word, or nothing: CLI11 would only say that a subcommand is required.
std::optional<Error> wrong_command(const CLI::App& app, const std::string& word) {
  std::string nearest;
  size_t distance = 3;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return std::nullopt;
    size_t d = text::edit_distance(word, command->get_name());
    if (d < distance) distance = d, nearest = command->get_name();
  }
  const std::string message = "there is no command '" + word + "'";
  // generate:pg, introspect:pg …
  if (const size_t colon = word.find(':'); colon != std::string::npos && word.substr(colon) == ":pg")
    return Error(message, {.hint = "it is 'sluice " + word.substr(0, colon) + "' now"});
  return Error(message, {.hint = nearest.empty() ? "sluice --help lists the commands"
                                                 : "did you mean 'sluice " + nearest + "'?"});
}

int wrong_usage(Chosen& chosen, const Error& error) {
  try {
    take_environment(chosen.records);
  } catch (const Error&) {  // one error is enough
  }
  Terminal(false, chosen.records.log == "json").print(error);
  return static_cast<int>(Exit::error);
}

// "fleet migrate"
std::string name_of(const CLI::App& app) {
  std::string out;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    out += (out.empty() ? "" : " ") + at->get_name();
  }
  return out;
}

Exit say(const Chosen& chosen, const Error& error, Terminal& terminal) {
  terminal.print(error);
  if (chosen.json) terminal.answer(to_json(error));
  return error.context.exit;
}

Exit run_command(const Chosen& chosen, trace::Span& span, Terminal& terminal) {
  try {
    return chosen.run(terminal);
  } catch (const Error& error) {
    span.fail(error.what());
    return say(chosen, error, terminal);
  } catch (const std::filesystem::filesystem_error& error) {
    ErrorContext context;
    context.at.file = error.path1().string();
    context.hint = "Check that it is the path that you meant, and its permissions.";
    span.fail(error.code().message());
    return say(chosen, Error(error.path1().string() + ": " + error.code().message(), context), terminal);
  } catch (const std::exception& error) {
    span.fail(error.what());
    return say(chosen, Error(std::string("internal error: ") + error.what()), terminal);
  }
}

Exit run_chosen(Chosen& chosen, const std::string& command) {
  std::optional<Error> wrong;
  try {
    take_environment(chosen.records);
  } catch (const Error& error) {
    wrong = error;
  }
  Terminal terminal(chosen.json, chosen.records.log == "json");
  try {
    if (wrong) throw Error(*wrong);
    begin_records(chosen.records, command, terminal);
  } catch (const Error& error) {
    return say(chosen, error, terminal);
  }
  Exit exit = Exit::error;
  {
    trace::Span span("run", {{"sluice.command", command}, {"sluice.version", std::string(version())}}, parent_of_run());
    exit = run_command(chosen, span, terminal);
    span.set("process.exit.code", static_cast<std::int64_t>(exit));
    if (exit != Exit::done) span.fail("");
  }
  end_records(chosen.records, exit, terminal);
  return exit;
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app("Schema migrations for PostgreSQL, on your Drizzle schema and migrations folder.", "sluice");
  app.set_version_flag("-v,--version", "sluice " + std::string(version()) + "\n" + std::string(build_data()));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  Chosen chosen;
  for (auto add : commands) add(app, chosen);
  if (argc == 1) {
    std::cout << app.help();
    return 0;
  }
  if (std::string word = argv[1]; !word.starts_with('-'))
    if (std::optional<Error> wrong = wrong_command(app, word)) return wrong_usage(chosen, *wrong);
  const std::string hint = "sluice --help, or sluice <command> --help, lists what there is";
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ExtrasError&) {  // its own text has them in reverse
    return wrong_usage(chosen, Error("unexpected: " + text::join(app.remaining(true), " "), {.hint = hint}));
  } catch (const CLI::ParseError& error) {
    return wrong_usage(chosen, Error(error.what(), {.hint = hint}));
  }

  interrupt::install();
  return static_cast<int>(run_chosen(chosen, name_of(app)));
}

}  // namespace sluice::cli
