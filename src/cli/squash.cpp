// Old migrations become one. The old files stay in <folder>/squashed, for databases that have only some of them.
#include <fmt/format.h>

#include <algorithm>

#include "apply/status.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/applied.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/migration_text.hpp"
#include "cli/replay.hpp"
#include "cli/schema_named.hpp"
#include "cli/stand_ins.hpp"
#include "history/dated.hpp"
#include "history/rewrite.hpp"
#include "history/squashed.hpp"
#include "history/version.hpp"
#include "model/beyond.hpp"
#include "read/catalog/catalog.hpp"
#include "read/catalog/citus.hpp"
#include "server/local.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

struct SquashOptions {
  Overrides overrides;
  std::optional<std::string> to;
  bool keep_statements = false, dry_run = false;
};

// What a statement does that no catalog shows: rows, and what only a server that runs it knows.
bool is_about_data(std::string_view statement) {
  std::string word = text::to_lower(text::trim(statement).substr(0, 12));
  if (word.starts_with("select") && read::speaks_of_citus(statement)) return false;  // the snapshot has it
  for (const char* start :
       {"insert", "update", "delete", "copy", "merge", "select", "do ", "do$", "with", "call", "truncate"})
    if (word.starts_with(start)) return true;
  return false;
}

// The last line of `what` fails on a server that has nothing.
void run(server::Connection& connection, const std::string& file, const std::string& sql) {
  for (const sql::Chunk& chunk : sql::chunks(sql))
    for (const sql::Statement& statement : sql::statements(chunk)) try {
        connection.execute(statement.text);
      } catch (const Error& error) {
        ErrorContext context = error.context;
        context.at = {file, statement.line, 0};
        context.statement = std::string(statement.text);
        context.state = "Nothing was written.";
        context.hint = "It was run on an empty scratch server, to prove that the result is the same.";
        throw Error(error.what(), context);
      }
}

read::Catalog made_by(const std::vector<std::pair<std::string, std::string>>& files, const model::Schema& schema) {
  server::Scratch scratch(fs::current_path());
  server::Target target;
  target.url = scratch.create_database();
  server::Connection connection(target);
  read::CatalogOptions options;
  options.schemas.clear();
  options.roles.all = true;
  options.beyond = model::is_beyond_drizzle(schema);
  if (options.beyond) {
    make_roles(connection, schema);
    connection.execute("SET check_function_bodies = false");  // the files say so for their transactions
  }
  if (is_supabase(schema)) options.without_schemas = make_supabase_whole(connection);
  for (const auto& [name, sql] : files) {
    if (read::speaks_of_citus(sql)) read::make_citus_stand_in(connection);
    run(connection, name, read::without_citus_extension(sql));
  }
  return read::catalog(connection, options);
}

// Throws Error that names what one of the two catalogs lacks.
void prove_equal(const read::Catalog& old, const read::Catalog& now) {
  std::vector<std::string> lines;
  for (const SummaryLine& line : summary(diff::compare(now.schema, old.schema)))
    lines.push_back(line.sign + " " + line.text);
  auto described = [](const read::Catalog& catalog) {
    std::vector<std::string> out;
    for (const read::NotCovered& item : catalog.not_covered)
      out.push_back(item.kind + " " + model::display(item.key) + (item.detail.empty() ? "" : " (" + item.detail + ")"));
    std::sort(out.begin(), out.end());
    return out;
  };
  std::vector<std::string> before = described(old), after = described(now);
  for (const std::string& item : before)
    if (std::find(after.begin(), after.end(), item) == after.end()) lines.push_back("+ " + item);
  if (lines.empty()) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.detail = text::join(lines, "\n");
  context.hint =
      "What was written by hand is not in the snapshot. 'sluice squash --keep-statements' puts the statements of all "
      "of them into one file instead.";
  throw Error("one migration from the snapshot does not make the same database as all of them do", context);
}

size_t how_many(const history::Folder& folder, const std::optional<std::string>& to) {
  const auto& entries = folder.entries();
  size_t count = entries.size();
  if (to) {
    const history::Entry* last = history::find_entry(entries, *to);
    if (!last) throw Error("there is no migration '" + *to + "' in the folder");
    count = static_cast<size_t>(last - entries.data()) + 1;
  }
  if (count >= 2) return count;
  ErrorContext context;
  context.hint = "Two or more are needed; 'sluice status' lists them.";
  throw Error("there is nothing to squash", context);
}

void refuse_broken(const history::Folder& folder) {
  for (const Diagnostic& found : folder.check())
    if (found.severity == Severity::error) {
      ErrorContext context;
      context.exit = Exit::refused;
      context.state = "Nothing was changed.";
      context.hint = "'sluice check' says more.";
      throw Error("the folder is not in order: " + found.message, context);
    }
}

// All old statements in one file.
std::string all_statements(const std::vector<history::Migration>& migrations, const std::string& tag) {
  std::string out = "-- Migration: " + tag + "\n-- Created: " + today() + "\n";
  for (const history::Migration& migration : migrations) {
    if (&migration != &migrations.front())
      out += std::string(out.ends_with('\n') ? "" : "\n") + std::string(sql::breakpoint);
    out += "\n-- from " + migration.entry.file_name() + "\n" + std::string(text::trim(migration.sql)) + "\n";
  }
  return out;
}

// How many of the first `count` migrations each database has that can be asked; what that means is said after the
// squash.
struct Reached {
  std::string database, half;  // half: one that is under way there
  size_t has = 0;
};

std::vector<Reached> reached(const Overrides& overrides, const history::Folder& folder, size_t count,
                             Terminal& terminal) {
  std::vector<Reached> out;
  for (const KnownDatabase& known : ask_databases(overrides, terminal)) {
    Reached each{known.name, "", 0};
    try {
      const apply::Status status = apply::compare(folder, known.ledger);
      for (size_t i = 0; i < count; i++) {
        each.has += status.items[i].row.has_value();
        if (status.items[i].progress) each.half = status.items[i].entry.tag;
      }
    } catch (const Error& error) {  // it has a part of what was squashed before
      terminal.warning(known.name + ": " + error.what());
      continue;
    }
    out.push_back(each);
  }
  return out;
}

Json say_reached(const std::vector<Reached>& databases, size_t count, const std::string& tag, const std::string& place,
                 Terminal& terminal) {
  Json list = Json::array();
  for (const Reached& each : databases) {
    std::string line = "  " + each.database;
    if (!each.half.empty())
      line += ": " + each.half + " is half done there; finish it with sluice migrate --out " + place +
              ", then sluice migrate";
    else if (each.has == count)
      line += " has all of them: it goes on behind " + tag;
    else if (each.has == 0)
      line += " has none of them: it runs " + tag;
    else
      line += fmt::format(" has {} of the {}: there first sluice migrate --out {}, then sluice migrate", each.has,
                          count, place);
    terminal.say(line);
    list.push_back({{"database", each.database}, {"has", each.has}, {"of", count}});
    if (!each.half.empty()) list.back()["halfDone"] = each.half;
  }
  return list;
}

history::Migration read_without_rows(const history::Folder& folder, const history::Entry& entry, bool rows_may_be) {
  history::Migration migration = folder.read(entry);
  for (const sql::Chunk& chunk : sql::chunks(migration.sql))
    for (const sql::Statement& statement : sql::statements(chunk))
      if (!rows_may_be && is_about_data(statement.text)) {
        ErrorContext context;
        context.exit = Exit::refused;
        context.at = {migration.file.string(), statement.line, 0};
        context.statement = std::string(statement.text);
        context.state = "Nothing was changed.";
        context.hint = "'sluice squash --keep-statements' puts the statements of all of them into one file instead.";
        throw Error("this statement may write rows, which no snapshot has", context);
      }
  return migration;
}

// drizzle-orm 1.0 goes by the name, so there the last one's stays.
history::Entry entry_of(const history::Entry& last) {
  history::Entry entry = last;
  if (!last.own_folder) entry.tag = entry.number() + "_squashed";
  return entry;
}

std::string text_from(const model::Schema& schema, const history::Entry& entry, const Config& config) {
  const plan::Options options{.deferrable_cycles = config.settings.deferrable_cycles};
  const plan::Plan plan = plan::make({}, schema, diff::compare({}, schema), options);
  return sql_file("-- Migration: " + entry.tag, plan.statements, {}, entry.breakpoints);
}

void prove(const std::vector<history::Migration>& old, const history::Entry& entry, const std::string& text,
           const model::Schema& schema) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const history::Migration& each : old) files.emplace_back(each.file.string(), each.sql);
  prove_equal(made_by(files, schema), made_by({{entry.file_name(), text}}, schema));
}

Exit squash(const SquashOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
  files::DirectoryLock lock(fs::current_path());
  history::Folder folder = history::open_to_write(config.out);
  require_folder(folder);
  refuse_broken(folder);
  const size_t count = how_many(folder, options.to);
  const history::Entry& last = folder.entries()[count - 1];
  std::vector<history::Migration> old;
  for (size_t i = 0; i < count; i++)
    old.push_back(read_without_rows(folder, folder.entries()[i], options.keep_statements));
  const std::optional<model::Snapshot> snapshot =
      history::version_on_disk(config.out, folder.entries(), "the folder").snapshot(count - 1);
  if (!snapshot || (folder.dated() && !folder.dated_snapshots().has(last.tag)))
    throw Error("there is no snapshot of " + last.tag);
  if (folder.dated()) folder.dated_snapshots().refuse_cut(last.tag);

  const history::Entry entry = entry_of(last);
  const std::string text =
      options.keep_statements ? all_statements(old, entry.tag) : text_from(snapshot->schema, entry, config);
  const std::vector<Reached> databases = reached(options.overrides, folder, count, terminal);
  prove(old, entry, text, snapshot->schema);
  if (!options.dry_run) {
    fs::create_directories(config.out / "squashed" / "meta");
    history::rewrite(config.out, history::squash(folder, old, entry, text, *snapshot));
  }
  terminal.success(fmt::format("{} {} to {} ({}) → {}; it makes the same database",
                               options.dry_run ? "Would squash" : "Squashed", old.front().entry.tag, last.tag,
                               text::counted(count, "migration"), entry.file_name()));
  const std::string place = (fs::proximate(config.out) / "squashed").string();
  terminal.say("  The old files are in " + place + ": commit them, for databases that have only some of them");
  const Json asked = say_reached(databases, count, entry.tag, place, terminal);
  if (terminal.json())
    terminal.answer({{"status", options.dry_run ? "dry_run" : "ok"},
                     {"migration", entry.tag},
                     {"squashed", count},
                     {"databases", asked}});
  return Exit::done;
}

}  // namespace

void add_squash(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<SquashOptions>();
  CLI::App* command = add_command(app, chosen, "squash", "Make one migration of many old ones, proved to be the same",
                                  "  sluice squash --to 0042\n  sluice squash --to 0042 --keep-statements");
  add_location_options(command, options->overrides, true);
  command->add_option("--to", options->to, "the last one that goes into it (default: all)");
  command->add_flag("--keep-statements", options->keep_statements,
                    "all their statements in one file, instead of those that make the snapshot");
  command->add_flag("--dry-run", options->dry_run, "prove it, and change nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return squash(*options, terminal); }; });
}

}  // namespace sluice::cli
