// Takes the last migration out of the folder: its SQL, way back, snapshot, journal entry and checksum. Changes no
// database, so it refuses what is applied in one that it can see.
#include "base/files.hpp"
#include "cli/applied.hpp"
#include "cli/command_line.hpp"
#include "history/rewrite.hpp"

namespace sluice::cli {

namespace {

struct DropOptions {
  Overrides overrides;
  std::optional<std::string> migration;
  bool yes = false, ignore_database = false;
};

void refuse_applied(const history::Folder& folder, const history::Entry& entry, const DropOptions& options,
                    Terminal& terminal) {
  std::optional<std::string> sql = files::read_if_exists(folder.path() / entry.file_name());
  for (const KnownDatabase& database : ask_databases(options.overrides, terminal)) {
    ErrorContext context;
    context.exit = Exit::refused;
    context.state = "Nothing was changed.";
    if (const apply::Progress* progress = database.under_way(entry)) {
      const bool up = progress->direction == apply::Direction::up;
      context.hint = up ? "Finish it there ('sluice migrate'), then take it back ('sluice rollback')."
                        : "Finish the way back there first: sluice rollback.";
      throw Error(entry.tag + " is half " + (up ? "applied" : "rolled back") + " in " + database.name + " (" +
                      std::to_string(progress->done) + " of " + std::to_string(progress->total) + " steps)",
                  context);
    }
    if (!database.has(entry, sql ? files::sha256(*sql) : "")) continue;
    context.hint = "Undo it first ('sluice rollback'), or write a new migration that takes it back.";
    throw Error(entry.tag + " is applied in " + database.name, context);
  }
}

Exit drop(const DropOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
  files::DirectoryLock lock(fs::current_path());
  history::Folder folder = history::open_to_write(config.out);
  if (folder.entries().empty()) {
    terminal.say("No migration entries found in " + (fs::proximate(config.out) / "meta" / "_journal.json").string());
    if (terminal.json()) terminal.answer({{"status", "nothing_to_do"}});
    return Exit::done;
  }
  history::Entry last = folder.entries().back();
  if (options.migration && *options.migration != last.tag && *options.migration != last.file_name()) {
    ErrorContext context;
    context.exit = Exit::refused;
    context.state = "Nothing was changed.";
    context.hint =
        "Later migrations and their snapshots build on it. Drop those first, or write a migration that "
        "takes it back.";
    throw Error("only the last migration can be dropped, and that is " + last.tag, context);
  }
  if (!options.ignore_database) refuse_applied(folder, last, options, terminal);
  if (!options.yes && !options.migration) {
    if (!terminal.interactive()) {
      ErrorContext context;
      context.state = "Nothing was changed.";
      context.hint = "Say so: sluice drop " + last.tag + ", or sluice drop --yes.";
      throw Error("is " + last.tag + " to be dropped?", context);
    }
    if (terminal.choose("Drop " + last.tag + ", with its snapshot?", {"no, keep it", "yes, drop it"}) == 0) {
      terminal.say("Nothing was changed");
      return Exit::done;
    }
  }
  history::Rewrite changes;
  changes.entries = folder.entries();
  changes.entries.pop_back();
  for (const std::string& name : {last.file_name(), last.down_name(), last.snapshot_name(), last.beyond_name()})
    if (fs::exists(config.out / name)) changes.removed.push_back(name);
  if (folder.dated())
    folder.drop_last_dated();
  else
    history::rewrite(config.out, changes);
  terminal.success(last.tag + " migration successfully dropped");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"dropped", last.tag}, {"removed", changes.removed}});
  return Exit::done;
}

}  // namespace

void add_drop(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DropOptions>();
  CLI::App* command = add_command(app, chosen, "drop", "Take the last migration out of the folder; changes no database",
                                  "  sluice drop\n  sluice drop 0007_create_pears");
  add_location_options(command, options->overrides, true);
  command->add_option("migration", options->migration, "the last migration; without it, it is asked");
  command->add_option("--driver", options->overrides.driver, "of drizzle-kit; changes nothing here")
      ->check(CLI::IsMember({"pglite", "aws-data-api"}));
  command->add_flag("--yes", options->yes, "do not ask");
  command->add_flag("--ignore-database", options->ignore_database, "do not look whether it is applied");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return drop(*options, terminal); }; });
}

}  // namespace sluice::cli
