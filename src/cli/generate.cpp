// Compares the schema you wrote with the last snapshot and writes a migration.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/expansions.hpp"
#include "cli/judgement.hpp"
#include "cli/migration_text.hpp"
#include "cli/online.hpp"
#include "cli/proof.hpp"
#include "cli/row_renames.hpp"
#include "cli/steps.hpp"
#include "cli/written.hpp"
#include "ddl/from_schema.hpp"
#include "diff/diff.hpp"
#include "history/dated.hpp"
#include "history/rewrite.hpp"
#include "model/beyond.hpp"
#include "plan/name.hpp"
#include "plan/plan.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

std::string checked_name(std::string name) {
  for (char& c : name)
    if (c == ' ') c = '_';
  if (!name.empty() && name.find('/') == std::string::npos && name.find('\n') == std::string::npos &&
      name.size() <= 200)
    return name;
  ErrorContext context;
  context.hint = "Use letters, digits and underscores, for example --name add_duration_to_sessions.";
  throw Error("--name '" + name + "' cannot be part of a file name", context);
}

Exit generate_custom(const Config& config, const GenerateOptions& options, Terminal& terminal) {
  history::Folder folder = folder_to_write(config, terminal, options.ignore_conflicts);
  std::optional<model::Snapshot> last = folder.last_snapshot();
  history::Addition addition;
  if (folder.dated()) addition.rows = folder.dated_snapshots().state();
  addition.name = checked_name(options.name.value_or("custom"));
  addition.by_hand = true;
  addition.prefix = config.prefix;
  addition.breakpoints = config.breakpoints;
  addition.schema = last ? last->schema : model::Schema{};
  std::string tag = folder.next_tag(addition);
  addition.up =
      "-- Migration: " + tag + "\n-- Created: " + today() + "\n-- Custom SQL migration file, put your code below! --\n";
  if (options.dry_run) {
    terminal.say("Would generate " + tag + (folder.dated() ? "" : ".sql") + ", empty");
    return Exit::done;
  }
  history::Entry entry = folder.add(std::move(addition));
  terminal.success("Generated migration: " + entry.file_name());
  terminal.say("Prepared empty file for your custom SQL migration!");
  if (terminal.json())
    terminal.answer({{"status", "ok"}, {"migration", entry.tag}, {"file", (config.out / entry.file_name()).string()}});
  return Exit::done;
}

// The wanted schema without the indexes that are to be built concurrently, if there is more to do than those: a
// migration that mixes them with statements that need a transaction could fail half-way.
std::optional<model::Schema> without_concurrent_indexes(const model::Schema& known, const model::Schema& wanted,
                                                        const diff::Renames& renames, const plan::Options& options) {
  diff::Changes changes = diff::compare(known, wanted, renames);
  plan::Plan plan = plan::make(known, wanted, changes, options);
  bool any_alone = false, any_transactional = false;
  for (const plan::Statement& statement : plan.statements)
    (statement.transactional ? any_transactional : any_alone) = true;
  if (!any_alone || !any_transactional) return std::nullopt;
  model::Schema first = wanted;
  auto made_now = [&](const model::Index& index) {
    const auto& indexes = diff::of<model::Index>(changes);
    auto is = [&](const model::Index& other) { return other.key == index.key; };
    return std::any_of(indexes.created.begin(), indexes.created.end(), is) ||
           std::any_of(indexes.altered.begin(), indexes.altered.end(), [&](const auto& c) { return is(c.after); });
  };
  // Those of tables that are created here stay: nobody writes to such a table yet.
  const auto& tables = diff::of<model::Table>(changes).created;
  std::erase_if(model::all<model::Index>(first), [&](const model::Index& index) {
    bool new_table =
        std::any_of(tables.begin(), tables.end(), [&](const auto& t) { return t.key == index.key.owner(); });
    return index.concurrently && !new_table && made_now(index);
  });
  return first;
}

// The rows of a schema from which indexes were left out.
model::Rows without_missing_indexes(const model::Rows& rows, const model::Schema& schema) {
  model::Rows out;
  for (const model::Row& row : rows.list()) {
    const bool is_index = row.at("entityType") == "indexes";
    if (!is_index || model::find<model::Index>(schema, {row.at("schema"), row.at("table"), row.at("name")}))
      out.add(row);
  }
  return out;
}

// What expansions under way keep stands in no schema file: it keeps the rows that it has.
void add_kept_rows(const model::Schema& wanted, const model::Rows& known, model::Rows& rows) {
  const model::Rows all = model::rows_of(wanted, known);
  for (const model::Row& row : all.list())
    if (const std::string key = model::key_of(row); known.find(key) && !rows.find(key)) rows.add(row);
}

// Tables that come into a schema which neither the files declare (an exported pgSchema does) nor a migration makes.
std::vector<std::string> schemas_that_nobody_makes(const model::Schema& known, const model::Schema& wanted,
                                                   const diff::Changes& changes, const history::Folder& folder) {
  std::set<std::string> names;
  for (const model::Table& table : diff::of<model::Table>(changes).created)
    if (!model::find<model::Namespace>(wanted, {"", "", table.key.schema})) names.insert(table.key.schema);
  names.erase("public");
  for (const model::Table& table : model::all<model::Table>(known)) names.erase(table.key.schema);
  std::vector<std::string> out;
  for (const std::string& name : names) {
    auto makes = [&](const history::Entry& entry) {
      const std::string text = text::to_lower(files::read_if_exists(folder.path() / entry.file_name()).value_or(""));
      return text.find("create schema") != std::string::npos && text.find(text::to_lower(name)) != std::string::npos;
    };
    const auto& entries = folder.entries();
    if (std::none_of(entries.begin(), entries.end(), makes)) out.push_back(name);
  }
  return out;
}

bool has_query(const std::string& expression) {
  const std::vector<std::string> tokens = sql::tokens(expression);
  for (size_t i = 1; i < tokens.size(); i++)
    if (tokens[i] == "select" && tokens[i - 1] == "(") return true;
  return false;
}

// What PostgreSQL refuses whatever is in the tables: a query in a default or a check.
std::vector<std::string> queries_out_of_place(const diff::Changes& changes) {
  std::vector<std::string> out;
  auto look = [&](const std::string& what, const model::Key& key, const std::string& expression) {
    if (has_query(expression))
      out.push_back("The " + what + " " + model::display(key) + " has a query in it, which PostgreSQL refuses: write " +
                    "what it selects, without SELECT (sql`auth.uid()` instead of drizzle's authUid).");
  };
  auto look_at = [&](const model::Column& column) {
    if (column.default_value) look("default of", column.key, column.default_value->text);
  };
  for (const model::Column& column : diff::of<model::Column>(changes).created) look_at(column);
  for (const auto& change : diff::of<model::Column>(changes).altered)
    if (change.has("default")) look_at(change.after);
  for (const model::Check& check : diff::of<model::Check>(changes).created) look("check", check.key, check.expression);
  return out;
}

// Makes one migration and writes it, or prints it with --dry-run. Gives what a program wants to know of it.
struct Writer {
  const Config& config;
  const GenerateOptions& options;
  history::Folder& folder;
  const plan::PropertyNames& properties;
  const std::optional<model::Rows>& rows;  // of the whole wanted schema, in a dated folder
  Terminal& terminal;
  int drafts = 0;  // printed by --dry-run

  Json write(const model::Schema& known, const model::Schema& wanted, const diff::Renames& renames,
             const plan::Options& plan_options) {
    diff::Changes changes = diff::compare(known, wanted, renames);
    plan::Plan up = plan::make(known, wanted, changes, plan_options);
    for (std::string& note : queries_out_of_place(changes)) up.notes.push_back(std::move(note));
    for (const std::string& name : schemas_that_nobody_makes(known, wanted, changes, folder))
      up.notes.push_back("Nothing makes the schema \"" + name + "\": export its pgSchema('" + name +
                         "'), or make it before this migration runs.");
    plan::Plan down = plan::reverse(known, wanted, renames, plan_options.deferrable_cycles, plan_options.online);

    history::Addition addition;
    addition.name =
        options.name ? checked_name(*options.name) : plan::suggest_name(changes, properties, folder.entries().empty());
    addition.prefix = config.prefix;
    addition.breakpoints = config.breakpoints;
    addition.schema = wanted;
    if (rows) addition.rows = without_missing_indexes(*rows, wanted);
    addition.renames = row_renames(renames);
    std::string tag = folder.next_tag(addition, drafts);
    addition.up = sql_file("-- Migration: " + tag, up.statements, {}, config.breakpoints);
    addition.down = sql_file("-- Reverse of: " + tag, down.statements, down.notes, config.breakpoints);
    Json answer{{"migration", tag},
                {"statements", to_json(up.statements)},
                {"down", to_json(down.statements)},
                {"notes", up.notes},
                {"downNotes", down.notes}};
    if (options.dry_run) {
      terminal.say("Would generate " + tag + (folder.dated() ? "" : ".sql") + ":\n");
      terminal.say(addition.up);
      if (options.drafted) options.drafted(tag, known, addition);
      drafts++;
    } else {
      const std::string sql = addition.up;
      history::Entry entry = folder.add(std::move(addition));
      answer["file"] = (config.out / entry.file_name()).string();
      terminal.success("Generated migration: " + entry.file_name());
      for (const plan::Statement& statement : up.statements) terminal.detail("  " + sql::one_line(statement.sql, 110));
      terminal.say("  Reverse: " + entry.down_name());
      for (const std::string& note : down.notes) terminal.detail("    " + note);
      Judgement judgement(review_options(config, {sql}), ddl::from_schema(known, sql));
      answer["findings"] = judgement.print(entry.file_name(), sql, nullptr, terminal);
      if (!answer["findings"].empty()) terminal.detail("  sluice review says why, and what to do instead");
    }
    for (const std::string& note : up.notes) terminal.warning(note);
    return answer;
  }
};

// The migrations from number `first` on, each proved on what `start` says, or else on what all the ones before it make.
std::vector<Proof> proofs(const Config& config, const history::Folder& folder, size_t first,
                          const model::Schema* start) {
  const std::vector<history::Entry>& entries = folder.entries();
  Replay replay(config, folder, std::nullopt);
  if (start)
    replay.start_from(*start);
  else
    replay.up_to_all([&](const history::Entry& entry) {
      return std::any_of(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(first),
                         [&](const history::Entry& before) { return before.tag == entry.tag; });
    });
  std::vector<Proof> out;
  Differences known;
  for (size_t i = first; i < entries.size() && (out.empty() || out.back().go_on); i++) {
    out.push_back(prove_migration(replay, folder, config.ledger, entries[i], known));
    // This one is new, and can still be written so that rows stay.
    if (Proof& proof = out.back(); !proof.with_rows.empty())
      proof.findings.insert(proof.findings.begin(), "does not apply to tables that have rows: " + proof.with_rows);
  }
  return out;
}

// Runs what was written on a scratch server, up, down and up again with rows. False if that does not lead where it
// should; the files stay, to be looked at and edited.
bool prove(const Config& config, const model::Schema& known, size_t count, Json& migrations, Terminal& terminal) {
  const history::Folder folder = history::Folder::open(config.out);
  const size_t first = folder.entries().size() - count;
  std::vector<Proof> found;
  bool complete = false;
  try {
    found = proofs(config, folder, first, &known);
    complete = std::all_of(found.begin(), found.end(), [](const Proof& proof) { return proof.findings.empty(); });
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
  }
  const auto say_not = [&](const std::string& file) {
    terminal.say("  " + terminal.colored("✘", "31") + " Not proved: " + file);
  };
  const auto say_why = [&](const std::string& why) {
    terminal.say("      " + text::replace_all(why, "\n", "\n      "));
  };
  // A snapshot lacks what only SQL makes, functions and triggers: what leans on them needs the migrations themselves.
  if (!complete) {
    try {
      found = proofs(config, folder, first, nullptr);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      const std::string why = "the migrations before it do not apply: " + in_words(error);
      migrations[0]["proof"] = {{"ok", false}, {"notes", Json::array()}, {"findings", {why}}};
      say_not(folder.entries()[first].file_name());
      say_why(why);
      return false;
    }
  }
  bool proved = true;
  for (size_t i = 0; i < found.size(); i++) {
    const Proof& proof = found[i];
    migrations[i]["proof"] = {{"ok", proof.findings.empty()}, {"notes", proof.notes}, {"findings", proof.findings}};
    if (proof.findings.empty()) {
      terminal.say("  Proved on a scratch server: up, down and up again, with rows (" + proof.times() + ")");
      continue;
    }
    say_not(folder.entries()[first + i].file_name());
    for (const std::string& finding : proof.findings) say_why(finding);
    proved = false;
  }
  return proved;
}

// The migrations have made what the SQL files say. The last snapshot says so from now on.
void note_adopted(const history::Folder& folder, const model::Snapshot& last, const model::Schema& wanted,
                  Terminal& terminal) {
  const history::Entry& entry = folder.entries().back();
  if (folder.last_snapshot_is_older()) return;
  model::Snapshot snapshot = last;
  snapshot.schema = model::with_beyond(snapshot.schema, wanted, false);
  files::write_atomically(folder.path() / entry.beyond_name(), model::print_beyond(snapshot));
  terminal.success("The migrations make what the SQL files say: noted in " + entry.beyond_name());
}

}  // namespace

Json generate_from(const Config& config, const GenerateOptions& options, Terminal& terminal) {
  plan::PropertyNames properties;
  if (history::is_dated(config.out)) refuse_branches(history::Folder::open(config.out), options.ignore_conflicts);
  Written written = read_written(config, options.force, &properties, terminal);
  std::optional<model::Rows> rows = std::move(written.rows);
  history::Folder folder = folder_to_write(config, terminal, options.ignore_conflicts);
  std::optional<model::Snapshot> last = folder.last_snapshot();
  bool adopted = false;
  model::Schema before;
  if (last) before = written.read_back ? model::Schema(last->schema) : std::move(last->schema);
  model::Schema known = known_in_words_of(written, std::move(before), folder, config, terminal, adopted);
  const model::Schema wanted = with_open_expansions(std::move(written.schema), known, folder);
  if (rows) add_kept_rows(wanted, folder.dated_snapshots().state(), *rows);

  if (options.compared) options.compared(known, wanted);
  diff::Answers answers = settle_renames(known, wanted, options.questions, terminal);
  diff::Changes changes = diff::compare(known, wanted, answers.renames);
  if (changes.empty()) {
    if (!options.dry_run) folder.write_forgotten();
    if (adopted && last && !options.dry_run) note_adopted(folder, *last, wanted, terminal);
    terminal.say("No schema changes detected");
    return {{"status", "no_changes"}};
  }
  refuse_impossible(changes);
  refuse_changes_under_way(changes, folder);
  plan::Options plan_options{.backfill = parse_backfills(options.questions.backfills),
                             .deferrable_cycles = config.settings.deferrable_cycles};
  plan_options.online = online_for(config, options.overrides, options.online, options.server, terminal);
  if (plan_options.online)  // the settings and the database know a table by its old name
    for (const diff::Rename& rename : answers.renames)
      if (rename.kind == diff::RenameKind::table &&
          (plan_options.online->tables.contains(model::display(rename.from)) ||
           plan_options.online->tables.contains(rename.from.schema + "." + rename.from.name)))
        plan_options.online->tables.insert(model::display(rename.to));
  check_backfills(changes, plan_options, options.questions.state);
  ask_backfills(known, wanted, changes, plan_options, options.questions.state, terminal);

  // Statements that cannot run in a transaction get a migration of their own, after the others; an online migration
  // has steps.
  std::optional<model::Schema> first;
  if (!plan_options.online) first = without_concurrent_indexes(known, wanted, answers.renames, plan_options);
  Writer writer{config, options, folder, properties, rows, terminal};
  Json migrations = Json::array();
  if (first) migrations.push_back(writer.write(known, *first, answers.renames, plan_options));
  migrations.push_back(
      writer.write(first ? *first : known, wanted, first ? diff::Renames{} : answers.renames, plan_options));
  bool proved = true;
  if (options.prove.value_or(config.settings.prove) && !options.dry_run)
    proved = prove(config, known, migrations.size(), migrations, terminal);
  Json answer{{"status", options.dry_run ? "dry_run" : proved ? "ok" : "findings"}};
  answer.update(migrations.front());
  answer["migrations"] = migrations;
  return answer;
}

namespace {

Exit generate(const GenerateOptions& options, Terminal& terminal) {
  files::DirectoryLock lock(fs::current_path());
  if (options.custom) return generate_custom(load_config(options.overrides, {Needs::folder}), options, terminal);
  const Json answer = generate_from(load_config(options.overrides, {Needs::folder, Needs::schema}), options, terminal);
  if (terminal.json()) terminal.answer(answer);
  return answer["status"] == "findings" ? Exit::findings : Exit::done;
}

}  // namespace

void add_generate(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command =
      add_command(app, chosen, "generate", "Write a migration from the difference between schema and last snapshot",
                  "  sluice generate\n"
                  "  sluice generate --backfill sessions.duration_minutes=60\n"
                  "  sluice generate --rename users.name=users.full_name\n"
                  "  sluice generate --online\n"
                  "  sluice generate --custom --name fill_search_index");
  add_location_options(command, options->overrides, false);
  add_dialect_option(command, options->overrides);
  add_schema_options(command, options->overrides);
  command->add_option("--name", options->name, "name of the migration (default: what it does)");
  command->add_flag("--custom", options->custom, "an empty migration for SQL of your own");
  command->add_flag("--ignore-conflicts", options->ignore_conflicts,
                    "in a folder of drizzle-kit 1.0: go on where merged branches contradict each other");
  command->add_flag("--force", options->force, "evaluate the schema afresh, without the cache");
  command->add_flag("--dry-run,--explain", options->dry_run, "print the migration, write nothing");
  // add_flag() would set an optional that nobody has asked for.
  command->add_flag_function(
      "--online,!--no-online", [options = options.get()](std::int64_t count) { options->online = count > 0; },
      "change tables that are in use in small steps that keep nobody waiting (default: [generate] online of "
      "sluice.toml)");
  command->add_option("--server", options->server, "with --online: the oldest PostgreSQL it will run on (default 15)")
      ->check(CLI::Range(13, 18));
  command->add_flag_function(
      "--prove,!--no-prove", [options = options.get()](std::int64_t count) { options->prove = count > 0; },
      "run it on a scratch server, up, down and up again with rows; exit code 2 if that fails (default: [generate] "
      "prove "
      "of sluice.toml)");
  add_question_flags(command, options->questions);
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return generate(*options, terminal); }; });
}

}  // namespace sluice::cli
