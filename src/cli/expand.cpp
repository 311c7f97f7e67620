// expand and contract: what is renamed, split or dropped while two releases of the code run on one database.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/expansion_users.hpp"
#include "cli/expansions.hpp"
#include "cli/migration_text.hpp"
#include "cli/questions.hpp"
#include "cli/written.hpp"
#include "diff/diff.hpp"
#include "history/dated.hpp"
#include "plan/casts.hpp"
#include "server/connection.hpp"
#include "server/user_session.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

using plan::Expansion;

struct ExpandOptions {
  Overrides overrides;
  QuestionFlags questions;
  std::vector<std::string> splits, using_, back;
  std::optional<std::string> name;
  std::optional<int> server;
  bool dry_run = false;
};

struct ContractOptions {
  Overrides overrides;
  std::string column;
  std::optional<std::string> name;
  std::optional<int> server;
  int idle = 300;
  bool dry_run = false, even_if_used = false, without_check = false;
};

[[noreturn]] void refuse(const std::string& message, const std::string& hint, Exit exit = Exit::error) {
  ErrorContext context;
  context.state = "Nothing was written.";
  context.hint = hint;
  context.exit = exit;
  throw Error(message, context);
}

// Folders in which nothing fits: a file that only the journal has, a migration without its snapshot.
std::string what_is_missing(const history::Folder& folder) {
  for (const history::Entry& entry : folder.entries())
    if (!fs::exists(folder.path() / entry.file_name()))
      return entry.file_name() + " stands in the journal and not in the folder: restore it from version control.";
  if (!folder.last_snapshot_is_older()) return "";
  return folder.entries().back().snapshot_name() + " is missing: restore it from version control.";
}

model::Schema known_schema(const history::Folder& folder) {
  std::optional<model::Snapshot> last = folder.last_snapshot();
  return last ? std::move(last->schema) : model::Schema{};
}

plan::Options online_options(const Config& config, const std::optional<int>& server) {
  plan::Options options;
  options.deferrable_cycles = config.settings.deferrable_cycles;
  options.online = plan::Online{server.value_or(config.settings.review.server.value_or(15)), {}};
  return options;
}

Json write(const Config& config, history::Folder& folder, const std::string& name, const plan::Stage& stage,
           const std::vector<std::string>& lines, bool dry_run, Terminal& terminal) {
  history::Addition addition;
  addition.name = name;
  addition.prefix = config.prefix;
  addition.breakpoints = config.breakpoints;
  addition.schema = stage.after;
  if (folder.dated())
    addition.rows = spelled_as_written(model::rows_of(stage.after, folder.dated_snapshots().state()), stage.after,
                                       config, terminal);
  const std::string tag = folder.next_tag(addition);
  addition.up = sql_file("-- Migration: " + tag, stage.up.statements, lines, config.breakpoints);
  addition.down = sql_file("-- Reverse of: " + tag, stage.down.statements, {}, config.breakpoints);
  Json answer{
      {"migration", tag}, {"statements", to_json(stage.up.statements)}, {"down", to_json(stage.down.statements)}};
  if (dry_run) {
    terminal.say("Would generate " + tag + (folder.dated() ? "" : ".sql") + ":\n");
    terminal.say(addition.up);
    return answer;
  }
  const history::Entry entry = folder.add(addition);
  answer["file"] = (config.out / entry.file_name()).string();
  terminal.success("Generated migration: " + entry.file_name());
  for (const plan::Statement& statement : stage.up.statements)
    terminal.detail("  " + sql::one_line(statement.sql, 110));
  terminal.say("  Reverse: " + entry.down_name());
  return answer;
}

// "users.name=first_name,last_name", "app.users.first,last=name".
Expansion parse_split(const std::string& text) {
  const size_t equals = text.find('=');
  auto usage = [&] {
    refuse("--split '" + text + "' cannot be read",
           "Write table.old=new,new or table.old,old=new, for example --split users.name=first_name,last_name.");
  };
  if (equals == std::string::npos) usage();
  const std::string left = text.substr(0, equals), right = text.substr(equals + 1);
  const size_t dot = left.substr(0, left.find(',')).rfind('.');
  if (dot == std::string::npos || right.empty()) usage();
  Expansion e;
  const std::string table = left.substr(0, dot);
  const size_t schema = table.find('.');
  e.table = schema == std::string::npos ? model::Key{"public", "", table}
                                        : model::Key{table.substr(0, schema), "", table.substr(schema + 1)};
  e.old_columns = text::split(left.substr(dot + 1), ",");
  e.new_columns = text::split(right, ",");
  return e;
}

// --using table.column=expression and --back table.column=expression.
std::map<std::string, std::string> parse_expressions(const std::vector<std::string>& given, const char* flag) {
  std::map<std::string, std::string> out;
  for (const std::string& text : given) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size())
      refuse(std::string(flag) + " '" + text + "' cannot be read",
             std::string("Write ") + flag + " table.column=expression.");
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

const model::Column& column_of(const model::Schema& schema, const Expansion& e, const std::string& name) {
  const model::Key key{e.table.schema, e.table.name, name};
  const model::Column* column = model::find<model::Column>(schema, key);
  if (!column) refuse("there is no column " + model::display(key), "See the schema for how it is spelled.");
  return *column;
}

// How one column becomes another of a possibly different type.
std::string as_the_other(const model::Column& from, model::Column to) {
  to.key.name = from.key.name;
  if (from.type == to.type && from.type_schema == to.type_schema) return sql::identifier(from.key.name);
  return plan::conversion(from, to).value_or(sql::identifier(from.key.name));
}

// The SQL between both sides: what was said, else a conversion where one column stands for one.
void settle_expressions(Expansion& e, const model::Schema& known, const model::Schema& wanted,
                        const std::map<std::string, std::string>& to_new,
                        const std::map<std::string, std::string>& to_old) {
  const bool one_to_one = e.old_columns.size() == 1 && e.new_columns.size() == 1;
  auto settle = [&](const std::vector<std::string>& columns, const std::map<std::string, std::string>& said,
                    std::vector<std::string>& out, const char* flag, bool forward) {
    for (const std::string& name : columns) {
      const std::string shown = model::display(model::Key{e.table.schema, e.table.name, name});
      if (auto found = said.find(shown); found != said.end()) {
        out.push_back(found->second);
        continue;
      }
      if (!one_to_one)
        refuse("how does " + shown + " follow from " + text::join(forward ? e.old_columns : e.new_columns, ", ") + "?",
               std::string("Say it with ") + flag + " \"" + shown + "=<SQL expression>\".");
      const model::Column &old = column_of(known, e, e.old_columns.front()),
                          &fresh = column_of(wanted, e, e.new_columns.front());
      out.push_back(forward ? as_the_other(old, fresh) : as_the_other(fresh, old));
    }
  };
  settle(e.new_columns, to_new, e.to_new, "--using", true);
  if (!e.new_columns.empty()) settle(e.old_columns, to_old, e.to_old, "--back", false);
}

std::string expansion_name(const Expansion& e, const char* word) {
  if (!e.new_table.empty())
    return std::string(word) + "_" + e.table.name + (std::string_view(word) == "expand" ? "_to_" + e.new_table : "");
  std::string name = std::string(word) + "_" + e.old_columns.front();
  if (std::string_view(word) == "expand" && !e.new_columns.empty()) name += "_to_" + e.new_columns.front();
  return name + "_in_" + e.table.name;
}

std::vector<Expansion> find_expansions(const model::Schema& known, const model::Schema& wanted, ExpandOptions& options,
                                       Terminal& terminal) {
  std::vector<Expansion> out;
  for (const std::string& split : options.splits) {
    out.push_back(parse_split(split));
    for (const std::string& name : out.back().old_columns)
      options.questions.drops.push_back(
          model::display(model::Key{out.back().table.schema, out.back().table.name, name}));
  }
  const diff::Answers answers = settle_renames(known, wanted, options.questions, terminal);
  diff::Renames tables;
  for (const diff::Rename& rename : answers.renames) {
    if (rename.kind == diff::RenameKind::table && rename.from.schema == rename.to.schema) {
      tables.push_back(rename);
      out.push_back({.table = rename.from, .new_table = rename.to.name});
    } else if (rename.kind == diff::RenameKind::column) {
      out.push_back({rename.from.owner(), {rename.from.name}, {rename.to.name}, {}, {}, {}});
    } else {
      refuse("expand changes names of tables and columns; " + std::string(diff::name_of(rename.kind)) + " " +
                 model::display(rename.from) + " becomes " + model::display(rename.to),
             "Do it with 'sluice generate', in a migration of its own.");
    }
  }
  auto taken = [&](const model::Key& column) {
    return std::any_of(out.begin(), out.end(), [&](const Expansion& e) {
      return e.table == column.owner() &&
             std::find(e.old_columns.begin(), e.old_columns.end(), column.name) != e.old_columns.end();
    });
  };
  const diff::Changes changes = diff::compare(known, wanted, tables);
  for (const model::Column& column : diff::of<model::Column>(changes).dropped)
    if (!taken(column.key) && model::find<model::Table>(wanted, column.key.owner()))
      out.push_back({column.key.owner(), {column.key.name}, {}, {}, {}, {}});
  return out;
}

// The view under a table's old name reads its columns: one after the other.
void refuse_both_at_once(const std::vector<Expansion>& expansions, const std::vector<Expansion>& others) {
  for (const Expansion& e : expansions)
    for (const std::vector<Expansion>* list : {&expansions, &others})
      for (const Expansion& other : *list) {
        if (e == other || (e.new_table.empty() && other.new_table.empty()) || e.table.schema != other.table.schema)
          continue;
        const std::set<std::string> names{other.table.name, other.new_table};
        if (names.contains(e.table.name) || (!e.new_table.empty() && names.contains(e.new_table)))
          refuse(describe(e) + " and " + describe(other) + " concern one table",
                 list == &others ? "First end what is under way: sluice contract " + display(other)
                                 : "First the one, with a schema that has only that; after its contract the other.");
      }
}

// A column that another trigger writes would go with the contract of the second one.
void refuse_twice_at_once(const std::vector<Expansion>& expansions, const std::vector<Expansion>& others) {
  for (const Expansion& e : expansions)
    for (const Expansion& other : others)
      for (const std::string& name : e.old_columns)
        if (e.table == other.table &&
            std::find(other.new_columns.begin(), other.new_columns.end(), name) != other.new_columns.end())
          refuse(describe(e) + " and " + describe(other) + " concern one column",
                 "First end what is under way: sluice contract " + display(other));
}

// The schema as it is written, and what the migrations make, in the same words.
std::pair<model::Schema, model::Schema> written_and_known(const Config& config, const history::Folder& folder,
                                                          Terminal& terminal) {
  Written written = read_written(config, false, nullptr, terminal);
  bool adopted = false;
  model::Schema known = known_in_words_of(written, known_schema(folder), folder, config, terminal, adopted);
  return {std::move(written.schema), std::move(known)};
}

Exit expand(ExpandOptions options, Terminal& terminal) {
  files::DirectoryLock lock(fs::current_path());
  Config config = load_config(options.overrides, {Needs::folder, Needs::schema});
  history::Folder folder = folder_to_write(config, terminal);
  const auto both = written_and_known(config, folder, terminal);
  const model::Schema &written = both.first, &known = both.second;
  const std::vector<Expansion> others = expansions_of(open_expansions(folder));
  const model::Schema wanted = plan::in_between(written, known, others);
  std::vector<Expansion> expansions = find_expansions(known, wanted, options, terminal);
  if (expansions.empty()) {
    if (!options.dry_run) folder.write_forgotten();
    terminal.say("Nothing to expand: no table or column is renamed, no column split or dropped");
    if (terminal.json()) terminal.answer({{"status", "no_changes"}});
    return Exit::done;
  }
  const auto to_new = parse_expressions(options.using_, "--using"), to_old = parse_expressions(options.back, "--back");
  refuse_both_at_once(expansions, others);
  refuse_twice_at_once(expansions, others);
  plan::Options plan_options = online_options(config, options.server);
  plan_options.backfill = parse_backfills(options.questions.backfills);
  for (Expansion& e : expansions) {
    settle_expressions(e, known, wanted, to_new, to_old);
    if (std::string why = plan::cannot_expand(known, wanted, e, plan_options.online->version); !why.empty())
      refuse(describe(e) + " cannot be expanded: " + why, "Use 'sluice generate --online' for this change.");
  }
  const plan::Stage stage = plan::expand(known, wanted, expansions, others, plan_options);
  if (!stage.up.missing_backfill.empty()) refuse_without_backfill(stage.up.missing_backfill, options.questions.state);
  std::vector<std::string> lines;
  for (const Expansion& e : expansions) lines.push_back(expand_line(e));
  warn_before_expand(options.overrides, {&known, &written}, expansions, terminal);
  Json answer = write(config, folder, options.name.value_or(expansion_name(expansions.front(), "expand")), stage, lines,
                      options.dry_run, terminal);
  for (const Expansion& e : expansions)
    terminal.say("  In between: " + describe(e) + "; when the old code is gone: sluice contract " + display(e));
  if (terminal.json()) {
    Json out{{"status", options.dry_run ? "dry_run" : "ok"}};
    out.update(answer);
    terminal.answer(out);
  }
  return Exit::done;
}

OpenExpansion chosen_expansion(const std::vector<OpenExpansion>& open, const std::string& column,
                               const history::Folder& folder) {
  std::vector<std::string> names;
  for (const OpenExpansion& each : open) {
    names.push_back(display(each.expansion));
    if (column.empty() ? open.size() == 1 : names.back() == column) return each;
  }
  if (open.empty()) {
    const std::string missing = what_is_missing(folder);
    refuse("nothing is in between: there is no expansion to contract",
           missing.empty() ? "'sluice expand' begins one." : missing);
  }
  refuse(column.empty() ? "several expansions are in between" : "'" + column + "' is not in between",
         "Name one of: " + text::join(names, ", "));
}

// The last snapshot must have what is to go, and the schema no other changes: they would be made unasked.
void refuse_what_does_not_fit(const model::Schema& known, const model::Schema& written, const Expansion& e,
                              const std::vector<Expansion>& open, const history::Folder& folder) {
  if (const std::string why = plan::cannot_contract(known, e); !why.empty()) {
    const std::string missing = what_is_missing(folder);
    refuse(describe(e) + " does not fit the last snapshot: " + why,
           missing.empty() ? "'sluice check' says what is wrong with the folder." : missing);
  }
  if (!diff::compare(known, plan::in_between(written, known, open)).empty())
    refuse("the schema has changes besides " + describe(e),
           "Run 'sluice generate' first, so that they are in a migration of their own.");
}

Exit contract(const ContractOptions& options, Terminal& terminal) {
  files::DirectoryLock lock(fs::current_path());
  const bool asks = !options.even_if_used && !options.without_check;
  std::vector<Needs> needs{Needs::folder, Needs::schema};
  if (asks) needs.push_back(Needs::database);
  Config config = load_config(options.overrides, needs);
  history::Folder folder = folder_to_write(config, terminal);
  std::vector<OpenExpansion> open = open_expansions(folder);
  const OpenExpansion chosen = chosen_expansion(open, options.column, folder);
  const auto both = written_and_known(config, folder, terminal);
  const model::Schema &written = both.first, &known = both.second;
  refuse_what_does_not_fit(known, written, chosen.expansion, expansions_of(open), folder);
  if (asks) {
    server::Target target;
    target.url = config.url;
    target.application_name = "sluice contract";
    server::Connection connection(target);
    server::protect(connection);
    refuse_while_used(connection, config, chosen, options.idle);
    warn_of_what_goes(connection, known, chosen.expansion, terminal);
  }
  std::erase_if(open, [&](const OpenExpansion& each) { return each.expansion == chosen.expansion; });
  const plan::Stage stage = plan::contract(known, written, chosen.expansion, expansions_of(open),
                                           options.even_if_used ? std::nullopt : std::optional(options.idle),
                                           online_options(config, options.server));
  Json answer = write(config, folder, options.name.value_or(expansion_name(chosen.expansion, "contract")), stage,
                      {contract_line(chosen.expansion)}, options.dry_run, terminal);
  if (terminal.json()) {
    Json out{{"status", options.dry_run ? "dry_run" : "ok"}};
    out.update(answer);
    terminal.answer(out);
  }
  return Exit::done;
}

}  // namespace

void add_expand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ExpandOptions>();
  CLI::App* command = add_command(
      app, chosen, "expand",
      "Write the migration after which old and new code both work: renamed tables, renamed, split and dropped "
      "columns",
      "  sluice expand --rename users.name=users.full_name\n"
      "  sluice expand --split users.name=first_name,last_name \\\n"
      "    --using \"users.first_name=split_part(name, ' ', 1)\" --using "
      "\"users.last_name=split_part(name, ' ', 2)\" \\\n"
      "    --back \"users.name=concat_ws(' ', first_name, last_name)\"\n"
      "  sluice expand --rename users=accounts\n"
      "  sluice expand --drop users.nickname");
  add_location_options(command, options->overrides, false);
  add_schema_options(command, options->overrides);
  add_question_flags(command, options->questions);
  command->add_option("--split", options->splits, "table.old=new,new: columns that become others");
  command->add_option("--using", options->using_, "table.new=expression: a new column, from the old ones");
  command->add_option("--back", options->back, "table.old=expression: an old column, from the new ones");
  command->add_option("--name", options->name, "name of the migration (default: what it does)");
  command->add_option("--server", options->server, "the oldest PostgreSQL it will run on (default 15)")
      ->check(CLI::Range(13, 18));
  command->add_flag("--dry-run", options->dry_run, "print the migration, write nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return expand(*options, terminal); }; });
}

void add_contract(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ContractOptions>();
  CLI::App* command = add_command(app, chosen, "contract",
                                  "Write the migration that ends what 'expand' began, when the old code is gone",
                                  "  sluice contract users.name\n  sluice contract --url \"$PRODUCTION_URL\"");
  add_location_options(command, options->overrides, true);
  add_schema_options(command, options->overrides);
  command->add_option("column", options->column, "the old column, or the old table (not needed if there is only one)");
  command
      ->add_option("--idle", options->idle,
                   "seconds for which the old code must not have written, or used the old table (default 300)")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--even-if-used", options->even_if_used, "also while the old columns are written or read");
  command->add_flag("--without-check", options->without_check,
                    "do not ask a database now; the migration looks by itself when it runs");
  command->add_option("--name", options->name, "name of the migration (default: what it does)");
  command->add_option("--server", options->server, "the oldest PostgreSQL it will run on (default 15)")
      ->check(CLI::Range(13, 18));
  command->add_flag("--dry-run", options->dry_run, "print the migration, write nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return contract(*options, terminal); }; });
}

}  // namespace sluice::cli
