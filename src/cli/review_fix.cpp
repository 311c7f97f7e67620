#include "cli/review_fix.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/applied.hpp"
#include "cli/migration_text.hpp"
#include "cli/row_renames.hpp"
#include "history/dated.hpp"
#include "history/rewrite.hpp"
#include "model/snapshot.hpp"
#include "plan/renames_in.hpp"

namespace sluice::cli {

namespace {

struct Change {
  std::string name;  // path in the folder
  std::string before, after;
};

// The longest common lines; migrations are short.
std::vector<std::string> difference(const std::string& before, const std::string& after) {
  auto lines = [](const std::string& text) {
    std::vector<std::string> out = text.empty() ? std::vector<std::string>{} : text::split(text, "\n");
    if (!out.empty() && out.back().empty()) out.pop_back();
    return out;
  };
  const std::vector<std::string> old = lines(before), now = lines(after);
  std::vector<std::string> out;
  if (old.size() > 2000 || now.size() > 2000) {
    for (const std::string& line : old) out.push_back("-" + line);
    for (const std::string& line : now) out.push_back("+" + line);
    return out;
  }
  std::vector<std::vector<int>> common(old.size() + 1, std::vector<int>(now.size() + 1));
  for (size_t i = old.size(); i-- > 0;)
    for (size_t j = now.size(); j-- > 0;)
      common[i][j] = old[i] == now[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  size_t i = 0, j = 0;
  while (i < old.size() || j < now.size()) {
    if (i < old.size() && j < now.size() && old[i] == now[j])
      out.push_back(" " + old[i]), i++, j++;
    else if (i < old.size() && (j == now.size() || common[i + 1][j] >= common[i][j + 1]))
      out.push_back("-" + old[i++]);
    else
      out.push_back("+" + now[j++]);
  }
  return out;
}

void show(const Change& change, Terminal& terminal) {
  terminal.say(terminal.bold("--- " + (change.before.empty() ? "(new)" : change.name)));
  terminal.say(terminal.bold("+++ " + change.name));
  for (const std::string& line : difference(change.before, change.after))
    terminal.say(line[0] == '+' ? terminal.colored(line, "32") : line[0] == '-' ? terminal.colored(line, "31") : line);
}

// The schema without what a later migration of the fix makes.
model::Schema without(model::Schema schema, const std::vector<review::Pending>& pending) {
  using Kind = review::Pending::Kind;
  for (const review::Pending& each : pending) {
    const model::Key table{each.table.schema, "", each.table.name};
    auto is = [&](const auto& object) { return object.key.owner() == table && object.key.name == each.name; };
    if (each.kind == Kind::index) std::erase_if(model::all<model::Index>(schema), is);
    if (each.kind == Kind::unique) std::erase_if(model::all<model::Unique>(schema), is);
    if (each.kind == Kind::primary_key) {
      std::erase_if(model::all<model::PrimaryKey>(schema), is);
      for (model::Column& column : model::all<model::Column>(schema))
        if (column.key.owner() == table && each.columns == std::vector<std::string>{column.key.name})
          column.primary_key = false;
    }
    if (each.kind != Kind::not_null) continue;
    for (model::Column& column : model::all<model::Column>(schema))
      if (is(column) && column.not_null) {
        column.not_null = false;
        if (!each.check.empty())
          model::all<model::Check>(schema).push_back(
              {{each.table.schema, each.table.name, each.check}, "\"" + each.name + "\" IS NOT NULL"});
      }
  }
  return schema;
}

// The journal's entry after `last`.
history::Entry next_entry(const Config& config, const history::Entry& last, const std::string& name) {
  history::Entry out = last;
  out.index = last.index + 1;
  out.when = std::max(last.when + 1, history::now());
  std::string number = history::prefix_at(config.prefix, out);
  for (; number <= last.number() && number.size() == last.number().size(); out.when += 1000)
    number = history::prefix_at(config.prefix, out);
  out.tag = number + "_" + name;
  return out;
}

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was written.";
  context.hint = hint;
  throw Error(message, context);
}

// An applied migration is never touched, nor one of which that is not known.
void refuse_applied(const Overrides& overrides, const history::Entry& entry, const std::string& text,
                    const FixRequest& request, Terminal& terminal) {
  if (request.ignore_database) return;
  const std::vector<KnownDatabase> databases = ask_databases(overrides, terminal);
  if (databases.empty())
    refuse("whether " + entry.tag + " is applied is not known: there is no database to ask",
           "Start it or name it (--url), or give --ignore-database if it is applied nowhere.");
  for (const KnownDatabase& database : databases)
    if (database.under_way(entry))
      refuse(entry.tag + " is half applied or half rolled back in " + database.name,
             "Finish it there first: 'sluice status' says how.");
    else if (database.has(entry, files::sha256(text)))
      refuse(entry.tag + " is applied in " + database.name,
             "What is applied stays as it is. Take it back first (sluice rollback), or write the next one in the safe "
             "form.");
}

std::string stem_without_number(const fs::path& path) {
  std::string name = history::tag_in(path.string());
  const size_t letters = name.find_first_not_of("0123456789");
  return letters != std::string::npos && name[letters] == '_' ? name.substr(letters + 1) : name;
}

std::vector<plan::Statement> as_plan(const std::vector<std::string>& statements) {
  std::vector<plan::Statement> out;
  for (size_t i = 0; i < statements.size(); i++) out.push_back({statements[i] + "\n", true});
  return out;
}

// What the folder becomes: texts of files, and the journal; in a folder of drizzle-kit 1.0, what stands there instead
// of its last migration.
struct Folder {
  std::vector<Change> changes;  // shown
  history::Rewrite rewrite;
  std::vector<history::Addition> additions;
};

const std::vector<std::string> nothing_to_undo{
    "Nothing to undo: the migration before it undoes what is validated or filled here."};

Folder rewritten(const Config& config, const history::Folder& folder, const std::string& text, const review::Fix& fix) {
  Folder out;
  out.rewrite.entries = folder.entries();
  history::Entry entry = folder.entries().back();
  const std::optional<model::Snapshot> last = folder.last_snapshot();
  const bool own_snapshot = last && !folder.last_snapshot_is_older();
  std::string previous = last ? last->id : std::string(model::first_prev_id);
  const bool breakpoints = entry.breakpoints;

  auto write = [&](const std::string& name, const std::string& before, const std::string& after, bool shown) {
    if (before == after) return;
    out.rewrite.written.emplace_back(name, after);
    if (shown) out.changes.push_back({name, before, after});
  };
  auto write_snapshot = [&](const history::Entry& of, const model::Snapshot& snapshot) {
    out.rewrite.written.emplace_back(of.snapshot_name(), model::print_snapshot(snapshot));
  };
  write(entry.file_name(), text, fix.files[0].text, true);
  if (const std::optional<std::string> down = folder.read_down(entry))
    write(entry.tag + ".down.sql", *down, review::fixed_down(*down, fix), true);
  if (own_snapshot && !fix.files[0].pending.empty()) {
    model::Snapshot snapshot = *last;
    snapshot.schema = without(last->schema, fix.files[0].pending);
    write_snapshot(entry, snapshot);
  }
  for (size_t i = 1; i < fix.files.size(); i++) {
    const review::FixedFile& file = fix.files[i];
    entry = next_entry(config, entry, file.name);
    out.rewrite.entries.push_back(entry);
    write(entry.file_name(), "",
          sql_file("-- Migration: " + entry.tag, as_plan(file.statements), file.comments, breakpoints), true);
    const std::vector<std::string> notes = file.down.empty() ? nothing_to_undo : std::vector<std::string>{};
    write(entry.tag + ".down.sql", "", sql_file("-- Reverse of: " + entry.tag, as_plan(file.down), notes, breakpoints),
          true);
    if (!last) continue;
    model::Snapshot snapshot{history::new_id(), previous, "7", without(last->schema, file.pending)};
    write_snapshot(entry, snapshot);
    previous = snapshot.id;
  }
  return out;
}

Folder rewritten_dated(const history::Folder& folder, const std::string& text, const review::Fix& fix) {
  const history::Entry& entry = folder.entries().back();
  if (folder.last_snapshot_is_older())
    refuse(entry.tag + " has no snapshot.json", "Restore it from version control: the next one is made from it.");
  const model::Snapshot last = *folder.last_snapshot();
  const model::Rows rows = folder.dated_snapshots().state();
  const model::Schema before = folder.entries().size() < 2
                                   ? model::Schema{}
                                   : folder.snapshot_after(*(&entry - 1)).value_or(model::Snapshot{}).schema;
  Folder out;
  for (size_t i = 0; i < fix.files.size(); i++) {
    const review::FixedFile& file = fix.files[i];
    history::Addition addition;
    addition.time = entry.when + 1000 * static_cast<std::int64_t>(i);
    addition.name = i == 0 ? stem_without_number(entry.file_name()) : file.name;
    addition.breakpoints = entry.breakpoints;
    addition.schema = without(last.schema, file.pending);
    addition.rows = model::rows_of(addition.schema, rows);
    const std::string tag =
        history::prefix_at(history::Prefix::timestamp, {0, "9", addition.time, "", true}) + "_" + addition.name;
    std::string known_down;
    if (i == 0) {
      addition.renames = row_renames(plan::renames_in(text, before, addition.schema));
      addition.up = file.text;
      known_down = folder.read_down(entry).value_or("");
      addition.down = known_down.empty() ? "" : review::fixed_down(known_down, fix);
    } else {
      addition.up = sql_file("-- Migration: " + tag, as_plan(file.statements), file.comments, entry.breakpoints);
      addition.down = sql_file("-- Reverse of: " + tag, as_plan(file.down),
                               file.down.empty() ? nothing_to_undo : std::vector<std::string>{}, entry.breakpoints);
    }
    const std::string known = i == 0 ? text : "";
    if (addition.up != known) out.changes.push_back({tag + "/migration.sql", known, addition.up});
    if (addition.down != known_down) out.changes.push_back({tag + "/migration.down.sql", known_down, addition.down});
    out.additions.push_back(std::move(addition));
  }
  return out;
}

// The last migration goes, and those that stand for it come; or all is as it was.
void replace_last(history::Folder& folder, std::vector<history::Addition> additions) {
  const fs::path last = folder.path() / folder.entries().back().tag;
  const fs::path aside = folder.path() / (".sluice.old-" + folder.entries().back().tag);
  const size_t count = folder.entries().size();
  fs::remove_all(aside);
  fs::copy(last, aside, fs::copy_options::recursive);
  try {
    folder.drop_last_dated();
    for (history::Addition& addition : additions) folder.add(std::move(addition));
  } catch (const std::exception&) {
    while (folder.entries().size() >= count) folder.drop_last_dated();
    fs::rename(aside, last);
    throw;
  }
  fs::remove_all(aside);
}

}  // namespace

Json fix_migration(const Config* config, const Overrides& overrides, const fs::path& path, const std::string& text,
                   const review::FileReview& reviewed, const ddl::Catalog& before, const FixRequest& request,
                   Terminal& terminal) {
  const review::Fix made = review::fix(before, reviewed, text, {request.lock_timeout, stem_without_number(path)});
  for (const std::string& left : made.left) terminal.warning("not rewritten, " + left);
  Json answer{{"file", reviewed.name}, {"done", made.done}, {"left", made.left}, {"written", false}};
  if (made.empty()) {
    terminal.say("There is nothing to rewrite in " + reviewed.name);
    return answer;
  }
  std::optional<history::Folder> folder;
  if (config) folder = history::Folder::open(config->out);
  const bool dated = folder && folder->dated();
  const bool newest = folder && !folder->entries().empty() &&
                      fs::weakly_canonical(folder->path() / folder->entries().back().file_name()) == path;
  Folder result;
  if (newest) {
    result = dated ? rewritten_dated(*folder, text, made) : rewritten(*config, *folder, text, made);
  } else {
    result.changes.push_back({reviewed.name, text, made.files[0].text});
    for (size_t i = 1; i < made.files.size(); i++)
      result.changes.push_back({"(a migration after it) " + made.files[i].name + ".sql", "", made.files[i].text});
  }
  Json files = Json::array();
  for (const Change& change : result.changes) {
    show(change, terminal);
    files.push_back({{"file", change.name}, {"text", change.after}});
  }
  answer["files"] = files;
  for (const std::string& sentence : made.done) terminal.say("  " + sentence);
  if (!request.write) {
    terminal.detail("Nothing was written. --write does it.");
    return answer;
  }
  if (!newest)
    refuse(reviewed.name + (folder ? " is not the newest migration" : " is in no migrations folder"),
           folder
               ? "What comes after it stands in the way: take the newer ones out (sluice drop), or change it by hand."
               : "Change it by hand.");
  refuse_applied(overrides, folder->entries().back(), text, request, terminal);
  const size_t count = folder->entries().size();
  if (dated) {
    replace_last(*folder, std::move(result.additions));
    result.rewrite.entries = folder->entries();
  } else {
    history::rewrite(folder->path(), result.rewrite);
  }
  answer["written"] = true;
  terminal.success("Rewritten: " + result.rewrite.entries[count - 1].file_name());
  for (size_t i = count; i < result.rewrite.entries.size(); i++)
    terminal.success("Added: " + result.rewrite.entries[i].file_name());
  return answer;
}

}  // namespace sluice::cli
