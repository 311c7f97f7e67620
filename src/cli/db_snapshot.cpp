// The data of the project's database under a name, and back: one data set for each git branch.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/copies.hpp"
#include "cli/db.hpp"
#include "cli/live.hpp"
#include "model/names.hpp"
#include "server/databases.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

constexpr const char* previous = "previous";  // what `db switch` replaced
constexpr const char* unfinished = "~new";    // not in names of branches

struct SnapshotOptions {
  DatabaseOptions where;
  std::string name;
  bool force = false, drop = false;
};

// The database and the connection that leaves it alone.
struct Place {
  Config config;
  std::string database, prefix;
  server::Connection beside;

  // Of the database that keeps it. A long name is cut, and told apart by a checksum.
  std::string full(const std::string& name) const {
    const size_t room = model::max_name_bytes - prefix.size() - std::string_view(unfinished).size();
    if (name.size() <= room) return prefix + name;
    size_t cut = room - 9;
    while ((static_cast<unsigned char>(name[cut]) & 0xC0) == 0x80) cut--;  // within a character
    return prefix + name.substr(0, cut) + "~" + files::sha256(name).substr(0, 8);
  }
};

// `disturbs`: the command ends the sessions of the database, or gives it other data.
Place place_of(const SnapshotOptions& options, const std::string& command, bool disturbs) {
  Config config = load_config(with_local_server(options.where), {Needs::database});
  std::string database;
  {
    server::Connection connection = connect_local(config, command);
    if (disturbs) refuse_protected(config, command, &connection);
    database = current_database(connection);
  }
  server::Connection beside = connect_beside(config, database);
  return {config, database, snapshot_prefix(database), std::move(beside)};
}

std::vector<server::Database> snapshots(Place& place) {
  std::vector<server::Database> found = server::databases(place.beside, place.prefix);
  std::erase_if(found, [](const server::Database& snapshot) { return snapshot.name.ends_with(unfinished); });
  for (server::Database& snapshot : found) {
    snapshot.name.erase(0, place.prefix.size());
    // Of one that was cut the comment has the whole name, behind the time.
    const size_t whole = snapshot.comment.find(": ");
    if (whole == std::string::npos) continue;
    snapshot.name = snapshot.comment.substr(whole + 2);
    snapshot.comment.erase(whole);
  }
  return found;
}

void check_name(const std::string& name) {
  ErrorContext context;
  if (name == "-") {
    context.state = "Nothing was changed.";
    context.hint = "A name of a branch will do: feature/invoices.";
    throw Error("'-' cannot be the name of a snapshot: 'db switch -' goes back to what the last switch replaced",
                context);
  }
  context.hint = "A name of a branch will do: feature/invoices.";
  if (name.empty() || name.find_first_of(":~ \t\n") != std::string::npos)
    throw Error("'" + name + "' cannot be the name of a snapshot", context);
}

[[noreturn]] void no_such_snapshot(Place& place, const std::string& name) {
  std::vector<std::string> names;
  for (const server::Database& snapshot : snapshots(place)) names.push_back(snapshot.name);
  ErrorContext context;
  context.state = "Nothing was changed.";
  context.hint = names.empty() ? "There is none yet; 'sluice db snapshot " + name + "' makes one."
                               : "There are: " + text::join(names, ", ") + ".";
  throw Error("there is no snapshot '" + name + "'", context);
}

Exit list_snapshots(Place& place, Terminal& terminal) {
  std::vector<server::Database> found = snapshots(place);
  size_t width = 0;
  for (const server::Database& snapshot : found) width = std::max(width, snapshot.name.size());
  Json list = Json::array();
  for (const server::Database& snapshot : found) {
    terminal.say(fmt::format("  {:<{}}  {:>8.1f} MB  {}", snapshot.name, width,
                             static_cast<double>(snapshot.bytes) / (1 << 20), snapshot.comment));
    list.push_back({{"name", snapshot.name}, {"bytes", snapshot.bytes}, {"made", snapshot.comment}});
  }
  if (found.empty()) terminal.say("There are no snapshots of '" + place.database + "' yet");
  if (terminal.json()) terminal.answer({{"database", place.database}, {"snapshots", list}});
  return Exit::done;
}

void note_time(Place& place, const std::string& database, const std::string& name) {
  std::time_t now = std::time(nullptr);
  std::string comment = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(now));
  if (place.full(name) != place.prefix + name) comment += ": " + name;
  place.beside.execute("COMMENT ON DATABASE " + sql::identifier(database) + " IS " + sql::literal(comment));
}

Exit snapshot(const SnapshotOptions& options, Terminal& terminal) {
  Place place = place_of(options, "db snapshot", !options.name.empty() && !options.drop);
  if (options.name.empty() && !options.drop) return list_snapshots(place, terminal);
  check_name(options.name);
  const std::string full = place.full(options.name);
  const bool exists = server::database_exists(place.beside, full);
  if (options.drop) {
    if (!exists) no_such_snapshot(place, options.name);
    server::drop_database(place.beside, full);
    terminal.success("Dropped the snapshot " + options.name);
    if (terminal.json()) terminal.answer({{"dropped", options.name}});
    return Exit::done;
  }
  if (exists && !options.force) {
    ErrorContext context;
    context.state = "Nothing was changed.";
    context.hint = "--force replaces it.";
    throw Error("there is a snapshot '" + options.name + "' already", context);
  }
  server::drop_database(place.beside, full + unfinished);
  server::copy_database(place.beside, place.database, full + unfinished, "", true);
  note_time(place, full + unfinished, options.name);
  server::drop_database(place.beside, full);
  server::rename_database(place.beside, full + unfinished, full);
  terminal.success("Snapshot " + options.name + " of '" + place.database + "'");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"database", place.database}, {"name", options.name}});
  return Exit::done;
}

Exit switch_to(const SnapshotOptions& options, Terminal& terminal) {
  Place place = place_of(options, "db switch", true);
  const std::string name = options.name == "-" ? previous : options.name;
  if (!server::database_exists(place.beside, place.full(name))) no_such_snapshot(place, name);
  server::Rows owner = place.beside.query(
      "SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = $1", {place.database});
  // The slow part first, beside the database; then names change places, which is quick.
  const std::string fresh = place.full("~switch~new"), before = place.full(previous), kept = before + unfinished;
  server::drop_database(place.beside, fresh);
  server::copy_database(place.beside, place.full(name), fresh, owner.text(0, 0));
  server::drop_database(place.beside, kept);
  server::rename_database(place.beside, place.database, kept);
  try {
    server::rename_database(place.beside, fresh, place.database);
  } catch (const Error&) {
    place.beside.ignore_interrupts();
    server::rename_database(place.beside, kept, place.database);
    throw;
  }
  server::drop_database(place.beside, before);
  server::rename_database(place.beside, kept, before);
  note_time(place, before, previous);
  terminal.success("'" + place.database + "' has the data of " + name);
  terminal.detail("  what it had before: sluice db switch -");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"database", place.database}, {"name", name}});
  return Exit::done;
}

}  // namespace

void add_db_snapshot(CLI::App& db, Chosen& chosen) {
  auto add = [&](const std::string& name, const std::string& help, const std::string& examples,
                 Exit (*run)(const SnapshotOptions&, Terminal&)) {
    auto options = std::make_shared<SnapshotOptions>();
    CLI::App* command = add_command(db, chosen, name, help, examples);
    add_location_options(command, options->where.overrides, true);
    add_server_options(command, options->where);
    command->callback([&chosen, options, run] {
      chosen.run = [options, run](Terminal& terminal) { return run(*options, terminal); };
    });
    return std::pair{command, options};
  };
  auto [command, options] =
      add("snapshot", "Keep the database's data under a name; without a name: show what is kept",
          "  sluice db snapshot main\n  sluice db snapshot            # the list\n  sluice db snapshot --drop main",
          snapshot);
  command->add_option("name", options->name, "for example the branch");
  command->add_flag("--force", options->force, "replace the snapshot of that name");
  command->add_flag("--drop", options->drop, "drop it");
  auto [back, back_options] =
      add("switch", "Give the database the data of a snapshot; what it had is kept as 'previous'",
          "  sluice db switch main\n  sluice db switch -             # back", switch_to);
  back->add_option("name", back_options->name, "the snapshot, or - for what the last switch replaced")->required();
}

}  // namespace sluice::cli
