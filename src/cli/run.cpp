// Reads the command line, runs one command, turns what went wrong into a message and an exit code.
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>

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
std::string wrong_command(const CLI::App& app, const std::string& word) {
  std::string nearest;
  size_t distance = 3;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return "";
    size_t d = text::edit_distance(word, command->get_name());
    if (d < distance) distance = d, nearest = command->get_name();
  }
  // generate:pg, introspect:pg …
  if (const size_t colon = word.find(':'); colon != std::string::npos && word.substr(colon) == ":pg")
    return "error: there is no command '" + word + "'\n  hint: it is 'sluice " + word.substr(0, colon) + "' now\n";
  return "error: there is no command '" + word + "'\n  hint: " +
         (nearest.empty() ? "sluice --help lists the commands" : "did you mean 'sluice " + nearest + "'?") + "\n";
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
  } catch (const std::filesystem::filesystem_error& error) {
    ErrorContext context;
    context.at.file = error.path1().string();
    context.hint = "Check that it is the path that you meant, and its permissions.";
    Error file(error.path1().string() + ": " + error.code().message(), context);
    terminal.print(file);
    if (chosen.json) terminal.answer(to_json(file));
    return static_cast<int>(Exit::error);
  } catch (const std::exception& error) {
    Error internal(std::string("internal error: ") + error.what());
    terminal.print(internal);
    if (chosen.json) terminal.answer(to_json(internal));
    return static_cast<int>(Exit::error);
  }
}

}  // namespace sluice::cli
