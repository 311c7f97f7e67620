#include "apply/rollback.hpp"

#include <algorithm>
#include <chrono>

#include "base/files.hpp"
#include "base/interrupt.hpp"

namespace sluice::apply {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

[[noreturn]] void refuse(const std::string& message, const std::filesystem::path& file, const std::string& hint) {
  ErrorContext context;
  context.at.file = file.string();
  context.state = "Nothing was changed.";
  context.hint = hint;
  context.exit = Exit::refused;
  throw Error(message, context);
}

Back way_back(const history::Folder& folder, const Item& item, const RollbackOptions& options) {
  std::filesystem::path up = folder.path() / item.entry.file_name();
  std::filesystem::path down = folder.path() / item.entry.down_name();
  if (item.by_squashed)
    refuse(item.entry.tag + " was applied as a part of " + item.row->name.value_or("a squashed migration") +
               ", which has no way back of its own",
           up, "Write a new migration that undoes it: sluice generate --custom.");
  if (item.state == State::missing_file)
    refuse(item.entry.tag + " is applied, but its file is gone, so its way back may be another's", up,
           "Restore the file from version control, then roll back.");
  if (item.state == State::edited)
    refuse(item.entry.tag + " was edited after it was applied, so its way back may not fit what was applied", up,
           "Restore the file as it was applied (git log -- " + item.entry.file_name() +
               "), then roll back. A wanted change belongs into a new migration.");
  std::optional<std::string> sql = folder.read_down(item.entry);
  if (!sql)
    refuse(item.entry.tag + " has no way back: there is no " + item.entry.down_name(), down,
           "Write the statements that undo " + item.entry.file_name() + " into " + item.entry.down_name() +
               ", or write a new migration that undoes it: sluice generate --custom --name undo_" +
               item.entry.tag.substr(std::min(item.entry.tag.find('_') + 1, item.entry.tag.size())) + ".");
  if (options.adapt) options.adapt(*sql, down);
  return {item.entry, *item.row, down, std::move(*sql)};
}

void look_before(server::Connection& connection, const Back& back, const LedgerName& name, const Ledger& ledger,
                 const RollbackOptions& options) {
  if (!options.look || !read_script(back.sql, back.file).has_checkpoints()) return;
  const std::string known_as = back.row.name.value_or(back.entry.tag);
  if (ledger.readable.contains("kept"))
    for (const Kept& kept : read_kept(connection, name))
      if (kept.migration == known_as && kept.direction == "up" && kept.kind != "not_kept") return;
  std::vector<history::Migration> down{{back.entry, back.file, back.sql, ""}};
  for (const Progress& progress : ledger.progress) leave_out_done(down, progress, Direction::down);
  options.look(connection, down.front());
}

std::filesystem::path file_of(const history::Folder& folder, const std::string& tag) {
  const history::Entry* entry = history::find_entry(folder.entries(), tag);
  return entry ? folder.path() / entry->file_name() : folder.path();
}

}  // namespace

std::vector<Back> plan_rollback(const history::Folder& folder, const Ledger& ledger, const RollbackOptions& options) {
  for (const Progress& progress : ledger.progress)
    if (progress.direction == Direction::up)
      refuse(progress.tag + " is half applied (" + std::to_string(progress.done) + " of " +
                 std::to_string(progress.total) + " steps): a way back from there is not known",
             file_of(folder, progress.tag), "Run 'sluice migrate' to finish it first.");
  Status status = compare(folder, ledger);
  if (const Item* often = status.recorded_often())
    refuse(often->recorded_often() + ", so the order of the way back is not known",
           folder.path() / often->entry.file_name(),
           "Run 'sluice repair --duplicates --reason …' first: it leaves the first row of each.");
  std::vector<LedgerRow> rows = ledger.rows;  // in the order in which they were applied
  std::sort(rows.begin(), rows.end(), [](const LedgerRow& a, const LedgerRow& b) { return a.id > b.id; });
  size_t count = std::min(options.steps, rows.size());
  if (options.to == "none") {
    count = rows.size();
  } else if (options.to) {
    const Item& target = find_item(status, *options.to);
    if (!target.row)
      refuse(target.entry.tag + " is not applied, so there is no way back to it",
             folder.path() / target.entry.file_name(), "'sluice status' shows what is applied.");
    count = static_cast<size_t>(
        std::count_if(rows.begin(), rows.end(), [&](const LedgerRow& row) { return row.id > target.row->id; }));
  }
  std::vector<Back> out;
  for (size_t i = 0; i < count; i++) {
    auto item = std::find_if(status.items.begin(), status.items.end(),
                             [&](const Item& each) { return each.row && each.row->id == rows[i].id; });
    if (item == status.items.end())
      refuse("the migration " + rows[i].name.value_or("of hash " + rows[i].hash.substr(0, 12) + "…") +
                 " is applied, but not in this folder: nobody here knows its way back",
             folder.path(), "Switch to the branch that has it, and roll back there.");
    out.push_back(way_back(folder, *item, options));
  }
  return out;
}

std::vector<Applied> rollback(server::Connection& connection, const history::Folder& folder,
                              const std::vector<Back>& expected, const RollbackOptions& options) {
  const LedgerName& name = options.execute.ledger;
  Executor executor(connection, options.execute);
  Ledger ledger = read_locked_ledger(connection, name, executor.pooled(), options.execute.lock);
  prepare_ledger(connection, name, ledger);
  std::vector<Back> plan = plan_rollback(folder, ledger, options);
  bool same = std::equal(plan.begin(), plan.end(), expected.begin(), expected.end(),
                         [](const Back& a, const Back& b) { return a.row.id == b.row.id && a.sql == b.sql; });
  if (!same)
    refuse("what is applied changed while the rollback was prepared", folder.path(), "Look at 'sluice status'.");
  begin_run(connection, name, ledger, options.run);
  std::vector<Applied> done;
  auto end = [&](const Error* error) {
    std::vector<std::string> tags;
    for (const Applied& applied : done) tags.push_back(applied.tag);
    end_run(connection, options.execute.watch, ledger, options.run.run_id, tags, executor.totals(), error);
  };
  try {
    for (const Back& back : plan) {
      interrupt::check();
      auto start = Clock::now();
      // What it was called when it was applied: what is kept of it is found by that.
      const std::string known_as = back.row.name.value_or(back.entry.tag);
      Job job{back.file, known_as, back.sql, Direction::down, {}, {}, {}, {}, ""};
      job.keeper = std::make_shared<Keeper>(connection, name, ledger, known_as, Direction::down, options.run.run_id,
                                            options.execute.keep, options.execute.warning, writes_rows(back.sql));
      job.started = [&] {
        if (options.rolling_back) options.rolling_back(back.entry.tag);
      };
      job.done_meanwhile = [&](const Ledger& now) {
        return std::none_of(now.rows.begin(), now.rows.end(),
                            [&](const LedgerRow& row) { return row.id == back.row.id; });
      };
      job.finish = [&] { unrecord(connection, name, back.row); };
      if (!done.empty())
        job.state_before = " Rolled back by this run before it: " + done.front().tag +
                           (done.size() > 1 ? " to " + done.back().tag : std::string()) + ".";
      try {
        look_before(connection, back, name, ledger, options);
      } catch (Error& error) {
        error.context.state += job.state_before;
        throw;
      }
      if (executor.run(job, ledger)) done.push_back({back.entry.tag, milliseconds_since(start)});
    }
  } catch (const Error& error) {
    end(&error);
    throw;
  }
  end(nullptr);
  return done;
}

}  // namespace sluice::apply
