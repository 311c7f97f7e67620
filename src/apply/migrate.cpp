#include "apply/migrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/interrupt.hpp"
#include "history/leftover.hpp"
#include "history/squashed.hpp"

namespace sluice::apply {

using history::Migration;
using server::Connection;

namespace {

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

bool has_migration(const history::Folder& folder, const std::string& tag) {
  return std::any_of(folder.entries().begin(), folder.entries().end(), [&](const history::Entry& entry) {
    return entry.is_called(tag) && std::filesystem::exists(folder.path() / entry.file_name());
  });
}

class Runner {
 public:
  Runner(Connection& connection, const history::Folder& folder, const MigrateOptions& options)
      : connection_(connection),
        folder_(folder),
        options_(options),
        name_(options.execute.ledger),
        executor_(connection, options.execute) {}

  std::vector<Applied> run() {
    Ledger ledger = read_ledger(connection_, name_);
    Status status = compare(folder_, ledger);
    warn(status);
    refuse_half_done(folder_, ledger);
    if (pending(folder_, status, options_).empty() && !has_older_names(status)) return {};

    ledger = read_locked_ledger(connection_, name_, executor_.pooled(), options_.execute.lock);
    prepare(ledger);
    status = compare(folder_, ledger);
    give_names(status, ledger);
    std::vector<Migration> todo = pending(folder_, status, options_);
    if (todo.empty()) return {};
    refuse_half_done(folder_, ledger);
    begin_run(connection_, name_, ledger, options_.run);
    try {
      if (options_.single_transaction)
        apply_together(todo, ledger);
      else
        for (const Migration& migration : todo) {
          interrupt::check();
          apply(migration, ledger);
        }
    } catch (const Error& error) {
      end(ledger, &error);
      const std::string& state = error.context.sqlstate;
      const bool there = state == "42P07" || state == "42710" || state == "42723" || state == "42P06";
      if (!there || !ledger.rows.empty() || !done_.empty()) throw;
      ErrorContext context = error.context;
      if (!context.hint.empty()) context.hint += "\n";
      context.hint +=
          "The database has no record of migrations, and has this already. If push, another tool or a hand made it, "
          "'sluice baseline' compares it with the migrations and records them.";
      throw Error(error.what(), context);
    }
    end(ledger, nullptr);
    return std::move(done_);
  }

 private:
  void end(const Ledger& ledger, const Error* error) {
    std::vector<std::string> tags;
    for (const Applied& applied : done_) tags.push_back(applied.tag);
    end_run(connection_, options_.execute.watch, ledger, options_.run.run_id, tags, executor_.totals(), error);
  }

  // Another runner may make the tables at this moment: behind a pooler, where nobody holds the lock, or one of another
  // ledger in this database. Then they are there the next time one looks.
  void prepare(Ledger& ledger) {
    for (int attempt = 0;; attempt++) {
      try {
        prepare_ledger(connection_, name_, ledger);
        return;
      } catch (const Error& error) {
        const std::string& state = error.context.sqlstate;
        const bool made_meanwhile = state == "23505" || state == "42P06" || state == "42P07" || state == "42701";
        if (!made_meanwhile || attempt == 9) throw;
        ledger = read_ledger(connection_, name_);
      }
    }
  }

  void warn(const Status& status) {
    const auto& warning = options_.execute.warning;
    if (!warning) return;
    for (const Item& item : status.items)
      if (item.state == State::edited)
        warning(item.entry.file_name() + " was edited after it was applied; the edit is not in this database");
      else if (item.state == State::missing_file)
        warning(item.entry.file_name() + " is applied, but the file is gone; restore it from version control");
      else if (options_.skip_deleted && status.is_pending(item) &&
               !std::filesystem::exists(folder_.path() / item.entry.file_name()))
        warning(item.entry.file_name() +
                " was deleted, so it is left out; 'sluice generate' removes its journal entry");
    for (const Item& item : status.items)
      if (!item.again.empty()) warning(item.recorded_often() + "; 'sluice repair --duplicates' mends it");
    for (const LedgerRow& row : status.unknown)
      if (row.name) warning(*row.name + " is applied in this database, but not in the folder");
    for (const std::string& name : folder_.files_outside_journal())
      warning(name + " is not in meta/_journal.json, so it is not run; " +
              (history::is_leftover(name, folder_.entries())
                   ? "it is older than the last migration: 'sluice check' says more"
                   : "commit meta/ together with the migration"));
  }

  // drizzle-orm 1.0 goes by the name alone, and would run again what was recorded under none or an older one.
  static bool has_older_name(const Item& item) {
    return item.row && item.entry.own_folder && item.row->name != item.entry.tag;
  }
  static bool has_older_names(const Status& status) {
    return std::any_of(status.items.begin(), status.items.end(), has_older_name);
  }

  void give_names(const Status& status, const Ledger& ledger) {
    std::vector<std::pair<std::int64_t, std::string>> names;
    size_t renamed = 0;
    // In squashed/ itself: what stands for the old migrations is to be found by its name.
    const std::vector<history::Squashed> made = history::squashed_into(folder_.path());
    auto is_squashed = [&](const LedgerRow& row) {
      return row.name && std::any_of(made.begin(), made.end(),
                                     [&](const history::Squashed& each) { return each.entry.is_called(*row.name); });
    };
    for (const Item& item : status.items)
      if (item.row && !item.by_squashed && !is_squashed(*item.row) && (!item.row->name || has_older_name(item))) {
        names.emplace_back(item.row->id, item.entry.tag);
        if (has_older_name(item)) renamed++;
      }
    if (!ledger.has_name) return;
    name_rows(connection_, name_, ledger, names);
    if (renamed > 0 && options_.renamed) options_.renamed(renamed);
  }

  std::string state_before() const {
    if (done_.empty()) return "";
    return " Applied by this run before it: " + done_.front().tag +
           (done_.size() > 1 ? " to " + done_.back().tag : std::string()) + ".";
  }

  Job job_of(const Migration& migration, const Ledger& ledger, std::chrono::steady_clock::time_point& start) {
    Job job{migration.file, migration.entry.tag, migration.sql, Direction::up, {}, {}, {}, {}, state_before()};
    job.keeper =
        std::make_shared<Keeper>(connection_, name_, ledger, migration.entry.tag, Direction::up, options_.run.run_id,
                                 options_.execute.keep, options_.execute.warning, writes_rows(migration.sql));
    job.started = [&] {
      start = std::chrono::steady_clock::now();
      if (options_.applying) options_.applying(migration);
    };
    job.done_meanwhile = [&](const Ledger& now) {
      Status status = compare(folder_, now);
      return std::any_of(status.items.begin(), status.items.end(),
                         [&](const Item& item) { return item.entry.tag == migration.entry.tag && item.row; });
    };
    job.finish = [&] { record(connection_, name_, ledger, migration, milliseconds_since(start), options_.run.run_id); };
    return job;
  }

  void before(const Migration& migration, const Ledger& ledger) const {
    if (options_.before && !ledger.progress_of(migration.entry.tag)) options_.before(migration, ledger);
  }

  void apply(const Migration& migration, const Ledger& ledger) {
    before(migration, ledger);
    auto start = std::chrono::steady_clock::now();
    if (!executor_.run(job_of(migration, ledger, start), ledger)) return;
    done_.push_back({migration.entry.tag, milliseconds_since(start)});
    if (options_.applied) options_.applied(migration, done_.back().milliseconds);
  }

  void apply_together(const std::vector<Migration>& migrations, const Ledger& ledger) {
    std::vector<std::chrono::steady_clock::time_point> starts(migrations.size());
    std::vector<Job> jobs;
    for (const Migration& migration : migrations) before(migration, ledger);
    for (size_t i = 0; i < migrations.size(); i++) jobs.push_back(job_of(migrations[i], ledger, starts[i]));
    executor_.run_together(jobs, ledger);
    for (size_t i = 0; i < migrations.size(); i++)
      done_.push_back({migrations[i].entry.tag, milliseconds_since(starts[i])});
  }

  Connection& connection_;
  const history::Folder& folder_;
  const MigrateOptions& options_;
  const LedgerName& name_;
  Executor executor_;
  std::vector<Applied> done_;
};

}  // namespace

void refuse_half_done(const history::Folder& folder, const Ledger& ledger) {
  for (const Progress& progress : ledger.progress) {
    const bool up = progress.direction == Direction::up;
    ErrorContext context;
    context.exit = Exit::refused;
    context.state = fmt::format("{} of {} steps{} took effect. Nothing was changed by this run.", progress.done,
                                progress.total, up ? "" : " of the way back");
    std::string what = progress.tag + " is half " + (up ? "applied" : "rolled back");
    const bool known = has_migration(folder, progress.tag);
    if (folder.dated() && !history::is_dated_name(progress.tag)) {
      context.hint =
          "Finish it with the folder as it was before 'sluice up --to 1.0' (git worktree add), then run this again.";
    } else if (!known) {
      what += ", and its file is not in the folder";
      context.hint = std::string("Restore the file (git; another branch may have it) and finish it with 'sluice ") +
                     (up ? "migrate" : "rollback") +
                     "'. Or undo by hand what it did and say so: sluice repair --forget " + progress.tag;
    } else if (up) {
      continue;
    } else {
      context.hint = "Run 'sluice rollback' to finish it, then 'sluice migrate'.";
    }
    throw Error(what, context);
  }
}

std::vector<Migration> pending(const history::Folder& folder, const Status& status, const MigrateOptions& options) {
  std::vector<Migration> out;
  // Where the deleted ones at the end begin.
  size_t end = status.items.size();
  while (options.skip_deleted && end > 0 && status.is_pending(status.items[end - 1]) &&
         !std::filesystem::exists(folder.path() / status.items[end - 1].entry.file_name()))
    end--;
  const history::Entry* last = options.to ? &find_item(status, *options.to).entry : nullptr;
  const history::Entry* newest = nullptr;
  for (const Item& item : status.items)
    if (item.row && (!newest || item.entry.when > newest->when)) newest = &item.entry;
  for (size_t i = 0; i < end; i++) {
    const Item& item = status.items[i];
    if (last && item.entry.when > last->when) break;
    if (!status.is_pending(item) || (options.only && !options.only(item.entry))) continue;
    if (item.state == State::out_of_order && !options.allow_out_of_order) {
      ErrorContext context;
      context.at.file = (folder.path() / item.entry.file_name()).string();
      context.state = "Nothing was changed.";
      context.hint =
          "If it does not depend on the order, run 'sluice migrate --allow-out-of-order'. Otherwise it gets a later "
          "number and time: 'sluice migrate --out-of-order rebase' on a database of your own, or delete it and "
          "generate it again. [migrate] out_of_order in sluice.toml says what is done without asking.";
      throw Error(item.entry.file_name() + " is pending but dated before " + newest->tag +
                      ", which is applied (drizzle-orm would skip it in silence)",
                  context);
    }
    out.push_back(folder.read(item.entry));
    if (options.adapt) options.adapt(out.back());
  }
  return out;
}

std::vector<Applied> migrate(Connection& connection, const history::Folder& folder, const MigrateOptions& options) {
  return Runner(connection, folder, options).run();
}

}  // namespace sluice::apply
