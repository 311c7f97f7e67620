// Compares the schema you wrote with the last snapshot and writes a migration.
#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/migration_text.hpp"
#include "diff/diff.hpp"
#include "plan/name.hpp"
#include "plan/plan.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

struct GenerateOptions {
  Overrides overrides;
  std::optional<std::string> name;
  bool custom = false, force = false, dry_run = false;
  std::vector<std::string> renames, drops, backfills;
};

std::string what_is_lost(const diff::Question& question) {
  switch (question.kind) {
    case diff::RenameKind::table:
      return "dropped with its rows";
    case diff::RenameKind::column:
      return "dropped with its values";
    default:
      return "dropped";
  }
}

std::string full_list(const std::vector<model::Key>& keys) {
  std::vector<std::string> names;
  for (const model::Key& key : keys) names.push_back(model::display(key));
  return text::join(names, ", ");
}

void ask_rename(const diff::Question& question, diff::Answers& answers, Terminal& terminal) {
  std::string kind(diff::name_of(question.kind));
  std::vector<std::string> choices{"it is new (" + full_list(question.dropped) + ": " + what_is_lost(question) + ")"};
  for (const model::Key& dropped : question.dropped)
    choices.push_back("it is " + model::display(dropped) + ", renamed");
  size_t choice =
      terminal.choose("Is the " + kind + " " + model::display(question.created) + " new, or renamed?", choices);
  if (choice == 0)
    answers.creations.emplace_back(question.kind, question.created);
  else
    answers.renames.push_back({question.kind, question.dropped[choice - 1], question.created});
}

[[noreturn]] void refuse_to_guess(const std::vector<diff::Question>& questions) {
  ErrorContext context;
  std::string flags;
  std::vector<std::string> drops;
  for (const diff::Question& question : questions) {
    std::string kind(diff::name_of(question.kind));
    for (const model::Key& dropped : question.dropped) {
      flags += fmt::format("\n  --rename {}={}   if the {} was renamed", model::display(dropped),
                           model::display(question.created), kind);
      std::string drop =
          fmt::format("\n  --drop {}   if it was not: it is {}", model::display(dropped), what_is_lost(question));
      if (std::find(drops.begin(), drops.end(), drop) == drops.end()) drops.push_back(drop);
    }
  }
  context.hint = "Say which it is:" + flags + text::join(drops, "");
  context.state = "Nothing was written.";
  const diff::Question& first = questions.front();
  throw Error(fmt::format("{} {} may be new, or {} renamed", std::string(diff::name_of(first.kind)),
                          model::display(first.created), full_list(first.dropped)),
              context);
}

diff::Answers settle_renames(const model::Schema& before, const model::Schema& after, const GenerateOptions& options,
                             Terminal& terminal) {
  diff::Answers answers{diff::parse_renames(options.renames, before, after), options.drops, {}};
  for (;;) {
    std::vector<diff::Question> open = diff::open_questions(before, after, answers);
    if (open.empty()) {
      diff::check_drops(before, after, answers);
      return answers;
    }
    if (!terminal.interactive()) refuse_to_guess(open);
    ask_rename(open.front(), answers, terminal);
  }
}

[[noreturn]] void refuse_without_backfill(const std::vector<model::Column>& missing) {
  ErrorContext context;
  std::string flags;
  for (const model::Column& column : missing)
    flags +=
        fmt::format("\n  --backfill {0}=<value>   ({1}; a SQL expression, for example {2})", model::display(column.key),
                    column.type, column.type == "text" || column.type.starts_with("varchar") ? "\"'x'\"" : "0");
  context.hint = "Say what rows that exist get:" + flags + "\nor --backfill " + model::display(missing.front().key) +
                 "=none if the table has no rows anywhere.";
  context.state = "Nothing was written.";
  std::vector<model::Key> keys;
  for (const model::Column& column : missing) keys.push_back(column.key);
  throw Error("existing rows need a value for the required column" + std::string(missing.size() > 1 ? "s " : " ") +
                  full_list(keys),
              context);
}

// Flags that name nothing are mistakes, and the next run would do something else than was meant.
void check_names(const diff::Changes& changes, const plan::Options& plan_options) {
  auto known = [&](const std::string& name) {
    auto is = [&](const model::Key& key) {
      return name == model::display(key) || name == key.schema + "." + key.table + "." + key.name;
    };
    const auto& columns = diff::of<model::Column>(changes);
    return std::any_of(columns.created.begin(), columns.created.end(), [&](const auto& c) { return is(c.key); }) ||
           std::any_of(columns.altered.begin(), columns.altered.end(), [&](const auto& c) { return is(c.after.key); });
  };
  for (const auto& [name, value] : plan_options.backfill)
    if (!known(name)) {
      std::string columns;
      for (const model::Column& column : diff::of<model::Column>(changes).created)
        columns += " " + model::display(column.key);
      ErrorContext context;
      context.state = "Nothing was written.";
      context.hint = columns.empty() ? "No column is added." : "Columns that are added:" + columns;
      throw Error("--backfill " + name + " is not a column that this migration adds or makes required", context);
    }
}

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

history::Folder open_folder(const Config& config, Terminal& terminal) {
  history::Folder folder = history::Folder::open(config.out);
  folder.remove_leftovers();
  for (const std::string& tag : folder.forget_deleted())
    terminal.warning(tag + ".sql was deleted: its journal entry and snapshot go with it");
  if (folder.last_snapshot_is_older())
    terminal.warning("the last migration, " + folder.entries().back().tag +
                     ", has no snapshot; the difference is to the last snapshot there is");
  return folder;
}

Exit generate_custom(const Config& config, const GenerateOptions& options, Terminal& terminal) {
  history::Folder folder = open_folder(config, terminal);
  std::optional<model::Snapshot> last = folder.last_snapshot();
  history::Addition addition;
  addition.name = checked_name(options.name.value_or("custom"));
  addition.prefix = config.prefix;
  addition.breakpoints = config.breakpoints;
  addition.schema = last ? last->schema : model::Schema{};
  std::string tag = folder.next_tag(addition);
  addition.up =
      "-- Migration: " + tag + "\n-- Created: " + today() + "\n-- Custom SQL migration file, put your code below! --\n";
  if (options.dry_run) {
    terminal.say("Would generate " + tag + ".sql, empty");
    return Exit::done;
  }
  history::Entry entry = folder.add(addition);
  terminal.success("Generated migration: " + entry.file_name());
  terminal.say("Prepared empty file for your custom SQL migration!");
  if (terminal.json())
    terminal.answer({{"status", "ok"}, {"migration", entry.tag}, {"file", (config.out / entry.file_name()).string()}});
  return Exit::done;
}

void ask_backfills(const model::Schema& known, const model::Schema& wanted, const diff::Changes& changes,
                   plan::Options& options, Terminal& terminal) {
  for (;;) {
    std::vector<model::Column> missing = plan::make(known, wanted, changes, options).missing_backfill;
    if (missing.empty()) return;
    if (!terminal.interactive()) refuse_without_backfill(missing);
    const model::Column& column = missing.front();
    terminal.say(terminal.bold("Column " + model::display(column.key) + " (" + column.type +
                               ") is required, and rows that exist need a value."));
    std::string value = terminal.ask("SQL expression (\"none\" if the table has no rows anywhere):");
    if (!value.empty()) options.backfill[model::display(column.key)] = value;
  }
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

// Makes one migration and writes it, or prints it with --dry-run. Gives what a program wants to know of it.
struct Writer {
  const Config& config;
  const GenerateOptions& options;
  history::Folder& folder;
  const plan::PropertyNames& properties;
  Terminal& terminal;

  Json write(const model::Schema& known, const model::Schema& wanted, const diff::Renames& renames,
             const plan::Options& plan_options) {
    diff::Changes changes = diff::compare(known, wanted, renames);
    plan::Plan up = plan::make(known, wanted, changes, plan_options);
    plan::Plan down = plan::reverse(known, wanted, renames, plan_options.deferrable_cycles);

    history::Addition addition;
    addition.name =
        options.name ? checked_name(*options.name) : plan::suggest_name(changes, properties, folder.entries().empty());
    addition.prefix = config.prefix;
    addition.breakpoints = config.breakpoints;
    addition.schema = wanted;
    std::string tag = folder.next_tag(addition);
    addition.up = sql_file("-- Migration: " + tag, up.statements, {}, config.breakpoints);
    addition.down = sql_file("-- Reverse of: " + tag, down.statements, down.notes, config.breakpoints);
    Json answer{{"migration", tag},
                {"statements", to_json(up.statements)},
                {"down", to_json(down.statements)},
                {"notes", up.notes}};
    if (options.dry_run) {
      terminal.say("Would generate " + tag + ".sql:\n");
      terminal.say(addition.up);
    } else {
      history::Entry entry = folder.add(addition);
      answer["file"] = (config.out / entry.file_name()).string();
      terminal.success("Generated migration: " + entry.file_name());
      for (const plan::Statement& statement : up.statements) terminal.detail("  " + sql::one_line(statement.sql, 110));
      terminal.say("  Reverse: " + entry.tag + ".down.sql");
    }
    for (const std::string& note : up.notes) terminal.warning(note);
    return answer;
  }
};

}  // namespace

std::map<std::string, std::string> parse_backfills(const std::vector<std::string>& given) {
  std::map<std::string, std::string> out;
  for (const std::string& text : given) {
    size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size() || text.find('.') > equals) {
      ErrorContext context;
      context.hint = "Write --backfill table.column=expression, for example --backfill sessions.duration_minutes=60.";
      throw Error("--backfill '" + text + "' is not of the form table.column=expression", context);
    }
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

namespace {

Exit generate(const GenerateOptions& options, Terminal& terminal) {
  files::DirectoryLock lock(fs::current_path());
  if (options.custom) return generate_custom(load_config(options.overrides, {Needs::folder}), options, terminal);
  Config config = load_config(options.overrides, {Needs::folder, Needs::schema});
  plan::PropertyNames properties;
  model::Schema wanted = read_schema(config, options.force, &properties, terminal);
  history::Folder folder = open_folder(config, terminal);
  std::optional<model::Snapshot> last = folder.last_snapshot();
  model::Schema known = last ? std::move(last->schema) : model::Schema{};

  diff::Answers answers = settle_renames(known, wanted, options, terminal);
  diff::Changes changes = diff::compare(known, wanted, answers.renames);
  if (changes.empty()) {
    if (!options.dry_run) folder.write_forgotten();
    terminal.say("No schema changes detected");
    if (terminal.json()) terminal.answer({{"status", "no_changes"}});
    return Exit::done;
  }
  plan::Options plan_options{.backfill = parse_backfills(options.backfills),
                             .deferrable_cycles = config.settings.deferrable_cycles};
  check_names(changes, plan_options);
  ask_backfills(known, wanted, changes, plan_options, terminal);

  // Statements that cannot run in a transaction get a migration of their own, after the others.
  std::optional<model::Schema> first = without_concurrent_indexes(known, wanted, answers.renames, plan_options);
  Writer writer{config, options, folder, properties, terminal};
  Json migrations = Json::array();
  if (first) migrations.push_back(writer.write(known, *first, answers.renames, plan_options));
  migrations.push_back(
      writer.write(first ? *first : known, wanted, first ? diff::Renames{} : answers.renames, plan_options));
  if (terminal.json()) {
    Json answer{{"status", options.dry_run ? "dry_run" : "ok"}};
    answer.update(migrations.front());
    answer["migrations"] = migrations;
    terminal.answer(answer);
  }
  return Exit::done;
}

}  // namespace

void add_generate(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command =
      add_command(app, chosen, "generate", "Write a migration from the difference between schema and last snapshot",
                  "  sluice generate\n"
                  "  sluice generate --backfill sessions.duration_minutes=60\n"
                  "  sluice generate --rename users.name=users.full_name\n"
                  "  sluice generate --custom --name fill_search_index");
  add_location_options(command, options->overrides, false);
  add_dialect_option(command, options->overrides);
  add_schema_options(command, options->overrides);
  command->add_option("--name", options->name, "name of the migration (default: what it does)");
  command->add_flag("--custom", options->custom, "an empty migration for SQL of your own");
  command->add_flag("--force", options->force, "evaluate the schema afresh, without the cache");
  command->add_flag("--dry-run", options->dry_run, "print the migration, write nothing");
  command->add_option("--rename", options->renames, "old=new: a table, column, enum … that was renamed");
  command->add_option("--drop", options->drops, "an object that is dropped, not renamed");
  command->add_option("--backfill", options->backfills,
                      "table.column=expression: what existing rows get in a required column");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return generate(*options, terminal); }; });
}

}  // namespace sluice::cli
