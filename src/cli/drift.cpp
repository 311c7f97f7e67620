// What somebody changed by hand: the live database against the migrations that it says are applied.
#include "cli/drift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/losses.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/live.hpp"
#include "cli/migration_text.hpp"
#include "cli/replay.hpp"
#include "cli/steps.hpp"
#include "plan/name.hpp"

namespace sluice::cli {

namespace {

struct DriftOptions {
  Overrides overrides;
  std::vector<std::string> ignore;
  bool adopt = false, restore = false, yes = false;
  std::optional<std::string> name;
};

bool ignored(const std::vector<std::string>& patterns, const model::Key& key) {
  std::string owner = model::display(key.table.empty() ? key : key.owner()), name = model::display(key);
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return text::glob_match(pattern, owner) || text::glob_match(pattern, name) || text::glob_match(pattern, key.name);
  });
}

void leave_out(model::Schema& schema, const std::vector<std::string>& patterns) {
  std::apply(
      [&](auto&... lists) {
        (std::erase_if(lists, [&](const auto& object) { return ignored(patterns, object.key); }), ...);
      },
      schema);
}

std::vector<std::string> words_of(const read::Catalog& catalog, const std::vector<std::string>& patterns,
                                  const std::set<std::string>& others) {
  std::vector<std::string> out;
  for (const read::NotCovered& each : catalog.not_covered)
    if (!ignored(patterns, each.key) && !others.contains(each.key.schema))
      out.push_back(each.kind + " " + model::display(each.key));
  std::sort(out.begin(), out.end());
  return out;
}

// `brought`: what the stand-ins made on the scratch server, which is not the migrations' work.
Drift look(Replay& replay, server::Connection& connection, const Config& config,
           const std::vector<std::string>& patterns, const std::vector<std::string>& brought) {
  Drift drift;
  read::Catalog expected = replay.catalog();
  // Other systems share the database (auth, storage, monitoring): only schemas that the migrations know count.
  const std::set<std::string>& others = replay.stand_ins().schemas();
  replay.without_stand_ins(expected.schema);
  std::vector<std::string> schemas{"public"};
  for (const model::Namespace& each : model::all<model::Namespace>(expected.schema)) schemas.push_back(each.key.name);
  auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(schemas.begin(), schemas.end(), name) == schemas.end()) schemas.push_back(name);
  };
  for (const model::Table& each : model::all<model::Table>(expected.schema)) add(each.key.schema);
  read::CatalogOptions reading = catalog_options(config.ledger, schemas);
  reading.beyond = replay.beyond();
  read::Catalog live = read::catalog(connection, reading);
  drift.expected = std::move(expected.schema);
  drift.live = std::move(live.schema);
  replay.without_stand_ins(drift.live);
  leave_to_neighbours(config, drift.live, drift.expected);
  leave_out(drift.expected, patterns);
  leave_out(drift.live, patterns);
  drift.by_hand = statements_between(drift.expected, drift.live);
  drift.undo = statements_between(drift.live, drift.expected);
  std::vector<std::string> there = words_of(live, patterns, others), known = words_of(expected, patterns, others);
  for (const std::string& each : there)
    if (!std::binary_search(known.begin(), known.end(), each)) drift.others.push_back("made by hand: " + each);
  for (const std::string& each : known)
    if (!std::binary_search(brought.begin(), brought.end(), each) &&
        !std::binary_search(there.begin(), there.end(), each))
      drift.others.push_back("removed by hand: " + each);
  return drift;
}

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

void adopt(const DriftOptions& options, const Config& config, history::Folder& folder, Runner& runner,
           const Drift& drift, Terminal& terminal) {
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
  history::Entry entry = folder.add(addition);
  // This database has it already.
  apply::Ledger ledger = apply::read_ledger(runner.connection, config.ledger);
  apply::prepare_ledger(runner.connection, config.ledger, ledger);
  apply::record(runner.connection, config.ledger, ledger, folder.read(entry), 0, runner.info.run_id);
  terminal.success("Adopted: " + entry.file_name() + ", recorded as applied in " + runner.connection.describe());
}

void restore(const DriftOptions& options, Runner& runner, const Drift& drift, Terminal& terminal) {
  bool loses = std::any_of(drift.undo.begin(), drift.undo.end(),
                           [](const plan::Statement& each) { return !apply::losses_of(each.sql).empty(); });
  if (!options.yes && (loses || !runner.connection.is_local()) &&
      !(terminal.interactive() && terminal.choose(loses ? "This drops what is above, with its rows."
                                                        : "Change " + runner.connection.describe() + "?",
                                                  {"Go on", "Leave everything as it is"}) == 0)) {
    ErrorContext context;
    context.exit = Exit::refused;
    context.state = "Nothing was changed.";
    context.hint = "Run it again with --yes, or make a migration of it with --adopt.";
    throw Error(loses ? "undoing these changes drops data"
                      : "the change of a database that is not on this machine was "
                        "not confirmed",
                context);
  }
  server::Transaction transaction(runner.connection, "BEGIN; SET LOCAL lock_timeout = '10s'");
  for (const plan::Statement& statement : drift.undo) {
    std::string sql = statement.transactional ? statement.sql : text::replace_all(statement.sql, " CONCURRENTLY", "");
    runner.connection.execute(sql);
  }
  transaction.commit();
  terminal.success("Restored: " + text::counted(drift.undo.size(), "statement"));
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
  return {{"byHand", to_json(drift.by_hand)}, {"undo", to_json(drift.undo)}, {"others", drift.others}};
}

Exit drift(const DriftOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder, Needs::database});
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  Runner runner(config, "drift", terminal);
  if (options.adopt) {
    apply::Status status = apply::compare(folder, apply::read_ledger(runner.connection, config.ledger));
    if (std::any_of(status.items.begin(), status.items.end(), [](const apply::Item& item) { return !item.row; })) {
      ErrorContext context;
      context.exit = Exit::refused;
      context.hint = "Apply what is pending first: sluice migrate.";
      throw Error("a migration can only be adopted behind all others, and some are pending", context);
    }
  }
  Drift found = find_drift(runner.connection, config, folder, options.ignore, terminal);
  if (found.empty()) {
    terminal.success(fmt::format("No drift: {} is what its {} made", runner.connection.describe(),
                                 text::counted(found.applied, "migration")));
    if (terminal.json()) terminal.answer({{"status", "ok"}, {"byHand", Json::array()}, {"undo", Json::array()}});
    return Exit::done;
  }
  terminal.say(fmt::format("{} is not what its {} made:", runner.connection.describe(),
                           text::counted(found.applied, "migration")));
  Json answer{{"status", "drift"}};
  answer.update(print(found, terminal));
  if (options.adopt) adopt(options, config, folder, runner, found, terminal);
  if (options.restore) restore(options, runner, found, terminal);
  bool settled = (options.adopt || options.restore) && found.others.empty();
  if (settled) answer["status"] = options.adopt ? "adopted" : "restored";
  if (terminal.json()) terminal.answer(answer);
  return settled ? Exit::done : Exit::findings;
}

}  // namespace

Drift find_drift(server::Connection& connection, const Config& config, const history::Folder& folder,
                 const std::vector<std::string>& ignore, Terminal& terminal) {
  apply::Status status = apply::compare(folder, apply::read_ledger(connection, config.ledger));
  std::vector<std::string> applied;
  for (const apply::Item& item : status.items) {
    if (item.row) applied.push_back(item.entry.tag);
    if (item.state == apply::State::edited)
      terminal.warning(item.entry.file_name() + " was edited after it was applied; compared with what it says now");
  }
  for (const apply::LedgerRow& row : status.unknown)
    terminal.warning(row.name.value_or(row.hash.substr(0, 12)) +
                     " is applied but not in the folder: what it did looks as if it was done by hand");
  int major = connection.version() / 10000;
  Replay replay(config, folder, major);
  if (!replay.wanted_version())
    terminal.warning(
        fmt::format("PostgreSQL {} is not installed here; the migrations are replayed on {}, which may "
                    "spell some expressions in another way",
                    major, replay.connection().version() / 10000));
  const std::vector<std::string> brought = words_of(replay.catalog(), {}, {});
  replay.up_to_all([&](const history::Entry& entry) {
    return std::find(applied.begin(), applied.end(), entry.tag) != applied.end();
  });
  std::vector<std::string> all_ignored = config.settings.ignore;
  all_ignored.insert(all_ignored.end(), ignore.begin(), ignore.end());
  Drift found = look(replay, connection, config, all_ignored, brought);
  found.applied = applied.size();
  return found;
}

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
