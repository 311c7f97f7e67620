#include "apply/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "apply/restore_point.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "sql/in_schema.hpp"
#include "sql/quote.hpp"

namespace sluice::apply {

namespace {

using Clock = std::chrono::steady_clock;

// Calls work(i) for the targets from `begin` up to `end`: of each server in order, `parallel` of them at once. `work`
// throws nothing, and gives false when no other target is to be begun.
void for_each_target(const std::vector<FleetTarget>& targets, size_t begin, size_t end, size_t parallel,
                     const std::function<bool(size_t)>& work) {
  struct Queue {
    std::vector<size_t> targets;
    std::atomic<size_t> next = 0;
  };
  std::map<std::string, Queue> servers;
  for (size_t i = begin; i < end; i++) servers[targets[i].server].targets.push_back(i);
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  auto run = [&stop, &work](Queue& queue) {
    for (size_t next; !stop && (next = queue.next++) < queue.targets.size();)
      if (!work(queue.targets[next])) stop = true;
  };
  for (auto& [server, queue] : servers)
    for (size_t i = 0; i < std::min(parallel, queue.targets.size()); i++) {
      try {
        threads.emplace_back([&run, &queue = queue] { run(queue); });
      } catch (const std::system_error&) {  // no more threads here: those that there are do it
        break;
      }
    }
  for (std::thread& thread : threads) thread.join();
  for (auto& [server, queue] : servers) run(queue);  // of a server that got no thread at all
}

server::Connection connect(const FleetTarget& target, const std::vector<std::string>& shared,
                           const std::string& application_name) {
  server::Target where{target.url, application_name};
  if (!target.schema.empty()) {
    where.search_path = sql::identifier(target.schema);
    for (const std::string& schema : shared) where.search_path += ", " + sql::identifier(schema);
  }
  server::Connection connection(where);
  // A name that is not right must not become another tenant.
  if (!target.schema.empty() &&
      connection.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {target.schema}).empty())
    throw Error("there is no schema " + sql::identifier(target.schema) + " in " + connection.describe(),
                {.hint = "If it is a new tenant: CREATE SCHEMA " + sql::identifier(target.schema) + ";",
                 .state = "Nothing was changed."});
  return connection;
}

LedgerName ledger_of(const FleetTarget& target, const LedgerName& name) {
  return target.schema.empty() ? name : LedgerName{target.schema, name.table};
}

// The folder is written for schema public: names that say so are the tenant's.
void for_schema(history::Migration& migration, const std::string& schema) {
  sql::InSchema rewritten = sql::in_schema(migration.sql, "public", schema);
  if (!rewritten.unclear_lines.empty()) {
    ErrorContext context;
    context.at = {migration.file.string(), rewritten.unclear_lines.front(), 0};
    context.state = "Nothing of " + migration.entry.file_name() + " was run.";
    context.hint = "Leave the schema out: search_path leads to the tenant's own.";
    throw Error("a text names schema public, and cannot be made to name each tenant's schema", context);
  }
  migration.sql = std::move(rewritten.text);
}

// What `migrate` sees to before a migration that is marked major, without the dumps: a fleet is backed up as a whole.
void require_backup(server::Connection& connection, const LedgerName& name, const history::Migration& migration,
                    const Ledger& ledger, const std::string& run_id) {
  if (!is_major(migration.sql)) return;
  if (!recovery_of(connection).archives)
    throw Error(migration.entry.file_name() + " is marked major, but the server does not archive its WAL",
                {.hint = "Back up the servers, then say --no-backup.",
                 .state = "Nothing of " + migration.entry.file_name() + " was run.",
                 .at = {migration.file.string(), 0, 0},
                 .exit = Exit::refused});
  write_restore_point(connection, name, ledger, migration.entry, run_id, "");
}

// The server knows no such function, type or table: it may stand in a schema that the tenant's search_path lacks.
Error with_search_path(const Error& error, const FleetTarget& target, const std::vector<std::string>& shared) {
  const std::string& state = error.context.sqlstate;
  if (target.schema.empty() || (state != "42883" && state != "42704" && state != "42P01")) return error;
  ErrorContext context = error.context;
  if (!context.hint.empty()) context.hint += "\n";
  context.hint += "The search_path is " + sql::identifier(target.schema);
  for (const std::string& schema : shared) context.hint += ", " + sql::identifier(schema);
  context.hint += ". What tenants share is found with shared = [\"public\"] (or another schema) in [[fleet]].";
  return Error(error.what(), context);
}

class Fleet {
 public:
  Fleet(const std::vector<FleetTarget>& targets, const history::Folder& folder, const FleetOptions& options,
        std::vector<FleetResult>& results)
      : targets_(targets), folder_(folder), options_(options), results_(results) {}

  void run() {
    results_.assign(targets_.size(), {});
    size_t begin = 0;
    std::vector<size_t> ends;
    for (size_t wave = 0; wave < options_.waves.size(); wave++) {
      ends.push_back(begin + options_.waves[wave]);
      for (; begin < ends.back(); begin++) results_[begin].wave = wave + 1;
    }
    begin = 0;
    for (wave_ = 1; wave_ <= ends.size(); wave_++) {
      if (interrupt::requested() || halted() || (options_.last_wave && wave_ > options_.last_wave)) return;
      if (options_.wave) options_.wave(wave_);
      for_each_target(targets_, begin, ends[wave_ - 1], options_.parallel, [&](size_t i) {
        work(i);
        const std::lock_guard lock(mutex_);
        return !halted() && !interrupt::requested();
      });
      begin = ends[wave_ - 1];
    }
  }

 private:
  // With the mutex, or between the waves.
  bool halted() const { return failed_ >= options_.halt || failed_in_first_; }

  template <class... Arguments>
  void tell(const std::function<void(size_t, Arguments...)>& event, size_t i,
            const std::type_identity_t<Arguments>&... what) {
    if (event) event(i, what...);
  }

  void work(size_t i) {
    const Clock::time_point start = Clock::now();
    FleetResult& result = results_[i];
    {
      const std::lock_guard lock(mutex_);
      result.outcome = FleetOutcome::running;
      tell(options_.begun, i);
    }
    std::optional<Error> error;
    try {
      migrate_one(i);
    } catch (const Error& thrown) {
      error = with_search_path(thrown, targets_[i], options_.shared);
    } catch (const std::exception& thrown) {
      error = Error(std::string("internal error: ") + thrown.what());
    }
    const std::lock_guard lock(mutex_);
    result.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    result.outcome = !error ? result.applied.empty() ? FleetOutcome::up_to_date : FleetOutcome::applied
                     : error->context.exit == Exit::interrupted ? FleetOutcome::interrupted
                                                                : FleetOutcome::failed;
    if (result.outcome == FleetOutcome::failed) {
      failed_++;
      failed_in_first_ = failed_in_first_ || (result.wave == 1 && options_.waves.size() > 1);
    }
    result.error = std::move(error);
    tell(options_.ended, i);
  }

  void migrate_one(size_t i) {
    const FleetTarget& target = targets_[i];
    MigrateOptions run = options_.migrate;
    // All runs of a fleet begin alike; in a database of many tenants each has a row of its own.
    run.run.run_id += fmt::format("-{}", i + 1);
    run.execute.run_id = run.run.run_id;
    server::Connection connection = connect(target, options_.shared, "sluice fleet " + run.run.run_id);
    run.execute.ledger = ledger_of(target, run.execute.ledger);
    run.execute.warning = [&, i](const std::string& text) {
      const std::lock_guard lock(mutex_);
      results_[i].warnings.push_back(text);
      if (options_.warning) options_.warning(i, text);
    };
    run.execute.lock.waiting = [&run](const std::string& holder) {
      run.execute.warning("waiting for another runner: " + holder);
    };
    connection.on_notice([&run](std::string_view severity, std::string_view message) {
      if (severity == "WARNING") run.execute.warning(std::string(message));
    });
    if (!target.schema.empty())
      run.adapt = [&target](history::Migration& migration) { for_schema(migration, target.schema); };
    run.before = [&](const history::Migration& migration, const Ledger& ledger) {
      if (!options_.no_backup) require_backup(connection, run.execute.ledger, migration, ledger, run.run.run_id);
    };
    run.applied = [&, i](const history::Migration& migration, double milliseconds) {
      const std::lock_guard lock(mutex_);
      results_[i].applied.push_back({migration.entry.tag, milliseconds});
      if (options_.applied) options_.applied(i, results_[i].applied.back());
    };
    migrate(connection, folder_, run);
  }

  const std::vector<FleetTarget>& targets_;
  const history::Folder& folder_;
  const FleetOptions& options_;
  std::vector<FleetResult>& results_;
  std::mutex mutex_;  // of the results, the counts and the events
  size_t wave_ = 1, failed_ = 0;
  bool failed_in_first_ = false;
};

FleetState look(const FleetTarget& target, const history::Folder& folder, const LedgerName& name) {
  FleetState state;
  server::Connection connection = connect(target, {}, "sluice fleet status");
  const LedgerName own = ledger_of(target, name);
  const Ledger ledger = read_ledger(connection, own);
  state.status = compare(folder, ledger);
  for (const Item& item : state.status->items)
    if (item.row) state.last = item.entry.tag;
  if (!ledger.readable.contains("runs")) return state;
  const server::Rows last = connection.query(
      "SELECT to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), coalesce(r.error, 'the "
      "runner died') FROM (SELECT * FROM sluice.runs WHERE ledger = $1 ORDER BY id DESC LIMIT 1) r WHERE r.outcome = "
      "'failed' OR (r.outcome = 'running' AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.pid = "
      "r.backend AND a.application_name LIKE '%' || r.run_id))",
      {own.sql()});
  if (last.empty()) return state;
  state.failed = last.text(0, 0);
  state.failed_text = last.text(0, 1);
  return state;
}

}  // namespace

std::string_view name_of(FleetOutcome outcome) {
  switch (outcome) {
    case FleetOutcome::waiting:
      return "waiting";
    case FleetOutcome::running:
      return "running";
    case FleetOutcome::applied:
      return "applied";
    case FleetOutcome::up_to_date:
      return "up_to_date";
    case FleetOutcome::failed:
      return "failed";
    case FleetOutcome::interrupted:
      return "interrupted";
  }
  return "";
}

void migrate_fleet(const std::vector<FleetTarget>& targets, const history::Folder& folder, const FleetOptions& options,
                   std::vector<FleetResult>& results) {
  Fleet(targets, folder, options, results).run();
}

std::vector<FleetState> look_at_fleet(const std::vector<FleetTarget>& targets, const history::Folder& folder,
                                      const LedgerName& ledger, size_t parallel, const std::function<void()>& done) {
  std::vector<FleetState> out(targets.size());
  std::mutex mutex;
  for_each_target(targets, 0, targets.size(), parallel, [&](size_t i) {
    try {
      out[i] = look(targets[i], folder, ledger);
    } catch (const Error& error) {
      out[i].error = error;
    } catch (const std::exception& error) {
      out[i].error = Error(std::string("internal error: ") + error.what());
    }
    const std::lock_guard lock(mutex);
    if (done) done();
    return !interrupt::requested();
  });
  interrupt::check();
  return out;
}

}  // namespace sluice::apply
