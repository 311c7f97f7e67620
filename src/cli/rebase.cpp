// Two branches each made a migration of the same number: ours goes after theirs.
#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/applied.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/migration_text.hpp"
#include "diff/merge.hpp"
#include "history/fork.hpp"
#include "history/rewrite.hpp"
#include "model/beyond.hpp"
#include "plan/renames_in.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

struct RebaseOptions {
  Overrides overrides;
  std::optional<std::string> ours;
  bool discard = false, keep_sql = false, dry_run = false, ignore_database = false;
};

// One of our migrations, where it was and where it goes.
struct Moved {
  history::Entry from, to;
  std::string up, down;  // the new texts; an empty `down` is none
  std::optional<model::Schema> schema;
  std::string statements = "kept";  // or "regenerated"
  bool needed = true;               // false: theirs has done all that it did
};

std::vector<std::string> sql_of(const plan::Plan& plan) {
  std::vector<std::string> out;
  for (const plan::Statement& statement : plan.statements) out.emplace_back(text::trim(statement.sql));
  return out;
}

// True if the file has the statements of the plan and nothing else.
bool is_generated(const std::string& file, const plan::Plan& plan) {
  std::vector<std::string> wanted;
  auto add = [](std::vector<std::string>& out, std::string_view text) {
    for (const sql::Chunk& chunk : sql::chunks(text))
      for (const sql::Statement& statement : sql::statements(chunk)) out.emplace_back(text::trim(statement.text));
  };
  for (const plan::Statement& statement : plan.statements) add(wanted, statement.sql);
  std::vector<std::string> found;
  add(found, file);
  return found == wanted;
}

// A number after the last one, of the same kind: 0007 → 0008, times as they are if they are later.
history::Entry next_entry(const history::Entry& last, const history::Entry& entry) {
  history::Entry out = entry;
  out.index = last.index + 1;
  if (entry.when <= last.when) out.when = std::max(last.when + 1, history::now());
  std::string number = entry.number(), name = entry.tag.substr(std::min(number.size(), entry.tag.size()));
  bool digits =
      !number.empty() && std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits && number.size() < 10) {
    number = fmt::format("{:0{}}", out.index, number.size());
  } else if (digits && number <= last.number()) {
    history::Prefix prefix = number.size() == 14 ? history::Prefix::timestamp : history::Prefix::unix_time;
    out.when = std::max(last.when + 1, history::now());
    for (number = history::prefix_at(prefix, out); number <= last.number(); number = history::prefix_at(prefix, out))
      out.when += 1000;
  }
  out.tag = number + name;
  return out;
}

// Renames of theirs that concern a schema of ours: so that ours can be said in their names.
diff::Renames renames_of_theirs(const history::Fork& fork) {
  diff::Renames out;
  for (size_t place : fork.stay) {
    std::optional<model::Snapshot> before = place ? fork.theirs.snapshot(place - 1) : std::nullopt;
    std::optional<model::Snapshot> after = fork.theirs.snapshot(place);
    if (!before || !after) continue;
    diff::Renames found =
        plan::renames_in(fork.theirs.up(fork.theirs.entries[place]).value_or(""), before->schema, after->schema);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

// A rename of ours in their names: of a column in a table that they renamed.
diff::Renames in_their_names(diff::Renames ours, const diff::Renames& theirs) {
  for (diff::Rename& rename : ours)
    for (const diff::Rename& other : theirs) {
      if (other.kind != diff::RenameKind::table || rename.kind != diff::RenameKind::column) continue;
      for (model::Key* key : {&rename.from, &rename.to})
        if (key->owner() == other.from) key->schema = other.to.schema, key->table = other.to.name;
    }
  return ours;
}

[[noreturn]] void refuse_conflicts(const history::Fork& fork, const std::string& tag,
                                   const std::vector<std::string>& conflicts) {
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.detail = text::join(conflicts, "\n");
  context.hint =
      "Settle it in the schema files, then run 'sluice rebase --discard' and 'sluice generate': ours is written anew "
      "from the difference to the merged schema.";
  throw Error(tag + " does not fit behind " + fork.first_stay().tag + " of " + fork.theirs.name, context);
}

[[noreturn]] void refuse_edited(const std::string& tag, const plan::Plan& needed) {
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.detail = "It would be:\n" + text::join(sql_of(needed), "\n");
  context.hint =
      "Run 'sluice rebase --keep-sql' to keep the statements as they are and look at them yourself, or "
      "'sluice rebase --discard' and 'sluice generate' to write it anew.";
  throw Error(tag + ".sql was edited by hand, and after theirs other statements are needed", context);
}

class Rebase {
 public:
  Rebase(const history::Fork& fork, const Config& config, const RebaseOptions& options)
      : fork_(fork), config_(config), options_(options), theirs_renames_(renames_of_theirs(fork)) {}

  std::vector<Moved> run() {
    std::optional<model::Snapshot> last = fork_.theirs.last_snapshot();
    now_ = last ? last->schema : model::Schema{};
    history::Entry entry = fork_.theirs.entries.back();
    std::vector<Moved> out;
    for (size_t place : fork_.moved) {
      Moved moved = move(place, entry);
      if (moved.needed) entry = moved.to;
      out.push_back(std::move(moved));
    }
    return out;
  }

 private:
  Moved move(size_t place, const history::Entry& last) {
    const history::Version& ours = fork_.ours;
    Moved moved;
    moved.from = ours.entries[place];
    moved.to = next_entry(last, moved.from);
    std::optional<std::string> up = ours.up(moved.from);
    if (!up) {
      ErrorContext context;
      context.at.file = (config_.out / moved.from.file_name()).string();
      context.hint = "Restore it from version control, or run 'sluice rebase --discard' to give ours up.";
      throw Error("the migration " + moved.from.file_name() + " stands in the journal but not in the folder", context);
    }
    moved.up = history::retagged(*up, moved.from.tag, moved.to.tag);
    moved.down = history::retagged(ours.down(moved.from).value_or(""), moved.from.tag, moved.to.tag);

    std::optional<model::Snapshot> after = ours.snapshot(place);
    bool own_snapshot = ours.read(moved.from.snapshot_name()).has_value();
    if (!own_snapshot || !after) return moved;  // SQL only: nothing to put together
    std::optional<model::Snapshot> before = place ? ours.snapshot(place - 1) : std::nullopt;
    if (before && after->prev_id != before->id && after->id != before->id) wrong_snapshot(moved.from);
    model::Schema old = before ? before->schema : model::Schema{};
    put_behind(moved, old, after->schema);
    return moved;
  }

  void put_behind(Moved& moved, const model::Schema& old, const model::Schema& wanted) {
    diff::Renames renames = plan::renames_in(moved.up, old, wanted);
    diff::Renames their_renames;
    for (const diff::Rename& rename : theirs_renames_)
      if (std::none_of(renames.begin(), renames.end(), [&](const auto& r) { return r.from == rename.from; }))
        their_renames.push_back(rename);
    diff::Renames now_renames = in_their_names(renames, their_renames);
    diff::Merged merged =
        diff::merge(diff::renamed(old, their_renames), diff::renamed(wanted, their_renames), now_, now_renames);
    if (!merged.conflicts.empty()) refuse_conflicts(fork_, moved.from.tag, merged.conflicts);

    bool deferrable = config_.settings.deferrable_cycles;
    plan::Options plan_options{.deferrable_cycles = deferrable};
    // What was planned online is planned online again.
    if (moved.up.find("\n-- sluice:step\n") != std::string::npos)
      plan_options.online = plan::Online{config_.settings.review.server.value_or(15), {}};
    plan::Plan was = plan::make(old, wanted, diff::compare(old, wanted, renames), plan_options);
    plan::Plan is = plan::make(now_, merged.schema, diff::compare(now_, merged.schema, now_renames), plan_options);
    plan::Plan was_down = plan::reverse(old, wanted, renames, deferrable, plan_options.online);
    plan::Plan is_down = plan::reverse(now_, merged.schema, now_renames, deferrable, plan_options.online);
    moved.schema = merged.schema;
    now_ = std::move(merged.schema);
    if (options_.keep_sql) return;
    if (sql_of(was) != sql_of(is)) {
      if (!is_generated(moved.up, was)) refuse_edited(moved.from.tag, is);
      moved.statements = "regenerated";
      moved.needed = !is.statements.empty();
      moved.up = sql_file("-- Migration: " + moved.to.tag, is.statements, {}, moved.to.breakpoints);
    }
    if (!moved.down.empty() && sql_of(was_down) != sql_of(is_down))
      moved.down = sql_file("-- Reverse of: " + moved.to.tag, is_down.statements, is_down.notes, moved.to.breakpoints);
  }

  [[noreturn]] void wrong_snapshot(const history::Entry& entry) const {
    ErrorContext context;
    context.exit = Exit::refused;
    context.at.file = (config_.out / entry.snapshot_name()).string();
    context.state = "Nothing was changed.";
    context.hint =
        "Put our version of it back from version control, or run 'sluice rebase --discard' and 'sluice generate' to "
        "write ours anew.";
    throw Error("the snapshot of " + entry.tag + " is not the one that was made with it", context);
  }

  const history::Fork& fork_;
  const Config& config_;
  const RebaseOptions& options_;
  diff::Renames theirs_renames_;
  model::Schema now_;
};

// Renaming what is applied would make it pending again where it is.
void refuse_applied(const history::Fork& fork, const KnownDatabase& database) {
  std::vector<std::string> applied;
  for (size_t place : fork.moved) {
    const history::Entry& entry = fork.ours.entries[place];
    std::optional<std::string> up = fork.ours.up(entry);
    if (database.under_way(entry)) {
      ErrorContext context;
      context.exit = Exit::refused;
      context.state = "Nothing was changed.";
      context.hint = "Finish it there first: 'sluice status' says how.";
      throw Error(entry.tag + " is half applied or half rolled back in " + database.name +
                      ", and with another name nobody would know it",
                  context);
    }
    if (database.has(entry, up ? files::sha256(*up) : "")) applied.push_back(entry.tag);
  }
  if (applied.empty()) return;
  bool theirs_too = std::any_of(fork.stay.begin(), fork.stay.end(), [&](size_t place) {
    const history::Entry& entry = fork.theirs.entries[place];
    return database.has(entry, files::sha256(fork.theirs.up(entry).value_or("")));
  });
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  std::string undo = "undo it there with the statements of " + applied.back() +
                     ".down.sql and delete its row from the table of migrations";
  context.hint =
      database.local
          ? "If it is your own database: sluice rebase --ignore-database, and then 'sluice db reset'. Or " + undo + "."
          : "If nobody needs it there, " + undo + ".";
  if (!theirs_too)
    context.hint += "\nIf it must stay there, put theirs after it: sluice rebase --ours " + fork.first_stay().tag;
  throw Error(text::join(applied, ", ") + (applied.size() > 1 ? " are" : " is") + " already applied in " +
                  database.name + ", so " + (applied.size() > 1 ? "they" : "it") + " cannot get another number",
              context);
}

// Theirs as it was, ours behind it.
history::Rewrite rewrite_of(const history::Fork& fork, const std::vector<Moved>& moved, const fs::path& folder) {
  history::Rewrite out;
  out.entries = fork.theirs.entries;
  std::vector<std::string> kept;
  auto keep = [&](const std::string& path) {
    kept.push_back(path);
    std::optional<std::string> text = fork.theirs.read(path);
    if (text && files::read_if_exists(folder / path) != text) out.written.emplace_back(path, *text);
  };
  for (const history::Entry& entry : fork.theirs.entries) {
    keep(entry.file_name());
    keep(entry.tag + ".down.sql");
    keep(entry.snapshot_name());
    keep(entry.beyond_name());
  }
  std::optional<model::Snapshot> last = fork.theirs.last_snapshot();
  std::string previous = last ? last->id : std::string(model::first_prev_id);
  bool beyond_before = last && model::is_beyond_drizzle(last->schema);
  for (const Moved& migration : moved) {
    if (!migration.needed) continue;
    out.entries.push_back(migration.to);
    out.written.emplace_back(migration.to.file_name(), migration.up);
    if (!migration.down.empty()) out.written.emplace_back(migration.to.tag + ".down.sql", migration.down);
    if (migration.schema) {
      model::Snapshot snapshot{history::new_id(), previous, "7", *migration.schema};
      previous = snapshot.id;
      out.written.emplace_back(migration.to.snapshot_name(), model::print_snapshot(snapshot));
      if (std::string beyond = model::print_beyond(snapshot, beyond_before); !beyond.empty())
        out.written.emplace_back(migration.to.beyond_name(), beyond);
      beyond_before = model::is_beyond_drizzle(snapshot.schema);
    }
  }
  for (const auto& [path, text] : out.written) kept.push_back(path);
  for (size_t place : fork.moved) {
    const history::Entry& entry = fork.ours.entries[place];
    for (const std::string& path :
         {entry.file_name(), entry.tag + ".down.sql", entry.snapshot_name(), entry.beyond_name()})
      if (std::find(kept.begin(), kept.end(), path) == kept.end() && fs::exists(folder / path))
        out.removed.push_back(path);
  }
  return out;
}

// The snapshot behind a migration that was taken out from between follows on the one before it.
void link_snapshots(const std::vector<history::Entry>& stay, const fs::path& folder, history::Rewrite& changes) {
  std::string last(model::first_prev_id);
  for (const history::Entry& entry : stay) {
    std::optional<std::string> text = files::read_if_exists(folder / entry.snapshot_name());
    if (!text) continue;
    const model::Snapshot snapshot = model::parse_snapshot(*text, entry.snapshot_name());
    if (!snapshot.prev_id.empty() && snapshot.prev_id != last)
      changes.written.emplace_back(entry.snapshot_name(), text::replace_all(*text, snapshot.prev_id, last));
    last = snapshot.id;
  }
}

void refuse_others(const history::Fork& fork, const fs::path& folder) {
  std::vector<history::Entry> entries;
  try {
    entries = history::Folder::open(folder).entries();
  } catch (const Error&) {
    return;  // conflict markers: what stands in it is what the sides have
  }
  for (const history::Entry& entry : entries)
    if (!fork.ours.find(entry.tag) && !fork.theirs.find(entry.tag)) {
      ErrorContext context;
      context.exit = Exit::refused;
      context.at.file = (folder / entry.file_name()).string();
      context.state = "Nothing was changed.";
      context.hint = "If it is applied nowhere, delete its .sql and rebase; then run 'sluice generate'.";
      throw Error(entry.file_name() + " was added after the merge, on top of both sides", context);
    }
}

void report(const history::Fork& fork, const std::vector<Moved>& moved, const RebaseOptions& options,
            const Config& config, Terminal& terminal) {
  Json list = Json::array();
  std::string after = fork.theirs.entries.back().file_name();
  for (const Moved& migration : moved) {
    Json item{{"from", migration.from.tag}};
    if (options.discard) {
      terminal.success("Taken out: " + migration.from.file_name());
      item["to"] = nullptr;
    } else if (!migration.needed) {
      terminal.success("Taken out: " + migration.from.file_name() + "; " + fork.theirs.name +
                       " does all of it already");
      item["to"] = nullptr;
    } else {
      terminal.success((options.dry_run ? "Would rebase: " : "Rebased: ") + migration.from.file_name() + " → " +
                       migration.to.file_name() + ", after " + after);
      if (migration.statements == "regenerated") {
        terminal.say("  The statements are others now:");
        for (const sql::Chunk& chunk : sql::chunks(migration.up))
          for (const sql::Statement& statement : sql::statements(chunk))
            terminal.detail("  " + sql::one_line(statement.text, 110) + ";");
      }
      item["to"] = migration.to.tag;
      item["statements"] = migration.statements;
      after = migration.to.file_name();
    }
    list.push_back(std::move(item));
  }
  if (terminal.json())
    terminal.answer({{"status", options.dry_run ? "dry_run" : "ok"},
                     {"theirs", {{"name", fork.theirs.name}, {"last", fork.theirs.entries.back().tag}}},
                     {"ours", fork.ours.name},
                     {"moved", list}});
  if (options.dry_run) return;
  std::string folder = fs::proximate(config.out).string();
  terminal.say(options.discard
                   ? "  Next: 'sluice generate' writes ours anew from the merged schema"
                   : "  Next: 'sluice generate' says whether the merged schema has more; then git add " + folder);
}

// Each migration has a folder and a time of its own, and its snapshot says which ones it follows on: a merge leaves
// nothing to renumber.
Exit explain_dated(const Config& config, Terminal& terminal) {
  for (const Diagnostic& diagnostic : history::Folder::open(config.out).check())
    if (diagnostic.code == "two-branches") {
      ErrorContext context;
      context.exit = Exit::refused;
      context.at = diagnostic.at;
      context.state = "Nothing was changed.";
      context.hint = diagnostic.hint;
      throw Error(diagnostic.message, context);
    }
  terminal.say("Nothing to rebase: each migration has a folder of its own, and the next one follows on all of them");
  if (terminal.json()) terminal.answer({{"status", "nothing_to_do"}});
  return Exit::done;
}

Exit rebase(const RebaseOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
  files::DirectoryLock lock(fs::current_path());
  if (history::is_dated(config.out)) return explain_dated(config, terminal);
  std::optional<history::Fork> fork = history::find_fork(config.out, options.ours);
  if (!fork) {
    history::Folder folder = history::Folder::open(config.out);
    if (std::vector<Diagnostic> found = folder.check();
        std::any_of(found.begin(), found.end(), [](const auto& d) { return d.code == "two-branches"; })) {
      ErrorContext context;
      context.exit = Exit::refused;
      context.state = "Nothing was changed.";
      context.hint =
          "Delete the .sql that is applied nowhere, and run 'sluice generate': it is written anew behind the other "
          "one.";
      throw Error("git does not know which of the two is ours: no merge, and no commits that added them apart",
                  context);
    }
    terminal.say("Nothing to rebase: no two branches added migrations here");
    if (terminal.json()) terminal.answer({{"status", "nothing_to_do"}});
    return Exit::done;
  }
  refuse_others(*fork, config.out);
  if (!options.ignore_database)
    for (const KnownDatabase& database : ask_databases(options.overrides, terminal)) refuse_applied(*fork, database);
  std::vector<Moved> moved;
  if (options.discard) {
    for (size_t place : fork->moved) {
      moved.emplace_back();
      moved.back().from = fork->ours.entries[place];
      moved.back().needed = false;
    }
  } else {
    moved = Rebase(*fork, config, options).run();
  }
  if (!options.dry_run) history::rewrite(config.out, rewrite_of(*fork, moved, config.out));
  report(*fork, moved, options, config, terminal);
  return Exit::done;
}

}  // namespace

void rebase_pending(const Config& config, const std::vector<std::string>& tags, Terminal& terminal) {
  files::DirectoryLock lock(fs::current_path());
  const history::Folder folder = history::Folder::open(config.out);
  auto moves = [&](const history::Entry& entry) {
    return std::find(tags.begin(), tags.end(), entry.tag) != tags.end();
  };
  std::vector<history::Entry> theirs, ours;
  bool apart = false;
  for (const history::Entry& entry : folder.entries()) {
    apart = apart || moves(entry);
    if (moves(entry) || !apart) ours.push_back(entry);
    if (!moves(entry)) theirs.push_back(entry);
  }
  history::Fork fork{history::version_on_disk(config.out, theirs, "the applied ones"),
                     history::version_on_disk(config.out, ours, "the pending ones"),
                     {},
                     {}};
  for (size_t i = 0; i < ours.size(); i++)
    if (moves(ours[i])) fork.moved.push_back(i);
  for (size_t i = 0; i < theirs.size(); i++)
    if (!fork.ours.find(theirs[i].tag)) fork.stay.push_back(i);
  // What the applied ones' snapshots say may contain this already, without their having made it here.
  RebaseOptions options;
  options.keep_sql = true;
  std::vector<Moved> moved = Rebase(fork, config, options).run();
  history::Rewrite changes = rewrite_of(fork, moved, config.out);
  link_snapshots(theirs, config.out, changes);
  history::rewrite(config.out, changes);
  for (const Moved& migration : moved)
    terminal.success("Rebased: " + migration.from.file_name() + " → " + migration.to.file_name() +
                     ", since a later one is applied");
}

void add_rebase(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<RebaseOptions>();
  CLI::App* command =
      add_command(app, chosen, "rebase", "Put our migrations after those of the branch that was merged",
                  "  git merge main; sluice rebase; git add drizzle; git commit\n"
                  "  sluice rebase --ours feature      # the side whose migrations go last\n"
                  "  sluice rebase --discard           # take ours out; 'sluice generate' writes it anew");
  add_location_options(command, options->overrides, true);
  command->add_option("--ours", options->ours,
                      "the side that goes last: a branch, a commit or one of its migrations (default: by git)");
  command->add_flag("--discard", options->discard, "take ours out of the folder instead");
  command->add_flag("--keep-sql", options->keep_sql, "keep the statements of ours as they are");
  command->add_flag("--ignore-database", options->ignore_database, "do not look whether ours is applied");
  command->add_flag("--dry-run", options->dry_run, "say what would be done, change nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return rebase(*options, terminal); }; });
}

}  // namespace sluice::cli
