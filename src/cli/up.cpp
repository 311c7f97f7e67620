// Snapshots of older versions become the newest of their format, as drizzle-kit up makes them; with --to 1.0 the whole
// folder becomes one of drizzle-kit 1.0.
#include <fmt/format.h>

#include "base/files.hpp"
#include "cli/command_line.hpp"
#include "cli/migration_text.hpp"
#include "cli/written.hpp"
#include "history/checksums.hpp"
#include "history/dated.hpp"
#include "history/squashed.hpp"

namespace sluice::cli {

namespace {

struct UpOptions {
  Overrides overrides;
  std::optional<std::string> to;
  bool dry_run = false;
};

Json upgrade_snapshots(const history::Folder& folder) {
  // All are read before one is written: a broken one stops the command while nothing is changed.
  files::Batch batch;
  Json upgraded = Json::array();
  auto write = [&](const fs::path& file, const std::string& text) {
    batch.add(file, text);
    upgraded.push_back(fs::proximate(file).string());
  };
  if (folder.dated()) {
    if (folder.dated_snapshots().empty()) return upgraded;
    refuse_branches(folder);
    for (const auto& [name, text] : folder.dated_snapshots().in_version_9()) {
      const fs::path file = folder.path() / name / "snapshot.json";
      if (Json::parse(files::read(file)).value("version", "") != "9") write(file, text);
    }
  } else {
    for (const fs::path& file : folder.snapshot_files()) {
      const std::string text = files::read(file);
      const model::Snapshot snapshot = model::parse_snapshot(text, file.string());  // as version 7, whatever it was
      if (Json::parse(text).value("version", "7") != "7") write(file, model::print_snapshot(snapshot));
    }
  }
  batch.commit();
  return upgraded;
}

struct Moved {
  history::Entry from, to;
  std::string snapshot;
};

ErrorContext refused(const fs::path& file) {
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.at.file = file.string();
  return context;
}

// `squashed`: it is the folder of the old migrations, which databases are asked for by the times they have.
std::vector<Moved> plan_move(const history::Folder& folder, const Config& config, bool squashed, Terminal& terminal) {
  std::vector<Moved> out;
  model::Rows before;
  std::vector<std::string> previous;
  for (const history::Entry& entry : folder.entries()) {
    folder.read(entry);  // it must be there
    Moved moved{entry, entry, ""};
    moved.to.own_folder = true;
    moved.to.when = entry.when / 1000 * 1000;
    // drizzle-orm 1.0 runs them in the order of their names.
    if (!out.empty() && moved.to.when <= out.back().to.when) {
      if (squashed) {
        ErrorContext context = refused(folder.path() / entry.file_name());
        context.hint = "When no database is left that has only some of them, remove " + folder.path().string() + ".";
        throw Error(entry.tag + " has the time of the one before it, to the second, or an earlier one", context);
      }
      moved.to.when = out.back().to.when + 1000;
      terminal.warning(entry.tag + " has the time of the one before it, or an earlier one, and gets a later one");
    }
    history::Entry named = entry;
    named.when = moved.to.when;
    moved.to.tag = named.folder_name();
    model::Rows after = before;
    std::string id = history::new_id();
    if (const std::optional<model::Snapshot> snapshot = folder.snapshot_after(entry)) {
      after = model::rows_of(snapshot->schema, before);
      id = snapshot->id;
      if (!squashed && &entry == &folder.entries().back())
        after = spelled_as_written(after, snapshot->schema, config, terminal);
    }
    moved.snapshot = history::print_dated_snapshot("9", id, previous, before, after, {});
    previous = {id};
    before = std::move(after);
    out.push_back(std::move(moved));
  }
  return out;
}

void refuse_move(const history::Folder& folder) {
  ErrorContext context = refused(folder.path());
  for (const Diagnostic& diagnostic : folder.check())
    if (diagnostic.severity == Severity::error) {
      context.at = diagnostic.at;
      context.hint = diagnostic.hint;
      throw Error("the folder is not in order: " + diagnostic.message, context);
    }
}

// The new folders first, then the journal goes, by which the folder is of the new format; then what it named.
void move(const history::Folder& folder, const std::vector<Moved>& moved) {
  const fs::path& out = folder.path();
  std::vector<history::Checksum> recorded;
  int broken = 0;
  if (const auto text = files::read_if_exists(out / "meta" / "_sluice.sum"))
    recorded = history::parse_checksums(*text, broken);
  for (const Moved& each : moved) {
    const history::Migration migration = folder.read(each.from);
    const fs::path place = out / each.to.tag;
    fs::create_directories(place);
    files::write_atomically(place / "snapshot.json", each.snapshot);
    if (const auto beyond = files::read_if_exists(out / each.from.beyond_name()))
      files::write_atomically(out / each.to.beyond_name(), *beyond);
    if (const auto down = folder.read_down(each.from)) files::write_atomically(out / each.to.down_name(), *down);
    files::write_atomically(out / each.to.file_name(), migration.sql);
    std::string hash = migration.hash;
    for (const history::Checksum& known : recorded)
      if (known.file == each.from.file_name()) hash = known.hash;
    files::write_atomically(place / "_sluice.sum", history::own_checksum(hash));
  }
  // What was made of them over time gets the names of folders too, before the journal goes: a second run may do it
  // again.
  std::vector<history::Squashed> made = history::squashed_into(out);
  for (history::Squashed& each : made) {
    each.entry.tag = each.entry.folder_name();
    each.entry.when = each.entry.when / 1000 * 1000;
  }
  const std::string made_file = "_squashed.json";
  if (!made.empty()) files::write_atomically(out / "meta" / made_file, history::print_squashed_into(made));
  fs::remove(out / "meta" / "_journal.json");
  for (const Moved& each : moved) {
    fs::remove(out / each.from.file_name());
    fs::remove(out / each.from.down_name());
  }
  for (const fs::directory_entry& each : fs::directory_iterator(out / "meta"))
    if (each.path().filename() != made_file || made.empty()) fs::remove_all(each.path());
  if (made.empty()) fs::remove(out / "meta");
}

Exit up_to_1(const Config& config, const history::Folder& folder, const UpOptions& options, Terminal& terminal) {
  refuse_move(folder);
  const history::Folder squashed = history::Folder::open(config.out / "squashed");
  const bool move_squashed = !squashed.entries().empty() && !squashed.dated();
  if (move_squashed) refuse_move(squashed);
  const std::vector<Moved> moved = plan_move(folder, config, false, terminal);
  std::vector<Moved> old;
  if (move_squashed) old = plan_move(squashed, config, true, terminal);
  if (!options.dry_run) {
    if (move_squashed) move(squashed, old);
    move(folder, moved);
  }
  Json list = Json::array();
  for (const Moved& each : old)
    terminal.success("squashed/" + each.from.file_name() + " → squashed/" + each.to.file_name());
  for (const Moved& each : moved) {
    terminal.success(each.from.file_name() + " → " + each.to.file_name());
    list.push_back({{"from", each.from.tag}, {"to", each.to.tag}});
  }
  if (options.dry_run)
    terminal.say("Nothing was changed");
  else
    terminal.say(
        "  Next: 'sluice migrate' on every database that has migrations of this folder, before drizzle-orm 1.0 runs "
        "there: "
        "it goes by the names in the table of migrations, which have to become the new ones.");
  if (terminal.json()) terminal.answer({{"status", options.dry_run ? "dry_run" : "ok"}, {"moved", list}});
  return Exit::done;
}

Exit up(const UpOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
  files::DirectoryLock lock(fs::current_path());
  history::Folder folder = history::Folder::open(config.out);
  if (!folder.exists()) {
    ErrorContext context;
    context.at.file = config.out.string();
    context.hint = "Set 'out' in the configuration (or --out) to the migrations folder.";
    throw Error("the migrations folder does not exist", context);
  }
  if (options.to && !folder.dated()) return up_to_1(config, folder, options, terminal);
  const std::string version = folder.dated() ? "9" : "7";
  const Json upgraded = upgrade_snapshots(folder);
  for (const Json& name : upgraded) terminal.success(name.get<std::string>());
  terminal.say(upgraded.empty() ? "Everything's fine: all snapshots are of version " + version : "Everything's fine");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"upgraded", upgraded}});
  return Exit::done;
}

}  // namespace

void add_up(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<UpOptions>();
  CLI::App* command =
      add_command(app, chosen, "up", "Bring a folder that an older drizzle-kit wrote to the newest format",
                  "  sluice up                       # snapshots to version 7; in a folder of 1.0 to version 9\n"
                  "  sluice up --to 1.0              # the folder becomes one of drizzle-kit 1.0\n"
                  "  sluice up --out drizzle --dialect postgresql");
  add_location_options(command, options->overrides, false);
  add_dialect_option(command, options->overrides);
  command->add_option("--to", options->to, "1.0: a folder for each migration, as drizzle-kit 1.0 has it")
      ->check(CLI::IsMember({"1.0"}));
  command->add_flag("--dry-run", options->dry_run, "with --to: say what would be moved, change nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return up(*options, terminal); }; });
}

}  // namespace sluice::cli
