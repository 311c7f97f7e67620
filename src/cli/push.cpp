// Makes a live database what the schema says, without migrations: compare, show, apply in one transaction.
#include <fmt/format.h>

#include <algorithm>

#include "apply/lock.hpp"
#include "apply/runs.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/expansions.hpp"
#include "cli/judgement.hpp"
#include "cli/live.hpp"
#include "cli/migration_text.hpp"
#include "cli/preflight.hpp"
#include "cli/questions.hpp"
#include "cli/written.hpp"
#include "model/beyond.hpp"
#include "plan/casts.hpp"
#include "plan/plan.hpp"
#include "plan/render.hpp"
#include "server/user_session.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

using namespace model;

struct PushOptions {
  Overrides overrides;
  QuestionFlags questions{{}, {}, {}, "Nothing was changed."};
  bool accept_data_loss = false, dry_run = false, strict = false, verbose = false;
};

// The name that the table or column has in the database, before the renames.
Key name_before(Key key, const diff::Renames& renames) {
  for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename) {
    Key owner = key.table.empty() ? key : key.owner();
    if (rename->kind == diff::RenameKind::column && key == rename->to) key.name = rename->from.name;
    if (rename->kind == diff::RenameKind::table && owner == rename->to) {
      (key.table.empty() ? key.name : key.table) = rename->from.name;
      key.schema = rename->from.schema;
    }
    if (rename->kind == diff::RenameKind::schema && key.schema == rename->to.name) key.schema = rename->from.name;
  }
  return key;
}

// Which of the conditions hold: one query for all of them.
std::vector<bool> ask(server::Connection& connection, const std::vector<std::string>& conditions) {
  std::vector<bool> out;
  if (conditions.empty()) return out;
  server::Rows rows = connection.execute("SELECT " + text::join(conditions, ", "));
  for (size_t i = 0; i < conditions.size(); i++) out.push_back(rows.text(0, i) == "t");
  return out;
}

std::string has_rows(const Key& table) { return "EXISTS (SELECT FROM " + plan::table_name(table) + ")"; }
std::string has_values(const Key& column) {
  return "EXISTS (SELECT FROM " + plan::table_name(column.owner()) + " WHERE " + sql::identifier(column.name) +
         " IS NOT NULL)";
}

// What the changes destroy, one sentence each; nothing that is empty anyway.
std::vector<std::string> data_loss(server::Connection& connection, const Schema& live, const diff::Changes& changes) {
  std::vector<std::string> conditions, sentences, out;
  auto add = [&](std::string condition, std::string sentence) {
    conditions.push_back(std::move(condition));
    sentences.push_back(std::move(sentence));
  };
  auto before = [&](const Key& key) { return name_before(key, changes.renames); };
  // A table that becomes a partition, or was one, keeps its rows.
  auto any = [](const auto& objects, const Key& key) {
    return std::any_of(objects.begin(), objects.end(), [&](const auto& object) { return object.key == key; });
  };
  for (const Table& table : diff::of<Table>(changes).dropped)
    if (!any(diff::of<Partition>(changes).created, table.key))
      add(has_rows(before(table.key)), "Table " + display(table.key) + " is dropped with its rows.");
  for (const Partition& partition : diff::of<Partition>(changes).dropped)
    if (!any(diff::of<Table>(changes).created, partition.key))
      add(has_rows(partition.key), "Partition " + display(partition.key) + " is dropped with its rows.");
  for (const Column& column : diff::of<Column>(changes).dropped)
    if (!column.generated)
      add(has_values(before(column.key)), "Column " + display(column.key) + " is dropped with its values.");
  for (const auto& change : diff::of<Column>(changes).altered) {
    const Column& column = change.after;
    if (change.has("generated") && column.generated && !change.before.generated)
      add(has_values(before(column.key)), "Column " + display(column.key) + " loses its values: they are computed.");
    else if (change.has("type") && (plan::may_fail(change.before, column) || plan::may_lose(change.before, column)))
      add(has_values(before(column.key)),
          "Column " + display(column.key) + " changes from " + change.before.type + " to " + column.type + ": " +
              (plan::may_fail(change.before, column) ? "values may be shortened or not fit."
                                                     : "values may lose a part of what they say."));
  }
  for (const Role& role : diff::of<Role>(changes).dropped)
    add("true", "Role " + display(role.key) + " is dropped from the whole server, with its password and memberships.");
  // Values of a type that is the schema's own change with it.
  auto of_type = [&](const Key& type, const std::string& sentence) {
    std::vector<std::string> any_values;
    for (const Column& column : all<Column>(live))
      if (plan::element_of(column.type) == model::type_text(type)) any_values.push_back(has_values(before(column.key)));
    if (!any_values.empty()) add("(" + text::join(any_values, " OR ") + ")", sentence);
  };
  for (const auto& change : diff::of<Domain>(changes).altered) {
    Column was, is;
    was.type = change.before.type, is.type = change.after.type;
    if (change.has("type") && (plan::may_fail(was, is) || plan::may_lose(was, is)))
      of_type(change.before.key, "Domain " + display(change.after.key) + " changes from " + was.type + " to " +
                                     is.type + ": values may lose a part of what they say, or not fit.");
  }
  for (const auto& change : diff::of<CompositeType>(changes).altered)
    for (const auto& [attribute, type] : change.before.attributes)
      if (std::none_of(change.after.attributes.begin(), change.after.attributes.end(),
                       [&, &name = attribute](const auto& kept) { return kept.first == name; }))
        of_type(change.before.key,
                "Type " + display(change.after.key) + " loses its attribute " + attribute + ": values of it go.");
  std::vector<bool> answers = ask(connection, conditions);
  for (size_t i = 0; i < answers.size(); i++)
    if (answers[i]) out.push_back(sentences[i]);
  return out;
}

// Required columns of tables that have no rows need no value.
void excuse_empty_tables(server::Connection& connection, const plan::Plan& plan, const diff::Renames& renames,
                         plan::Options& options) {
  std::vector<std::string> conditions;
  for (const Column& column : plan.missing_backfill)
    conditions.push_back(has_rows(name_before(column.key.owner(), renames)));
  std::vector<bool> answers = ask(connection, conditions);
  for (size_t i = 0; i < answers.size(); i++)
    if (!answers[i]) options.backfill[display(plan.missing_backfill[i].key)] = "none";
}

void settle_data_loss(const std::vector<std::string>& losses, const PushOptions& options, Terminal& terminal) {
  if (losses.empty() || options.accept_data_loss) return;
  if (terminal.interactive()) {
    if (terminal.choose("Data will be lost. Push all the same?",
                        {"no, leave the database as it is", "yes, the data may go"}) == 1)
      return;
  }
  ErrorContext context;
  context.exit = Exit::refused;
  context.detail = text::join(losses, "\n");
  context.state = "Nothing was changed.";
  context.hint = "Give --accept-data-loss if that is meant.";
  throw Error("the push would lose data", context);
}

void confirm(bool strict, Terminal& terminal) {
  if (!strict) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  if (!terminal.interactive()) {
    context.hint = "Leave --strict (strict: true in the configuration) out where nobody can answer.";
    throw Error("--strict asks before it pushes, and there is no terminal to ask on", context);
  }
  if (terminal.choose("Execute these statements?", {"no", "yes"}) == 0) throw Error("the push was called off", context);
}

// All that can in one transaction, and then the others. `begun` is called inside the transaction, or first of all.
void run(server::Connection& connection, const std::vector<plan::Statement>& statements, size_t& done,
         const std::function<void()>& begun) {
  server::UserSession session(connection);
  auto execute = [&](const plan::Statement& statement, const char* state) {
    try {
      session.execute(statement.sql);
      done++;
    } catch (const Error& error) {
      ErrorContext context = error.context;
      context.state = state;
      if (context.sqlstate == "55P03" && context.hint.empty())
        context.hint =
            "Another session has held a table for more than 10 s (pg_stat_activity names it). Push again when it "
            "is done.";
      if (context.sqlstate == "42501" && context.hint.empty())
        context.hint = "Push as the role that owns it, or as a member of that role.";
      throw Error(error.what(), context);
    }
  };
  bool any = std::any_of(statements.begin(), statements.end(), [](const auto& s) { return s.transactional; });
  if (!any) begun();
  if (any) {
    server::Transaction transaction(connection);
    begun();
    // Nobody waits behind us for longer than this.
    connection.execute("SET LOCAL lock_timeout = '10s'");
    for (const plan::Statement& statement : statements)
      if (statement.transactional) execute(statement, "Nothing was changed.");
    transaction.commit();
  }
  for (const plan::Statement& statement : statements)
    if (!statement.transactional) execute(statement, "The statements before it are done; push again for the rest.");
}

// What review says of the statements, with this database's objects and sizes. What is lost is said by the push itself.
Json judge(server::Connection& connection, const Config& config, const plan::Plan& plan, Terminal& terminal) {
  std::string text;
  for (const plan::Statement& statement : plan.statements) text += std::string(text::trim(statement.sql)) + "\n";
  review::Options options = review_options(config, {text});
  options.version = std::clamp(connection.version() / 10000, 13, 18);
  for (const char* said : {"drop-column", "drop-table", "drop-schema", "own-transaction-only"})
    options.allowed.push_back({said, "the push says so", false});
  return Judgement(options, live_catalog(connection)).print("push.sql", text, &connection, terminal);
}

Json answer(const std::string& status, const plan::Plan& plan, const std::vector<std::string>& losses,
            const std::vector<read::NotCovered>& not_covered, const Json& findings = Json::array()) {
  Json left = Json::array();
  for (const read::NotCovered& note : not_covered)
    left.push_back({{"kind", note.kind}, {"name", display(note.key)}, {"detail", note.detail}});
  return {{"status", status},     {"statements", to_json(plan.statements)},
          {"notes", plan.notes},  {"dataLoss", losses},
          {"findings", findings}, {"notCovered", left}};
}

// What `expand` has begun in this database, as the migrations say: the old columns stay until `contract` ends it.
std::vector<plan::Expansion> under_way(server::Connection& connection, const history::Folder& folder) {
  std::vector<plan::Expansion> out;
  if (!folder.exists()) return out;
  for (OpenExpansion& open : open_expansions(folder)) {
    const std::string sequence = plan::last_write_sequence(open.expansion);
    if (connection.query("SELECT to_regclass($1) IS NOT NULL", {sequence}).text(0, 0) == "t")
      out.push_back(std::move(open.expansion));
  }
  return out;
}

// Columns that a trigger of `expand` writes which this folder does not know: without them every write would fail.
void refuse_if_under_way(server::Connection& connection, const diff::Changes& changes) {
  std::vector<Key> gone;
  for (const Column& column : diff::of<Column>(changes).dropped)
    gone.push_back(name_before(column.key, changes.renames));
  for (const diff::Rename& rename : changes.renames)
    if (rename.kind == diff::RenameKind::column) gone.push_back(rename.from);
  if (gone.empty()) return;
  const server::Rows triggers = connection.execute(
      "SELECT s.nspname, c.relname, p.prosrc FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = "
      "t.tgfoid "
      "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN "
      "pg_catalog.pg_namespace s ON s.oid = c.relnamespace WHERE n.nspname = 'sluice' AND p.proname ~ '_expand$'");
  for (size_t i = 0; i < triggers.size(); i++)
    for (const Key& key : gone)
      if (key.schema == triggers.text(i, 0) && key.table == triggers.text(i, 1) &&
          triggers.text(i, 2).find(sql::identifier(key.name)) != std::string::npos) {
        ErrorContext context;
        context.exit = Exit::refused;
        context.detail =
            "Without the column every write of the table would fail. The migrations folder here does not "
            "have the migration that 'sluice expand' wrote.";
        context.state = "Nothing was changed.";
        context.hint = "Push from a checkout that has it, or end it there: 'sluice contract' and 'sluice migrate'.";
        throw Error("column " + display(key) + " is kept equal to another by a trigger of 'sluice expand'", context);
      }
}

Exit push(const PushOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::schema, Needs::database});
  refuse_protected(config, "push");
  server::Target target;
  target.url = config.url;
  const apply::RunInfo info = run_info(config, "push");
  target.application_name = "sluice push " + info.run_id;
  std::optional<server::Connection> opened;
  std::optional<int> major;
  if (has_sql(config)) {  // read by the same version, so that both have the same words
    opened.emplace(target);
    major = opened->version() / 10000;
  }
  Written written = read_written(config, false, nullptr, terminal, major);
  if (!opened) opened.emplace(target);
  server::Connection& connection = *opened;
  server::protect(connection);
  refuse_protected(config, "push", &connection);
  config.filters.supabase = is_supabase(connection);
  const history::Folder folder = history::Folder::open(config.out);
  const std::vector<plan::Expansion> between = under_way(connection, folder);
  if (!between.empty()) {
    const std::optional<Snapshot> last = folder.last_snapshot();
    const Schema known = last ? last->schema : Schema{};
    written.schema = plan::in_between(written.schema, known, between);
    if (written.read_back) written.read_back = plan::in_between(*written.read_back, known, between);
    for (const plan::Expansion& each : between)
      terminal.warning("in between: " + describe(each) + " stays as it is until 'sluice contract " + display(each) +
                       "' ends it");
  }
  Schema wanted = within_filters(config, std::move(written.schema));
  // Read by another version than the database's, texts are laid out in another way: the database's own has the word.
  if (written.read_back && written.major != *major)
    written.read_back = as_target_prints(connection, target, config, *written.read_back);
  Comparison comparison = written.read_back
                              ? compare_live(connection, config, wanted, within_filters(config, *written.read_back))
                              : compare_live(connection, target, config, wanted, terminal);

  diff::Answers answers = settle_renames(comparison.before({}), comparison.wanted, options.questions, terminal);
  Schema before = comparison.before(answers.renames);
  diff::Changes changes = diff::compare(before, comparison.wanted, answers.renames);
  plan::Options plan_options;
  plan_options.deferrable_cycles = config.settings.deferrable_cycles;
  plan_options.exact_row_security = true;
  plan_options.backfill = parse_backfills(options.questions.backfills);
  if (changes.empty()) {
    terminal.say("No changes detected");
    if (options.verbose && !summary(comparison.not_covered).empty())
      terminal.detail("  left alone: " + summary(comparison.not_covered));
    if (terminal.json()) terminal.answer(answer("no_changes", {}, {}, comparison.not_covered));
    return Exit::done;
  }
  refuse_impossible(changes);
  refuse_if_under_way(connection, changes);
  check_backfills(changes, plan_options, options.questions.state);
  excuse_empty_tables(connection, plan::make(before, comparison.wanted, changes, plan_options), answers.renames,
                      plan_options);
  ask_backfills(before, comparison.wanted, changes, plan_options, options.questions.state, terminal);
  plan::Plan plan = plan::make(before, comparison.wanted, changes, plan_options);
  std::vector<std::string> losses = data_loss(connection, before, changes);

  for (const plan::Statement& statement : plan.statements) terminal.say(std::string(text::trim(statement.sql)));
  const Json findings = judge(connection, config, plan, terminal);
  for (const std::string& loss : losses) terminal.warning(loss);
  for (const std::string& note : plan.notes)
    if (std::find(losses.begin(), losses.end(), note) == losses.end() &&
        note.find(" is dropped with its ") == std::string::npos)
      terminal.warning(note);
  if (options.dry_run) {
    terminal.say("Nothing was changed (--dry-run).");
    if (terminal.json()) terminal.answer(answer("dry_run", plan, losses, comparison.not_covered, findings));
    return Exit::done;
  }
  settle_data_loss(losses, options, terminal);
  confirm(options.strict || config.strict, terminal);

  apply::LockOptions lock;
  lock.waiting = [&](const std::string& holder) { terminal.warning("waiting for " + holder); };
  // Behind a pooler nobody can hold a session's lock: there the transaction takes it.
  const bool pooled = connection.behind_transaction_pooler();
  if (!pooled) apply::take_lock(connection, config.ledger, apply::LockScope::session, lock);
  auto look_again = [&] {
    if (diff::compare(comparison.live, compare_again(connection, config, comparison).live).empty()) return;
    ErrorContext context;
    context.state = "Nothing was changed.";
    context.hint = "Run 'sluice push' again.";
    throw Error("somebody else changed the database in the meantime", context);
  };
  if (!pooled) look_again();
  auto change = [&](size_t& statements) {
    run(connection, plan.statements, statements, [&] {
      if (!pooled) return;
      if (connection.in_transaction()) apply::take_lock(connection, config.ledger, apply::LockScope::transaction, lock);
      look_again();
    });
  };
  // A role that may not look at the migrations leaves no note of what it does.
  std::optional<apply::Ledger> ledger;
  try {
    ledger = apply::read_ledger(connection, config.ledger);
    apply::prepare_own_tables(connection, *ledger);
  } catch (const Error& error) {
    if (error.context.sqlstate != "42501") throw;
    ledger.reset();
  }
  size_t unnoted = 0;
  if (ledger)
    apply::noted(connection, target, config.ledger, *ledger, info,
                 [&](apply::Done& done) { change(done.totals.statements); });
  else
    change(unnoted);
  terminal.success(fmt::format("Changes applied to {}", connection.describe()));

  // What PostgreSQL made of it is what was wanted, or we say so.
  Comparison after = compare_again(connection, config, comparison);
  if (!diff::compare(after.before({}), after.wanted).empty())
    terminal.warning("the database still differs from the schema: push again to see in what");
  if (terminal.json()) terminal.answer(answer("ok", plan, losses, comparison.not_covered, findings));
  return Exit::done;
}

}  // namespace

void add_push(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<PushOptions>();
  CLI::App* command = add_command(app, chosen, "push", "Make a database what the schema says, without migrations",
                                  "  sluice push --dry-run\n"
                                  "  sluice push\n"
                                  "  sluice push --rename users.name=users.full_name\n"
                                  "  sluice push --accept-data-loss --url postgresql://localhost:54322/postgres");
  add_location_options(command, options->overrides, true);
  add_dialect_option(command, options->overrides);
  add_schema_options(command, options->overrides);
  add_live_options(command, options->overrides);
  add_question_flags(command, options->questions);
  command->add_flag("--accept-data-loss,--force", options->accept_data_loss, "tables, columns and values may be lost");
  command->add_flag("--dry-run,--explain", options->dry_run, "show the statements, change nothing");
  command->add_flag("--strict", options->strict, "ask before anything is executed");
  command->add_flag("--verbose", options->verbose, "also say what is left alone");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return push(*options, terminal); }; });
}

}  // namespace sluice::cli
