// Mends the table of applied migrations where it does not say what is true, with the reason. Runs no migration.
#include <algorithm>

#include "apply/lock.hpp"
#include "apply/runs.hpp"
#include "apply/status.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"

namespace sluice::cli {

namespace {

struct RepairOptions {
  Overrides overrides;
  std::vector<std::string> accept, rename, forget;
  std::string reason;
  bool duplicates = false, dry_run = false;
};

struct Repair {
  std::string sentence, sql;
  std::vector<std::optional<std::string>> parameters;
  std::string tag;
};

std::string without_ending(const std::string& name) { return history::tag_in(name); }

const apply::LedgerRow& row_of(const apply::Ledger& ledger, const apply::Status& status, const std::string& name) {
  for (const apply::LedgerRow& row : ledger.rows)
    if (row.name == name || "#" + std::to_string(row.id) == name) return row;
  for (const apply::Item& item : status.items)
    if (item.row && !item.by_squashed && item.entry.tag == name)
      for (const apply::LedgerRow& row : ledger.rows)
        if (row.id == item.row->id) return row;
  ErrorContext context;
  context.hint = "'sluice status' shows what it has. A row without a name is called by its id: '#7'.";
  context.state = "Nothing was changed.";
  throw Error("the table of migrations has no row '" + name + "'", context);
}

// The migration that is recorded more than once, by this row too; or nullptr.
const apply::Item* item_of(const apply::Status& status, const apply::LedgerRow& row) {
  auto is_row = [&](const apply::LedgerRow& each) { return each.id == row.id; };
  for (const apply::Item& item : status.items)
    if (!item.again.empty() && (is_row(*item.row) || std::any_of(item.again.begin(), item.again.end(), is_row)))
      return &item;
  return nullptr;
}

history::Migration file_of(const history::Folder& folder, const std::string& tag) {
  for (const history::Entry& entry : folder.entries())
    if (entry.tag == tag) return folder.read(entry);
  ErrorContext context;
  context.state = "Nothing was changed.";
  throw Error("there is no migration '" + tag + "' in the folder", context);
}

std::vector<Repair> plan_of(const RepairOptions& options, const apply::Ledger& ledger, const history::Folder& folder,
                            const std::string& table) {
  apply::Status status = apply::compare(folder, ledger);
  std::vector<Repair> out;
  auto point = [&](const apply::LedgerRow& row, const history::Migration& to, const std::string& sentence) {
    out.push_back({sentence,
                   "UPDATE " + table + " SET hash = $2, created_at = $3, name = $4 WHERE id = $1",
                   {std::to_string(row.id), to.hash, std::to_string(to.entry.when), to.entry.tag},
                   to.entry.tag});
  };
  for (const std::string& given : options.accept) {
    history::Migration migration = file_of(folder, without_ending(given));
    point(row_of(ledger, status, migration.entry.tag), migration,
          migration.entry.tag + ": the file as it is now counts as what was applied");
  }
  for (const std::string& given : options.rename) {
    size_t equals = given.find('=');
    if (equals == std::string::npos) throw Error("--rename '" + given + "' is not of the form old=new");
    history::Migration migration = file_of(folder, without_ending(given.substr(equals + 1)));
    const apply::LedgerRow& row = row_of(ledger, status, without_ending(given.substr(0, equals)));
    auto taken = std::find_if(status.items.begin(), status.items.end(), [&](const apply::Item& item) {
      return item.entry.tag == migration.entry.tag && item.row && item.row->id != row.id;
    });
    if (taken != status.items.end()) {
      ErrorContext context;
      context.state = "Nothing was changed.";
      throw Error(migration.entry.tag + " is applied already, by another row", context);
    }
    point(row, migration, without_ending(given.substr(0, equals)) + " is " + migration.entry.tag + " from now on");
  }
  auto take_away = [&](const apply::Item& item) {
    for (const apply::LedgerRow& row : item.again)
      out.push_back({item.entry.tag + " is recorded once: row #" + std::to_string(row.id) + " goes, #" +
                         std::to_string(item.row->id) + " stays",
                     "DELETE FROM " + table + " WHERE id = $1",
                     {std::to_string(row.id)},
                     item.entry.tag});
  };
  if (options.duplicates)
    for (const apply::Item& item : status.items) take_away(item);
  for (const std::string& given : options.forget) {
    const std::string name = without_ending(given);
    // What is known of one under way goes too: half applied it has no row.
    if (const apply::Progress* progress = ledger.progress_of(name)) {
      const bool up = progress->direction == apply::Direction::up;
      out.push_back({name + " counts as not begun any more (it was half " + (up ? "applied" : "rolled back") + ", " +
                         std::to_string(progress->done) + " of " + std::to_string(progress->total) + " steps)",
                     "DELETE FROM sluice.steps WHERE ledger = $1 AND name = $2",
                     {table, name},
                     name});
      if (up) continue;
    }
    const apply::LedgerRow& row = row_of(ledger, status, name);
    const apply::Item* often = item_of(status, row);
    const bool one_row = often && name.starts_with("#");
    out.push_back({one_row ? "row " + name + " goes; " + often->entry.tag + " is recorded by another"
                           : name + " counts as not applied",
                   "DELETE FROM " + table + " WHERE id = $1",
                   {std::to_string(row.id)},
                   one_row ? often->entry.tag : name});
    if (!often || one_row) continue;
    for (const apply::LedgerRow& each : often->again)
      if (each.id != row.id)
        out.push_back({"row #" + std::to_string(each.id) + " goes too, which records it once more",
                       "DELETE FROM " + table + " WHERE id = $1",
                       {std::to_string(each.id)},
                       name});
  }
  return out;
}

Exit repair(const RepairOptions& options, Terminal& terminal) {
  if (options.accept.empty() && options.rename.empty() && options.forget.empty() && !options.duplicates) {
    ErrorContext context;
    context.hint =
        "Say what is to be mended (see 'sluice status'):\n"
        "  --accept NAME      the edited file is what was applied\n"
        "  --rename OLD=NEW   the row of OLD is that of the migration NEW\n"
        "  --forget NAME      the row goes; the migration counts as not applied\n"
        "  --duplicates       of a migration that is recorded more than once, one row stays\n"
        "To record one as applied: sluice baseline.";
    throw Error("nothing to repair was named", context);
  }
  if (options.reason.empty() && !options.dry_run) {
    ErrorContext context;
    context.hint = "--reason 'renumbered after the merge'; it stands in 'sluice log'.";
    throw Error("a repair needs a --reason", context);
  }
  Config config = load_config(options.overrides, {Needs::folder, Needs::database});
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  Runner runner(config, "repair", terminal);
  server::Connection& connection = runner.connection;
  if (!options.dry_run) apply::take_lock(connection, config.ledger, apply::LockScope::session, runner.execute.lock);
  apply::Ledger ledger = apply::read_ledger(connection, config.ledger);
  std::vector<Repair> plan = plan_of(options, ledger, folder, config.ledger.sql());
  Json lines = Json::array();
  for (const Repair& repair : plan) lines.push_back(repair.sentence);
  if (!options.dry_run && !plan.empty()) {
    apply::prepare_ledger(connection, config.ledger, ledger);
    runner.info.command = "repair: " + options.reason;
    apply::noted(connection, runner.target, config.ledger, ledger, runner.info, [&](apply::Done& done) {
      server::Transaction transaction(connection);
      for (const Repair& repair : plan) connection.query(repair.sql, repair.parameters);
      transaction.commit();
      for (const Repair& repair : plan) done.migrations.push_back(repair.tag);
    });
  }
  if (plan.empty()) terminal.success("Nothing to mend: no migration is recorded more than once");
  for (const Repair& repair : plan) terminal.success((options.dry_run ? "Would mend: " : "Mended: ") + repair.sentence);
  if (terminal.json()) terminal.answer({{"status", options.dry_run ? "dry_run" : "ok"}, {"mended", lines}});
  return Exit::done;
}

}  // namespace

void add_repair(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<RepairOptions>();
  CLI::App* command =
      add_command(app, chosen, "repair", "Mend the table of applied migrations, with the reason; runs no migration",
                  "  sluice repair --accept 0003_add_duration --reason 'a comment was corrected'\n"
                  "  sluice repair --rename 0007_create_pears=0008_create_pears --reason 'renumbered after the merge'\n"
                  "  sluice repair --forget 0009_create_plums --reason 'undone by hand'");
  add_location_options(command, options->overrides, true);
  command->add_option("--accept", options->accept, "an edited migration whose file is what was applied");
  command->add_option("--rename", options->rename, "old=new: the row of a migration that has another name now");
  command->add_option("--forget", options->forget,
                      "a migration, or '#id', whose row goes; what is noted of a half applied one goes too");
  command->add_flag("--duplicates", options->duplicates,
                    "of migrations that are recorded more than once (two runs of drizzle-orm at once) one row stays");
  command->add_option("--reason", options->reason, "why; stands in the history of runs ('sluice log')");
  command->add_flag("--dry-run", options->dry_run, "say what would be mended, change nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return repair(*options, terminal); }; });
}

}  // namespace sluice::cli
