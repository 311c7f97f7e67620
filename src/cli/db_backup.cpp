// Back to the moment before a migration: of the local server by its own base backups and archived WAL; of other servers
// with exact words on what to do there.
#include <fmt/format.h>

#include <algorithm>

#include "apply/restore_point.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/db.hpp"
#include "server/local_backup.hpp"

namespace sluice::cli {

namespace {

struct BackupOptions {
  DatabaseOptions where;
  bool list = false;
  size_t keep = 0;  // all
};

struct RestoreOptions {
  DatabaseOptions where;
  std::optional<std::string> before;
  bool undo = false, yes = false;
};

// Where the database is, and how one goes back in time there.
enum class Place { local, supabase, pgbackrest, other };

// "abcdefghijklmnop" of db.abcdefghijklmnop.supabase.co or postgres.abcdefghijklmnop@….pooler.supabase.com
std::string supabase_project(const std::string& url) {
  for (const auto& [before, after] : {std::pair("@db.", ".supabase."), std::pair("//postgres.", ":")}) {
    size_t at = url.find(before);
    if (at == std::string::npos) continue;
    at += std::string_view(before).size();
    return url.substr(at, url.find(after, at) - at);
  }
  return "";
}

Place place_of(const Config& config, const server::LocalOptions& local) {
  server::LocalStatus status = server::local_status(local);
  if (status.exists && server::same_database(server::with_database(config.url, "postgres"), status.url))
    return Place::local;
  if (config.url.find(".supabase.co") != std::string::npos) return Place::supabase;
  return config.settings.backup.pgbackrest.empty() ? Place::other : Place::pgbackrest;
}

// The local server that the project's database is on: --port and --data, else the port of its URL.
server::LocalOptions local_of(const DatabaseOptions& options, const Config& config) {
  server::LocalOptions local = local_options(options);
  if (options.port || options.data) {
    local.port = server::port_of(server::local_status(local).url).value_or(local.port);
    return local;
  }
  local.port = server::port_of(config.url).value_or(local.port);
  return local;
}

void print_supabase(const std::string& url, const std::string& moment, Terminal& terminal) {
  std::string project = supabase_project(url);
  if (project.empty()) project = "<project>";
  terminal.say("Supabase keeps the backups of its databases. To go back to that moment:");
  terminal.say("  1. Stop what writes: what was written after the moment is lost.");
  terminal.say("  2. https://supabase.com/dashboard/project/" + project + "/database/backups/pitr");
  terminal.say("     (Database → Backups → Point in time; an add-on of the Pro plan)");
  terminal.say("  3. Start a restore → " + (moment.empty() ? "the time of the migration (sluice log)" : moment) +
               "; the project is away for some minutes.");
  terminal.say("  4. sluice status: the migration is pending again.");
  terminal.say(
      "Without that add-on there are the daily backups of .../database/backups/scheduled, and what pg_dump made:");
  terminal.say("  [backup] dump = \"backups\" in sluice.toml makes one before each migration marked -- sluice:major.");
}

// The moments to go back to. One from before the first backup is of no use any more, and said to be.
void list_points(const Config& config, const std::vector<server::LocalBackup>& backups, Terminal& terminal) {
  server::Connection connection(server::Target{config.url});
  for (const apply::RestorePoint& point : apply::read_restore_points(connection, config.ledger)) {
    const std::string at = connection.query("SELECT ($1::pg_lsn - '0/0')::text", {point.lsn}).text(0, 0);
    const bool reached = std::any_of(backups.begin(), backups.end(),
                                     [&](const server::LocalBackup& backup) { return backup.stop <= std::stoull(at); });
    terminal.say("  before " + point.migration + "  " + point.made_at +
                 (reached ? "" : "  (no backup from before it is there)"));
  }
}

Exit backup(const BackupOptions& options, Terminal& terminal) {
  Config config = load_config(with_local_server(options.where), {Needs::database});
  server::LocalOptions local = local_of(options.where, config);
  Place place = place_of(config, local);
  if (place == Place::supabase) {
    print_supabase(config.url, "", terminal);
    if (terminal.json()) terminal.answer({{"status", "elsewhere"}, {"place", "supabase"}});
    return Exit::done;
  }
  if (place == Place::pgbackrest) {
    const std::string& stanza = config.settings.backup.pgbackrest;
    if (process::run_visibly({"pgbackrest", "--stanza=" + stanza, options.list ? "info" : "backup"}, 1) != 0)
      throw Error("pgbackrest --stanza=" + stanza + " failed");
    if (terminal.json()) terminal.answer({{"status", "ok"}, {"place", "pgbackrest"}});
    return Exit::done;
  }
  if (place == Place::other) {
    ErrorContext context;
    context.hint =
        "For a server that you operate, set up pgBackRest and say so in sluice.toml:\n  [backup]\n  pgbackrest = "
        "\"main\"\nFor pg_dump before each migration marked -- sluice:major: dump = \"backups\".";
    throw Error("the database is not on the local server of 'sluice db start', and nothing says how it is backed up",
                context);
  }
  if (!options.list) {
    if (server::local_start_archiving(local))
      terminal.success("The server was started again and archives its WAL from now on");
    server::LocalBackup made = server::local_backup(local);
    if (options.keep > 0)
      if (size_t gone = server::local_prune_backups(local, options.keep))
        terminal.say(fmt::format("  {} older {} removed; 'db restore' goes back to {} and no further", gone,
                                 gone == 1 ? "backup" : "backups", server::local_backups(local).front().taken_at));
    terminal.success("Backup taken: " + made.directory.string());
    terminal.detail("  'sluice db restore --before 0003' goes back to the moment before a migration run from now on");
  }
  Json list = Json::array();
  for (const server::LocalBackup& each : server::local_backups(local)) {
    if (options.list) terminal.say("  " + each.taken_at + "  " + each.directory.string());
    list.push_back({{"takenAt", each.taken_at}, {"directory", each.directory.string()}});
  }
  double megabytes = static_cast<double>(server::local_backup_bytes(local)) / 1e6;
  if (list.empty())
    terminal.say("There is no backup; 'sluice db backup' takes one");
  else
    terminal.detail(fmt::format("  {} {} and the WAL since the first: {:.0f} MB (--keep removes older ones)",
                                list.size(), list.size() == 1 ? "backup" : "backups", megabytes));
  if (options.list) list_points(config, server::local_backups(local), terminal);
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"backups", list}, {"megabytes", megabytes}});
  return Exit::done;
}

std::string number_of(const std::string& tag) {
  std::string digits = tag.substr(0, tag.find('_'));
  size_t zeros = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return digits.empty() ? digits : digits.substr(zeros);
}

// The last point that was made before the migration that "0003", "3", "0003_add_x" or "0003_add_x.sql" names.
std::optional<apply::RestorePoint> find_point(const std::vector<apply::RestorePoint>& points, const std::string& name) {
  const std::string given = history::tag_in(name);
  for (const apply::RestorePoint& point : points)
    if (point.migration == given) return point;
  if (given.empty() || given.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  for (const apply::RestorePoint& point : points)
    if (number_of(point.migration) == number_of(given)) return point;
  return std::nullopt;
}

[[noreturn]] void no_point(const std::vector<apply::RestorePoint>& points, const std::string& given) {
  std::vector<std::string> names;
  for (const apply::RestorePoint& point : points)
    if (std::find(names.begin(), names.end(), point.migration) == names.end()) names.push_back(point.migration);
  ErrorContext context;
  context.state = "Nothing was changed.";
  context.hint = names.empty()
                     ? "Points are written from the first 'sluice db backup' on, before each migration that is run."
                     : "There are points before " + text::join(names, ", ") + ".";
  throw Error("no restore point before '" + given + "' is noted in this database", context);
}

void print_pgbackrest(const Config& config, const apply::RestorePoint& point, Terminal& terminal) {
  const std::string& stanza = config.settings.backup.pgbackrest;
  terminal.say("On the database's machine, as the user that PostgreSQL runs as, with the server stopped:");
  if (!point.name.empty())
    terminal.say("  pgbackrest --stanza=" + stanza + " --delta --type=name --target=\"" + point.name +
                 "\" --target-action=promote restore");
  else
    terminal.say("  pgbackrest --stanza=" + stanza + " --delta --type=time --target=\"" +
                 text::replace_all(text::replace_all(point.made_at, "T", " "), "Z", "+00") +
                 "\" --target-action=promote restore");
  terminal.say(
      "Then start it: it comes up as it was at that moment, and 'sluice status' says that the migration is "
      "pending. What was written after the moment is lost.");
}

void print_other(const apply::RestorePoint& point, Terminal& terminal) {
  terminal.say("The server is not one of 'sluice db start', so it is brought back where it is operated:");
  if (!point.name.empty()) terminal.say("  recovery_target_name = '" + point.name + "'");
  terminal.say((point.name.empty() ? "  recovery_target_time = '" : "  or recovery_target_time = '") + point.made_at +
               "'");
  terminal.say("  recovery_target_action = 'promote'");
  terminal.say("With pgBackRest, [backup] pgbackrest = \"stanza\" in sluice.toml makes the exact command of it.");
}

void confirm(const RestoreOptions& options, const std::string& what, Terminal& terminal) {
  if (options.yes) return;
  if (terminal.interactive() &&
      terminal.choose(what, {"Go back (what is there now is kept)", "Leave everything as it is"}) == 0)
    return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Run it again with --yes.";
  throw Error(what, context);
}

Exit undo(const RestoreOptions& options, const server::LocalOptions& local, Terminal& terminal) {
  confirm(options, "this brings all databases of the local server back to what the last restore replaced", terminal);
  fs::path kept = server::local_undo_restore(local);
  terminal.success("The restore is undone; the data that it had made is kept in " + kept.string());
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"kept", kept.string()}});
  return Exit::done;
}

Exit restore(const RestoreOptions& options, Terminal& terminal) {
  if (!options.undo && !options.before) {
    ErrorContext context;
    context.hint = "Say which moment: --before 0003, or --undo.";
    throw Error("nothing says where to go back to", context);
  }
  Config config = load_config(with_local_server(options.where), {Needs::database});
  server::LocalOptions local = local_of(options.where, config);
  Place place = place_of(config, local);
  if (options.undo) {
    if (place == Place::local) return undo(options, local, terminal);
    throw Error("only a restore of the local server can be undone here");
  }
  std::vector<apply::RestorePoint> points;
  {
    server::Connection connection({config.url, "sluice db restore"});
    points = apply::read_restore_points(connection, config.ledger);
  }
  std::optional<apply::RestorePoint> point = find_point(points, *options.before);
  if (!point) {
    if (place == Place::supabase) {
      print_supabase(config.url, "", terminal);
      if (terminal.json()) terminal.answer({{"status", "elsewhere"}, {"place", "supabase"}});
      return Exit::done;
    }
    no_point(points, *options.before);
  }
  terminal.say("Before " + point->migration + ": " + point->made_at +
               (point->name.empty() ? "" : ", restore point '" + point->name + "'"));
  if (!point->saved.empty()) terminal.say("  then was made: " + point->saved);
  if (place != Place::local) {
    if (place == Place::supabase)
      print_supabase(config.url, point->made_at, terminal);
    else if (place == Place::pgbackrest)
      print_pgbackrest(config, *point, terminal);
    else
      print_other(*point, terminal);
    if (terminal.json())
      terminal.answer({{"status", "elsewhere"},
                       {"place", place == Place::supabase     ? "supabase"
                                 : place == Place::pgbackrest ? "pgbackrest"
                                                              : "other"},
                       {"migration", point->migration},
                       {"restorePoint", point->name},
                       {"moment", point->made_at},
                       {"lsn", point->lsn},
                       {"saved", point->saved}});
    return Exit::done;
  }
  if (point->name.empty()) no_point(points, *options.before);
  confirm(options, "this brings all databases of the local server back to " + point->made_at, terminal);
  fs::path kept = server::local_restore(local, point->name, point->lsn);
  terminal.success("The local server is as it was before " + point->migration);
  terminal.say("  What it replaced is kept in " + kept.string() + " ('sluice db restore --undo' brings it back)");
  if (terminal.json())
    terminal.answer({{"status", "ok"},
                     {"migration", point->migration},
                     {"restorePoint", point->name},
                     {"moment", point->made_at},
                     {"kept", kept.string()}});
  return Exit::done;
}

}  // namespace

void add_db_backup(CLI::App& db, Chosen& chosen) {
  auto taken = std::make_shared<BackupOptions>();
  CLI::App* command = add_command(
      db, chosen, "backup",
      "Back up the local server, and archive its WAL from then on; or run pgBackRest where sluice.toml says so",
      "  sluice db backup\n  sluice db backup --keep 2\n  sluice db backup --list");
  add_location_options(command, taken->where.overrides, true);
  add_server_options(command, taken->where);
  CLI::Option* list = command->add_flag("--list", taken->list, "show the backups and restore points that are there");
  command
      ->add_option("--keep", taken->keep,
                   "after this backup, remove all but the last so many (this one counts), and WAL that only the others "
                   "needed: what was before the first that stays cannot be gone back to any more")
      ->check(CLI::PositiveNumber)
      ->excludes(list);
  command->callback(
      [&chosen, taken] { chosen.run = [taken](Terminal& terminal) { return backup(*taken, terminal); }; });

  auto back = std::make_shared<RestoreOptions>();
  command = add_command(db, chosen, "restore",
                        "Bring the local server back to the moment before a migration; of other servers, say how",
                        "  sluice db restore --before 0003\n  sluice db restore --undo");
  add_location_options(command, back->where.overrides, true);
  add_server_options(command, back->where);
  CLI::Option* before =
      command->add_option("--before", back->before, "number or name of the migration; the last time it was run");
  command->add_flag("--undo", back->undo, "bring back what the last restore replaced")->excludes(before);
  command->add_flag("--yes,-y", back->yes, "do not ask");
  command->callback([&chosen, back] { chosen.run = [back](Terminal& terminal) { return restore(*back, terminal); }; });
}

}  // namespace sluice::cli
