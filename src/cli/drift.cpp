// What somebody changed by hand: the live database against the migrations that it says are applied.
#include "cli/drift.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apply/lock.hpp"
#include "apply/losses.hpp"
#include "apply/runs.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/migration_text.hpp"
#include "cli/steps.hpp"
#include "plan/name.hpp"
#include "server/user_session.hpp"

namespace sluice::cli {

namespace {

struct DriftOptions {
  Overrides overrides;
  std::vector<std::string> ignore;
  bool adopt = false, restore = false, yes = false;
  std::optional<std::string> name;
};

// The last snapshot's schema with the changes that were made by hand.
model::Schema adopted(model::Schema schema, const Drift& drift) {
  diff::Changes changes = diff::compare(drift.expected, drift.live);
  auto take = [&](const auto& of_kind, auto& list) {
    auto remove = [&](const model::Key& key) {
      std::erase_if(list, [&](const auto& each) { return each.key == key; });
    };
    for (const auto& each : of_kind.dropped) remove(each.key);
    for (const auto& each : of_kind.renamed) remove(each.before.key), list.push_back(each.after);
    for (const auto& each : of_kind.altered)
      for (auto& object : list)
        if (object.key == each.after.key) object = each.after;
    for (const auto& each : of_kind.created) list.push_back(each);
  };
  std::apply([&](const auto&... of_kind) { std::apply([&](auto&... lists) { (take(of_kind, lists), ...); }, schema); },
             changes.by_kind);
  return schema;
}

// Nobody else may work on the database from the look to the change. Behind a pooler nobody can hold a session's lock:
// there the change's transaction takes it.
bool pooled(Runner& runner) { return runner.connection.behind_transaction_pooler(); }

[[noreturn]] void refuse_changed(const Runner& runner) {
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Look again: sluice drift.";
  throw Error(runner.connection.describe() + " was changed while 'sluice drift' looked at it", context);
}

// What is under way is neither drift to be undone nor to be adopted.
void refuse_under_way(const apply::Ledger& ledger, const Runner& runner) {
  for (const apply::Progress& progress : ledger.progress) {
    const bool up = progress.direction == apply::Direction::up;
    ErrorContext context;
    context.exit = Exit::refused;
    context.state = "Nothing was changed.";
    context.hint = std::string("Finish it first: sluice ") + (up ? "migrate" : "rollback") + ". Then look again.";
    throw Error(fmt::format("{} is half {} in {} ({} of {} steps)", progress.tag, up ? "applied" : "rolled back",
                            runner.connection.describe(), progress.done, progress.total),
                context);
  }
}

bool same(const apply::Ledger& a, const apply::Ledger& b) {
  auto alike = [](const apply::LedgerRow& x, const apply::LedgerRow& y) { return x.id == y.id && x.hash == y.hash; };
  return a.progress.size() == b.progress.size() &&
         std::equal(a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(), alike);
}

// Inside the transaction that changes it: the lock, where the session has it not, and a last look at the ledger.
void look_again(const apply::Ledger& seen, const Config& config, Runner& runner) {
  if (!pooled(runner)) return;
  apply::take_lock(runner.connection, config.ledger, apply::LockScope::transaction, runner.execute.lock);
  if (!same(apply::read_ledger(runner.connection, config.ledger), seen)) refuse_changed(runner);
}

void adopt(const DriftOptions& options, const Config& config, history::Folder& folder, Runner& runner,
           apply::Ledger ledger, const Drift& drift, Terminal& terminal) {
  std::optional<model::Snapshot> last = folder.last_snapshot();
  history::Addition addition;
  diff::Changes changes = diff::compare(drift.expected, drift.live);
  addition.name = options.name ? *options.name : plan::suggest_name(changes, {}, false);
  addition.prefix = config.prefix;
  addition.breakpoints = config.breakpoints;
  addition.schema = adopted(last ? last->schema : model::Schema{}, drift);
  std::string tag = folder.next_tag(addition);
  addition.up = sql_file("-- Migration: " + tag, drift.by_hand,
                         {"Made by hand in " + runner.connection.describe() + "."}, config.breakpoints);
  addition.down = sql_file("-- Reverse of: " + tag, drift.undo, {}, config.breakpoints);
  const apply::Ledger seen = ledger;
  apply::prepare_ledger(runner.connection, config.ledger, ledger);
  history::Entry entry;
  runner.info.command = "drift --adopt";
  apply::noted(runner.connection, runner.target, config.ledger, ledger, runner.info, [&](apply::Done& done) {
    server::Transaction transaction(runner.connection);
    look_again(seen, config, runner);
    entry = folder.add(addition);
    // This database has it already.
    apply::record(runner.connection, config.ledger, ledger, folder.read(entry), 0, runner.info.run_id);
    transaction.commit();
    done.migrations = {entry.tag};
  });
  terminal.success("Adopted: " + entry.file_name() + ", recorded as applied in " + runner.connection.describe());
}

bool drops(const Drift& drift) {
  auto has_rows = [](const apply::Loss& loss) { return loss.kind != apply::LossKind::sequence; };
  return std::any_of(drift.undo.begin(), drift.undo.end(), [&](const plan::Statement& each) {
    const std::vector<apply::Loss> losses = apply::losses_of(each.sql);
    return std::any_of(losses.begin(), losses.end(), has_rows);
  });
}

void confirm(const DriftOptions& options, const Runner& runner, const Drift& drift, Terminal& terminal) {
  const bool loses = drops(drift);
  if (options.yes || (!loses && runner.connection.is_local())) return;
  if (terminal.interactive() && terminal.choose(loses ? "This drops what is above, with its rows."
                                                      : "Change " + runner.connection.describe() + "?",
                                                {"Go on", "Leave everything as it is"}) == 0)
    return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Run it again with --yes, or make a migration of it with --adopt.";
  throw Error(loses ? "undoing these changes drops data"
                    : "the change of a database that is not on this machine was "
                      "not confirmed",
              context);
}

void restore_in_transaction(const Config& config, Runner& runner, const apply::Ledger& ledger, const Drift& drift,
                            size_t& statements) {
  server::Transaction transaction(runner.connection, "BEGIN; SET LOCAL lock_timeout = '10s'");
  look_again(ledger, config, runner);
  server::UserSession session(runner.connection);
  for (const plan::Statement& statement : drift.undo) {
    std::string sql = statement.transactional ? statement.sql : text::replace_all(statement.sql, " CONCURRENTLY", "");
    try {
      session.execute(sql);
      statements++;
    } catch (const Error& error) {
      ErrorContext context = error.context;
      if (context.state.empty()) context.state = "Nothing was changed: the statements were one transaction.";
      throw Error(error.what(), context);
    }
  }
  transaction.commit();
}

void restore(const Config& config, Runner& runner, const apply::Ledger& ledger, const Drift& drift,
             Terminal& terminal) {
  runner.info.command = "drift --restore";
  apply::noted(runner.connection, runner.target, config.ledger, ledger, runner.info, [&](apply::Done& done) {
    restore_in_transaction(config, runner, ledger, drift, done.totals.statements);
  });
  terminal.success("Restored: " + text::counted(drift.undo.size(), "statement"));
}

Json answer_of(const Drift& drift) {
  return {{"byHand", to_json(drift.by_hand)},
          {"undo", to_json(drift.undo)},
          {"others", drift.others},
          {"leftAlone", drift.ledgers}};
}

Json print(const Drift& drift, Terminal& terminal) {
  auto list = [&](const std::vector<plan::Statement>& statements) {
    for (const plan::Statement& each : statements)
      terminal.say("    " + text::replace_all(std::string(text::trim(each.sql)), "\n", "\n    "));
  };
  if (!drift.by_hand.empty()) terminal.say("  what was done by hand (--adopt makes a migration of it):");
  list(drift.by_hand);
  if (!drift.undo.empty()) terminal.say("  what undoes it (--restore runs it):");
  list(drift.undo);
  for (const std::string& each : drift.others) terminal.say("  " + each);
  return answer_of(drift);
}

void refuse_pending(const history::Folder& folder, const apply::Ledger& ledger) {
  apply::Status status = apply::compare(folder, ledger);
  if (std::all_of(status.items.begin(), status.items.end(), [](const apply::Item& item) { return item.row; })) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.hint = "Apply what is pending first: sluice migrate.";
  throw Error("a migration can only be adopted behind all others, and some are pending", context);
}

// What a migration of another branch did would be taken for something done by hand.
void refuse_unknown(const history::Folder& folder, const apply::Ledger& ledger) {
  const apply::Status status = apply::compare(folder, ledger);
  if (status.unknown.empty()) return;
  const std::string name = status.unknown.front().name.value_or(status.unknown.front().hash.substr(0, 12));
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Switch to the branch that has it; if its file is gone for good: sluice repair --forget " + name +
                 " --reason '…'.";
  throw Error(name +
                  " is applied in this database, but not in the folder: nobody can tell what it did from what was "
                  "done by hand",
              context);
}

bool same(const Drift& a, const Drift& b) {
  return std::equal(a.undo.begin(), a.undo.end(), b.undo.begin(), b.undo.end(),
                    [](const plan::Statement& x, const plan::Statement& y) { return x.sql == y.sql; });
}

void say(const Drift& found, const Runner& runner, Terminal& terminal) {
  terminal.say(fmt::format("{} is not what its {} made:", runner.connection.describe(),
                           text::counted(found.applied, "migration")));
}

Exit drift(const DriftOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder, Needs::database});
  std::optional<files::DirectoryLock> directory;
  if (options.adopt) directory.emplace(fs::current_path());
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  Runner runner(config, "drift", terminal);
  std::optional<Drift> asked;
  if (options.restore && !options.yes && terminal.interactive()) {
    // A question may be open for long, and others shall not wait for its answer: it is asked before the lock is taken.
    refuse_under_way(apply::read_ledger(runner.connection, config.ledger), runner);
    asked = find_drift(runner.connection, config, folder, options.ignore, terminal);
    if (!asked->empty()) {
      say(*asked, runner, terminal);
      print(*asked, terminal);
      confirm(options, runner, *asked, terminal);
    }
  }
  const bool changes = options.adopt || options.restore;
  if (changes && !pooled(runner))
    apply::take_lock(runner.connection, config.ledger, apply::LockScope::session, runner.execute.lock);
  const apply::Ledger ledger = apply::read_ledger(runner.connection, config.ledger);
  if (changes) refuse_under_way(ledger, runner);
  if (changes) refuse_unknown(folder, ledger);
  if (options.adopt) refuse_pending(folder, ledger);
  Drift found = find_drift(runner.connection, config, folder, options.ignore, terminal);
  if (asked && !same(*asked, found)) refuse_changed(runner);
  if (found.empty()) {
    terminal.success(fmt::format("No drift: {} is what its {} made", runner.connection.describe(),
                                 text::counted(found.applied, "migration")));
    if (terminal.json())
      terminal.answer(
          {{"status", "ok"}, {"byHand", Json::array()}, {"undo", Json::array()}, {"leftAlone", found.ledgers}});
    return Exit::done;
  }
  if (!asked) say(found, runner, terminal);
  Json answer{{"status", "drift"}};
  answer.update(asked ? answer_of(found) : print(found, terminal));
  if (options.adopt) adopt(options, config, folder, runner, ledger, found, terminal);
  if (options.restore) {
    if (!asked) confirm(options, runner, found, terminal);
    restore(config, runner, ledger, found, terminal);
  }
  bool settled = changes && found.others.empty();
  if (settled) answer["status"] = options.adopt ? "adopted" : "restored";
  if (terminal.json()) terminal.answer(answer);
  return settled ? Exit::done : Exit::findings;
}

}  // namespace

Json drift_of(const Config& config, Terminal& terminal) {
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  Runner runner(config, "drift", terminal);
  const Drift drift = find_drift(runner.connection, config, folder, {}, terminal);
  return {{"status", drift.empty() ? "ok" : "drift"},
          {"byHand", to_json(drift.by_hand)},
          {"undo", to_json(drift.undo)},
          {"others", drift.others}};
}

void add_drift(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DriftOptions>();
  CLI::App* command =
      add_command(app, chosen, "drift", "Show what was changed by hand, as SQL both ways; exit code 2 if so",
                  "  sluice drift\n  sluice drift --ignore 'audit_*'\n"
                  "  sluice drift --adopt --name add_hotfix_index\n  sluice drift --restore");
  add_location_options(command, options->overrides, true);
  command->add_option("--ignore", options->ignore,
                      "globs of tables and other objects that do not count, besides [drift] ignore of sluice.toml");
  CLI::Option* adopt =
      command->add_flag("--adopt", options->adopt, "write a migration of it, recorded as applied here");
  command->add_flag("--restore", options->restore, "undo it")->excludes(adopt);
  command->add_option("--name", options->name, "name of the adopted migration");
  command->add_flag("--yes,-y", options->yes, "do not ask, also if rows are dropped");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return drift(*options, terminal); }; });
}

}  // namespace sluice::cli
