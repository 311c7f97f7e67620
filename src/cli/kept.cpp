// What migrations dropped and sluice keeps for the way back.
#include "apply/kept.hpp"

#include <fmt/format.h>

#include "apply/runs.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "server/user_session.hpp"

namespace sluice::cli {

namespace {

struct KeptOptions {
  Overrides overrides;
  std::optional<std::string> migration;
  std::optional<double> older_than;
  bool all = false;
};

Json print(const std::vector<apply::Kept>& list, Terminal& terminal) {
  Json json = Json::array();
  size_t width = 0;
  for (const apply::Kept& kept : list) width = std::max(width, kept.object.size());
  for (const apply::Kept& kept : list) {
    if (kept.kind == "not_kept") {
      terminal.say(fmt::format("  {:<{}}  not kept: {}  {}  {} of {}", kept.object, width, kept.reason, kept.kept_at,
                               kept.direction, kept.migration));
      json.push_back({{"object", kept.object},
                      {"kind", kept.kind},
                      {"migration", kept.migration},
                      {"direction", kept.direction},
                      {"reason", kept.reason},
                      {"at", kept.kept_at}});
      continue;
    }
    terminal.say(fmt::format("  {:<{}}  {:>13}  {:>8} kB  {}  {} of {}", kept.object, width,
                             kept.kind == "sequence" ? "its value" : fmt::format("{} rows", kept.rows),
                             (kept.bytes + 999) / 1000, kept.kept_at, kept.direction, kept.migration));
    json.push_back({{"object", kept.object},
                    {"kind", kept.kind},
                    {"migration", kept.migration},
                    {"direction", kept.direction},
                    {"rows", kept.rows},
                    {"bytes", kept.bytes},
                    {"keptAt", kept.kept_at},
                    {"table", "sluice.kept_" + std::to_string(kept.id)}});
  }
  return json;
}

Exit list(const KeptOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::database});
  server::Connection connection({config.url, "sluice kept"});
  server::protect(connection);
  std::vector<apply::Kept> kept = apply::read_kept(connection, config.ledger);
  Json json = print(kept, terminal);
  if (kept.empty()) terminal.say("Nothing is kept in " + connection.describe());
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"kept", json}});
  return Exit::done;
}

Exit purge(const KeptOptions& options, Terminal& terminal) {
  if (!options.all && !options.migration && !options.older_than) {
    ErrorContext context;
    context.hint = "Say which: --migration 0003_name, --older-than 30 (days), or --all.";
    context.state = "Nothing was changed.";
    throw Error("what is purged cannot be brought back any more", context);
  }
  Config config = load_config(options.overrides, {Needs::database});
  Runner runner(config, "kept purge", terminal);
  server::Connection& connection = runner.connection;
  std::vector<apply::Kept> gone;
  apply::noted(connection, runner.target, config.ledger, apply::read_ledger(connection, config.ledger), runner.info,
               [&](apply::Done& done) {
                 gone = apply::purge_kept(connection, config.ledger, options.migration, options.older_than);
                 done.totals.statements = gone.size();
                 for (const apply::Kept& kept : gone)
                   if (done.migrations.empty() || done.migrations.back() != kept.migration)
                     done.migrations.push_back(kept.migration);
               });
  Json json = print(gone, terminal);
  terminal.success(fmt::format("{} purged", gone.size()));
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"purged", json}});
  return Exit::done;
}

}  // namespace

void add_kept(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<KeptOptions>();
  CLI::App* command = add_command(app, chosen, "kept", "Show what migrations dropped and what is kept for the way back",
                                  "  sluice kept\n  sluice kept purge --older-than 30");
  add_location_options(command, options->overrides, true);
  command->callback([&chosen, options, command] {
    if (command->get_subcommands().empty())
      chosen.run = [options](Terminal& terminal) { return list(*options, terminal); };
  });
  CLI::App* purging = command->add_subcommand("purge", "Let go of it");
  purging->add_flag("--json", chosen.json, "answer for programs: one JSON value on standard output");
  add_location_options(purging, options->overrides, true);
  purging->add_option("--migration", options->migration, "what this migration dropped");
  purging->add_option("--older-than", options->older_than, "what was dropped more than so many days ago")
      ->check(CLI::NonNegativeNumber);
  purging->add_flag("--all", options->all, "everything");
  purging->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return purge(*options, terminal); }; });
  CLI::App* listing = command->add_subcommand("list", "Show it");
  listing->add_flag("--json", chosen.json, "answer for programs: one JSON value on standard output");
  add_location_options(listing, options->overrides, true);
  listing->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return list(*options, terminal); }; });
}

}  // namespace sluice::cli
