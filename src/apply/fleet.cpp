#include "apply/fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "base/trace.hpp"
#include "server/user_session.hpp"
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

// What is written for schema public, for the tenant's.
void in_tenant(std::string& text, const std::filesystem::path& file, const std::string& schema) {
  sql::InSchema rewritten = sql::in_schema(text, "public", schema);
  if (!rewritten.unclear_lines.empty()) {
    ErrorContext context;
    context.at = {file.string(), rewritten.unclear_lines.front(), 0};
    context.state = "Nothing of " + history::short_name(file) + " was run.";
    context.hint = "Leave the schema out: search_path leads to the tenant's own.";
    throw Error("a text names schema public, and cannot be made to name each tenant's schema", context);
  }
  text = std::move(rewritten.text);
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
    idle_.assign(targets_.size(), 0);
    size_t begin = 0;
    std::vector<size_t> ends;
    for (size_t wave = 0; wave < options_.waves.size(); wave++) {
      ends.push_back(begin + options_.waves[wave]);
      for (; begin < ends.back(); begin++) results_[begin].wave = wave + 1;
    }
    if (options_.look || options_.only_look || goes_back()) look_at_all();
    if (options_.only_look) return;
    begin = 0;
    for (wave_ = 1; wave_ <= ends.size(); wave_++) {
      if (interrupt::requested() || halted() || (options_.last_wave && wave_ > options_.last_wave)) return;
      if (options_.wave) options_.wave(wave_);
      trace::Span span("wave", {{"sluice.wave", static_cast<std::int64_t>(wave_)},
                                {"sluice.targets", static_cast<std::int64_t>(options_.waves[wave_ - 1])}});
      parent_ = trace::current();
      for_each_target(targets_, begin, ends[wave_ - 1], options_.parallel, [&](size_t i) {
        if (results_[i].outcome == FleetOutcome::waiting)
          work(i, "target", [&] {
            if (!idle_[i]) goes_back() ? roll_back(i) : migrate_one(i);
          });
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

  bool goes_back() const { return options_.back_to || !options_.back.empty(); }

  // What can be known of each target before the first one is changed. All of them are asked, so that all that is wrong
  // is said at once.
  void look_at_all() {
    trace::Span span("look");
    parent_ = trace::current();
    for_each_target(targets_, 0, targets_.size(), options_.parallel, [&](size_t i) {
      if (!options_.last_wave || results_[i].wave <= options_.last_wave)
        work(
            i, "preflight", [&] { look(i); }, true);
      return !interrupt::requested();
    });
  }

  // `only_looks`: what succeeds leaves the target waiting, and is no news.
  void work(size_t i, const char* what, const std::function<void()>& function, bool only_looks = false) {
    const Clock::time_point start = Clock::now();
    FleetResult& result = results_[i];
    trace::Span span(what, {{"sluice.target", targets_[i].name}}, parent_);
    if (!only_looks) {
      const std::lock_guard lock(mutex_);
      result.outcome = FleetOutcome::running;
      tell(options_.begun, i);
    }
    std::optional<Error> error;
    try {
      function();
    } catch (const Error& thrown) {
      error = with_search_path(thrown, targets_[i], options_.shared);
    } catch (const std::exception& thrown) {
      error = Error(std::string("internal error: ") + thrown.what());
    }
    const std::lock_guard lock(mutex_);
    if (only_looks && !error) return;
    result.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    result.outcome = !error ? result.applied.empty() ? FleetOutcome::up_to_date : FleetOutcome::applied
                     : error->context.exit == Exit::interrupted ? FleetOutcome::interrupted
                                                                : FleetOutcome::failed;
    if (only_looks && result.outcome == FleetOutcome::interrupted) {  // nothing of it was begun
      result.outcome = FleetOutcome::waiting;
      return;
    }
    if (result.outcome == FleetOutcome::failed) {
      failed_++;
      failed_in_first_ = failed_in_first_ || (result.wave == 1 && options_.waves.size() > 1);
    }
    span.set("sluice.outcome", std::string(name_of(result.outcome)));
    if (error) span.fail(error->what());
    result.error = std::move(error);
    if (only_looks) tell(options_.begun, i);
    tell(options_.ended, i);
  }

  // A target's connection, and what is told of it.
  struct At {
    RunInfo run;
    ExecuteOptions execute;
    server::Connection connection;
  };

  std::unique_ptr<At> connect_to(size_t i) {
    const FleetTarget& target = targets_[i];
    RunInfo info = options_.migrate.run;
    // All runs of a fleet begin alike; in a database of many tenants each has a row of its own.
    info.run_id += fmt::format("-{}", i + 1);
    auto at = std::make_unique<At>(
        At{info, options_.migrate.execute, connect(target, options_.shared, "sluice fleet " + info.run_id)});
    at->execute.run_id = info.run_id;
    at->execute.ledger = ledger_of(target, at->execute.ledger);
    auto warn = [this, i](const std::string& text) {
      const std::lock_guard lock(mutex_);
      results_[i].warnings.push_back(text);
      if (options_.warning) options_.warning(i, text);
    };
    at->execute.warning = warn;
    at->execute.lock.waiting = [warn](const std::string& holder) { warn("waiting for another runner: " + holder); };
    at->connection.on_notice([warn](std::string_view severity, std::string_view message) {
      if (severity == "WARNING") warn(std::string(message));
    });
    return at;
  }

  MigrateOptions migrate_options(size_t i, const At& at) const {
    MigrateOptions run = options_.migrate;
    run.execute = at.execute;
    run.run = at.run;
    if (!targets_[i].schema.empty())
      run.adapt = [&target = targets_[i]](history::Migration& migration) { adapt(migration, target); };
    return run;
  }

  // What is to be taken back here. A target that never got past the one to go back to has nothing.
  std::vector<Back> plan_back(size_t i, At& at, RollbackOptions& run) const {
    run.execute = at.execute;
    run.run = at.run;
    run.to = options_.back_to;
    if (!targets_[i].schema.empty())
      run.adapt = [&target = targets_[i]](std::string& sql, const std::filesystem::path& file) {
        in_tenant(sql, file, target.schema);
      };
    if (!options_.back.empty()) run.steps = options_.back[i];
    if (!run.to && run.steps == 0) return {};
    const Ledger ledger = read_ledger(at.connection, at.execute.ledger);
    if (run.to && *run.to != "none") {
      const Status status = compare(folder_, ledger);
      const Item& last = find_item(status, *run.to);
      if (!last.row && ledger.progress.empty() && status.unknown.empty() &&
          std::none_of(status.items.begin(), status.items.end(),
                       [&](const Item& item) { return item.row && item.entry.when > last.entry.when; }))
        return {};
    }
    return plan_rollback(folder_, ledger, run);
  }

  void look(size_t i) {
    const std::unique_ptr<At> at = connect_to(i);
    if (goes_back()) {
      RollbackOptions run;
      results_[i].planned = plan_back(i, *at, run).size();
      idle_[i] = results_[i].planned == 0;
      return;
    }
    const Status status = compare(folder_, read_ledger(at->connection, at->execute.ledger));
    const std::vector<history::Migration> pending = apply::pending(folder_, status, migrate_options(i, *at));
    results_[i].planned = pending.size();
    // Nothing to do and nothing to say: it need not be connected to again.
    idle_[i] = status.unknown.empty() && folder_.files_outside_journal().empty() &&
               std::all_of(status.items.begin(), status.items.end(), [](const Item& item) {
                 return item.state == State::applied && !item.progress && item.row && item.row->name == item.entry.tag;
               });
    if (options_.look && !pending.empty()) options_.look(i, at->connection, pending);
  }

  void roll_back(size_t i) {
    const std::unique_ptr<At> at = connect_to(i);
    RollbackOptions run;
    const std::vector<Back> plan = plan_back(i, *at, run);
    if (plan.empty()) return;
    if (options_.look)
      run.look = [&, i](server::Connection& connection, const history::Migration& down) {
        options_.look(i, connection, {down});
      };
    std::vector<Applied> done = rollback(at->connection, folder_, plan, run);
    const std::lock_guard lock(mutex_);
    results_[i].applied = std::move(done);
  }

  void migrate_one(size_t i) {
    const std::unique_ptr<At> at = connect_to(i);
    MigrateOptions run = migrate_options(i, *at);
    if (options_.before)
      run.before = [&](const history::Migration& migration, const Ledger& ledger) {
        options_.before(i, at->connection, migration, ledger, at->run.run_id);
      };
    run.applied = [&, i](const history::Migration& migration, double milliseconds) {
      const std::lock_guard lock(mutex_);
      results_[i].applied.push_back({migration.entry.tag, milliseconds});
      if (options_.applied) options_.applied(i, results_[i].applied.back());
    };
    migrate(at->connection, folder_, run);
  }

  const std::vector<FleetTarget>& targets_;
  const history::Folder& folder_;
  const FleetOptions& options_;
  std::vector<FleetResult>& results_;
  std::mutex mutex_;  // of the results, the counts and the events
  size_t wave_ = 1, failed_ = 0;
  bool failed_in_first_ = false;
  std::vector<char> idle_;    // those that need nothing, as it was seen before the first wave
  std::uint64_t parent_ = 0;  // the span of the wave
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

std::vector<std::string> schemas_of(const FleetTarget& target, const std::vector<std::string>& shared) {
  if (target.schema.empty()) return {};
  std::vector<std::string> out{target.schema};
  out.insert(out.end(), shared.begin(), shared.end());
  return out;
}

server::Connection connect(const FleetTarget& target, const std::vector<std::string>& shared,
                           const std::string& application_name) {
  server::Target where{target.url, application_name};
  for (const std::string& schema : schemas_of(target, shared))
    where.search_path += (where.search_path.empty() ? "" : ", ") + sql::identifier(schema);
  server::Connection connection(where);
  if (where.search_path.empty()) server::protect(connection);
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

void adapt(history::Migration& migration, const FleetTarget& target) {
  if (!target.schema.empty()) in_tenant(migration.sql, migration.file, target.schema);
}

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

void for_each_target(const std::vector<FleetTarget>& targets, size_t parallel,
                     const std::function<bool(size_t)>& work) {
  for_each_target(targets, 0, targets.size(), parallel, work);
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
