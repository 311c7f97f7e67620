// Snapshots of older versions become version 7, as drizzle-kit up makes them.
#include "base/files.hpp"
#include "cli/command_line.hpp"

namespace sluice::cli {

namespace {

Exit up(const Overrides& overrides, Terminal& terminal) {
  Config config = load_config(overrides, {Needs::folder});
  files::DirectoryLock lock(fs::current_path());
  history::Folder folder = history::Folder::open(config.out);
  if (!folder.exists()) {
    ErrorContext context;
    context.at.file = config.out.string();
    context.hint = "Set 'out' in the configuration (or --out) to the migrations folder.";
    throw Error("the migrations folder does not exist", context);
  }
  // All are read before one is written: a broken one stops the command while nothing is changed.
  files::Batch batch;
  Json upgraded = Json::array();
  for (const fs::path& file : folder.snapshot_files()) {
    std::string text = files::read(file);
    model::Snapshot snapshot = model::parse_snapshot(text, file.string());  // as version 7, whatever it was
    if (Json::parse(text).value("version", "7") == "7") continue;
    batch.add(file, model::print_snapshot(snapshot));
    upgraded.push_back(fs::proximate(file).string());
  }
  batch.commit();
  for (const Json& name : upgraded) terminal.success(name.get<std::string>());
  terminal.say(upgraded.empty() ? "Everything's fine: all snapshots are of version 7" : "Everything's fine");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"upgraded", upgraded}});
  return Exit::done;
}

}  // namespace

void add_up(CLI::App& app, Chosen& chosen) {
  auto overrides = std::make_shared<Overrides>();
  CLI::App* command = add_command(app, chosen, "up", "Bring snapshots that an older drizzle-kit wrote to version 7",
                                  "  sluice up\n  sluice up --out drizzle --dialect postgresql");
  add_location_options(command, *overrides, false);
  add_dialect_option(command, *overrides);
  command->callback(
      [&chosen, overrides] { chosen.run = [overrides](Terminal& terminal) { return up(*overrides, terminal); }; });
}

}  // namespace sluice::cli
