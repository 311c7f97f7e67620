#include "apply/execute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <thread>

#include "apply/effect.hpp"
#include "apply/partition_keys.hpp"
#include "apply/partitions.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "base/trace.hpp"

namespace sluice::apply {

using Clock = std::chrono::steady_clock;

namespace {

// VALIDATE CONSTRAINT lets others read and write, also while it waits (SHARE UPDATE EXCLUSIVE).
bool waits_harmlessly(const sql::Chunk& piece) {
  std::vector<sql::Statement> statements = sql::statements(piece);
  return !statements.empty() && std::all_of(statements.begin(), statements.end(), [](const sql::Statement& statement) {
    std::vector<std::string> tokens = sql::tokens(statement.text);
    return sql::begins_with(tokens, {"alter", "table"}) &&
           std::find(tokens.begin(), tokens.end(), "validate") != tokens.end() &&
           std::find(tokens.begin(), tokens.end(), ",") == tokens.end();
  });
}

// One statement that locks one table after the other.
bool locks_several(const sql::Chunk& piece) {
  const std::vector<std::string> tokens = sql::tokens(piece.text);
  auto has = [&](const char* word) { return std::find(tokens.begin(), tokens.end(), word) != tokens.end(); };
  return has("references") || has("attach") || has("cascade") ||
         (has(",") && (sql::begins_with(tokens, {"lock"}) || sql::begins_with(tokens, {"drop", "table"}) ||
                       sql::begins_with(tokens, {"truncate"})));
}

bool sets_session(const sql::Chunk& piece) {
  std::vector<std::string> tokens = sql::tokens(piece.text);
  return (sql::begins_with(tokens, {"set"}) && !sql::begins_with(tokens, {"set", "local"}) &&
          !sql::begins_with(tokens, {"set", "constraints"}) && !sql::begins_with(tokens, {"set", "transaction"})) ||
         sql::begins_with(tokens, {"reset"}) ||
         (sql::begins_with(tokens, {"select"}) &&
          std::find(tokens.begin(), tokens.end(), "set_config") != tokens.end());
}

bool worth_another_try(const Error& error) {
  return error.context.sqlstate == "55P03" || error.context.sqlstate == "40P01";
}

// How often a step is tried that does not wait for its lock but holds it for too long.
constexpr int most_stalls = 4;
// For tidying up after Ctrl-C.
constexpr std::chrono::seconds patience_at_the_end{5};

sql::Chunk last_piece(const Step& step) { return step.pieces.empty() ? sql::Chunk{} : step.pieces.back(); }

// The statement of the file, up to `end`, by which the session has another role still.
std::optional<sql::Statement> role_change(const Job& job, const char* end) {
  std::optional<sql::Statement> found;
  for (const sql::Chunk& chunk : sql::chunks(job.sql))
    for (const sql::Statement& statement : sql::statements(chunk)) {
      if (statement.text.data() >= end) return found;
      const std::vector<std::string> tokens = sql::tokens(statement.text);
      auto has = [&](const char* word) { return std::find(tokens.begin(), tokens.end(), word) != tokens.end(); };
      if (sql::begins_with(tokens, {"reset"}) && (has("role") || has("all") || has("session")))
        found = std::nullopt;
      else if (sql::begins_with(tokens, {"set"}) && (has("role") || has("authorization")))
        found = has("none") ? std::nullopt : std::optional(statement);
    }
  return found;
}

// What went wrong in what is written down of the migration, not in its own statements; it was run up to `piece`.
[[noreturn]] void fail_at_note(const Error& error, const Job& job, const sql::Chunk& piece, const std::string& state) {
  ErrorContext context = error.context;
  context.at = {job.file.string(), 0, 0};
  if (context.state.empty()) context.state = state;
  std::optional<sql::Statement> role;
  if (context.sqlstate == "42501") role = role_change(job, piece.text.data() + piece.text.size());
  if (!role) throw Error(error.what(), context);
  context.at.line = role->line;
  context.detail = std::string(error.what());
  context.statement = std::string(role->text);
  context.hint = "Take the role back at the end of the file: RESET ROLE;";
  throw Error("the role that this file takes on may not write down that it is " +
                  std::string(job.direction == Direction::up ? "applied" : "rolled back"),
              context);
}

}  // namespace

// One file on its way.
struct Executor::Way {
  const Job& job;
  Ledger ledger;
  Script script;
  size_t next = 0;       // the step to run
  bool has_row = false;  // in sluice.steps
  // Behind a pooler runners may take turns at one file: this one is under way, and others work on it too.
  bool with_others = false;
  std::string cursor = {};  // of a backfill under way

  bool is_last() const { return next + 1 == script.steps.size(); }
  std::string name() const { return history::short_name(job.file); }
  const char* command() const { return job.direction == Direction::up ? "sluice migrate" : "sluice rollback"; }

  Progress progress(size_t done) const {
    return {job.tag, job.direction, done, script.steps.size(), script.hash_of_first(done), std::nullopt, ""};
  }
  std::string state() const {
    if (next == 0)
      return "Nothing of " + name() + (job.direction == Direction::up ? " was applied" : " was run") +
             ": its transaction was rolled back." + job.state_before;
    return fmt::format(
        "{} of {} steps of {} took effect and are recorded; the next '{}' goes on after them (the rest of the file may "
        "be edited).{}",
        next, script.steps.size(), name(), command(), job.state_before);
  }
};

Executor::Executor(server::Connection& connection, ExecuteOptions options)
    : connection_(connection),
      session_(connection, std::nullopt),
      options_(std::move(options)),
      pooled_(connection.behind_transaction_pooler()) {
  const server::Rows now = connection_.execute(std::string("SELECT pg_catalog.current_setting('lock_timeout'), ") +
                                               server::users_search_path);
  own_lock_timeout_ = !options_.lock_timeout && now.text(0, 0) != "0";
  session_ = server::UserSession(connection, now.rows[0][1]);
  lock_timeout_ = options_.lock_timeout.value_or(std::chrono::seconds(3));
  deadlock_timeout_ = std::chrono::milliseconds(std::stoll(
      connection_.execute("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'").text(0, 0)));
  if (!options_.max_stall) return;
  // Others wait behind us while we wait, and then while we work.
  own_lock_timeout_ = false;
  const auto half = std::max(*options_.max_stall / 2, std::chrono::milliseconds(1));
  lock_timeout_ = lock_timeout_.count() == 0 ? half : std::min(lock_timeout_, half);
  options_.backfill.batch_time = std::min(options_.backfill.batch_time, half);
}

// From here to end_watch(): who waits for us?
void Executor::watch_step(bool limited) {
  seen_ = {};
  if (pooled_ || options_.watch.url.empty() || (!options_.max_stall && !options_.step_done)) return;
  if (!stalls_) stalls_ = std::make_unique<StallWatch>(options_.watch);
  stalls_->begin(connection_.backend_pid(), limited ? options_.max_stall : std::nullopt);
  watching_ = true;
}

// An attempt that is given up counts too: others waited for it.
void Executor::end_watch() {
  if (!std::exchange(watching_, false)) return;
  seen_ = stalls_->end();
  report_.stall_ms = std::max(report_.stall_ms, seen_.stall_ms);
  report_.waited_ms += seen_.waited_ms;
}

void Executor::report_step(const Way& way, Clock::time_point begun) {
  if (!options_.step_done || way.script.steps.size() < 2) return;
  StepReport& report = report_;
  report.number = way.next + 1;
  report.total = way.script.steps.size();
  report.statement = sql::one_line(sql::statements(way.script.steps[way.next].pieces.front()).front().text, 100);
  report.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
  options_.step_done(report);
}

void Executor::give_up_stalling(const Way& way, const Error& error) {
  ErrorContext context = error.context;
  context.detail = "Others would have waited for it longer than --max-stall allows.";
  const Step& step = way.script.steps[way.next];
  if (options_.keep.enabled && step.not_kept.empty() &&
      std::any_of(step.pieces.begin(), step.pieces.end(),
                  [](const sql::Chunk& piece) { return !losses_of(piece.text).empty(); }))
    context.detail += " What it drops is copied first, while it has its lock; --no-keep leaves that out.";
  context.hint =
      "'sluice generate --online' writes such a change in steps that lock for a moment; 'sluice review' says what this "
      "statement does. Or give it more time.";
  context.state = way.state();
  throw Error("a statement of " + way.name() + " holds its lock for longer than " +
                  text::duration(static_cast<double>(options_.max_stall->count())),
              context);
}

std::string Executor::blockers() const { return watch_ ? watch_->seen() : ""; }

// The last attempt failed too: who was in the way, and what can be done.
void Executor::fail_for_lock(const Error& error) const {
  if (error.context.sqlstate != "55P03" || !error.context.hint.empty()) return;
  ErrorContext context = error.context;
  const std::string held = blockers();
  context.hint = (held.empty() ? std::string() : "The lock is held by " + held + ". ") +
                 "Run it again when the others are done, or let it wait longer with --lock-timeout.";
  throw Error(error.what(), context);
}

Totals Executor::totals() const {
  Totals totals = totals_;
  if (watch_) totals.lock_wait_ms += watch_->waited_ms();
  return totals;
}

void Executor::watched(std::string_view sql) {
  if (!trace::collected()) return sent(sql);
  constexpr size_t longest_text = 4000;
  trace::Span span("statement", {{"db.system.name", std::string("postgresql")},
                                 {"db.query.text", sql::without_texts(sql).substr(0, longest_text)}});
  try {
    sent(sql);
  } catch (const Error& error) {
    span.fail(error.what());
    if (!error.context.sqlstate.empty()) span.set("db.response.status_code", error.context.sqlstate);
    throw;
  }
}

void Executor::sent(std::string_view sql) {
  // Behind a pooler nobody knows which server process it is.
  if (pooled_ || options_.watch.url.empty()) {
    session_.execute(sql);
    return;
  }
  if (!watch_)
    watch_ = std::make_unique<LockWatch>(options_.watch, options_.warning,
                                         lock_timeout_.count() == 0
                                             ? std::chrono::seconds(1)
                                             : std::max(lock_timeout_ / 2, std::chrono::milliseconds(10)));
  struct Watching {
    LockWatch& watch;
    ~Watching() { watch.end(); }
  } watching{*watch_};
  watch_->begin(connection_.backend_pid());
  session_.execute(sql);
}

std::string Executor::settings() const {
  // Texts are read as PostgreSQL reads them by default.
  std::string settings = "SET LOCAL standard_conforming_strings = on";
  if (!own_lock_timeout_) settings += fmt::format("; SET LOCAL lock_timeout = {}", lock_timeout_.count());
  return settings;
}

bool Executor::wait_and_retry(const Error& error, const std::string& what, Clock::time_point give_up_at, int attempt) {
  end_watch();
  const bool gave_way = error.context.sqlstate == "57014" && seen_.cancelled && stalled_ < most_stalls;
  if (connection_.broken() || (!worth_another_try(error) && !gave_way)) return false;
  if (gave_way) stalled_++;
  // Longer each time, up to 10 s, and never two runners in step.
  thread_local std::mt19937 random{std::random_device{}()};
  double longest = std::min(options_.max_stall ? 500.0 : 10000.0, 250.0 * (1 << std::min(attempt, 8)));
  std::chrono::milliseconds pause(static_cast<int>(std::uniform_real_distribution<>(longest / 2, longest)(random)));
  if (Clock::now() + pause >= give_up_at) return false;
  totals_.retries++;
  report_.retries++;
  if (options_.warning)
    options_.warning(what +
                     (gave_way                            ? " gave way to others who waited for it"
                      : error.context.sqlstate == "40P01" ? " was in a deadlock with another session"
                                                          : " did not get a lock in time and let others go first") +
                     (error.context.sqlstate == "55P03" && !blockers().empty() ? " (held by " + blockers() + ")" : "") +
                     "; trying again in " + text::duration(static_cast<double>(pause.count())));
  for (auto until = Clock::now() + pause; Clock::now() < until;
       std::this_thread::sleep_for(std::chrono::milliseconds(50)))
    interrupt::check();
  totals_.lock_wait_ms += static_cast<double>(pause.count());
  return true;
}

// While it holds a lock and waits for another one, others may wait for the first and hold the second. Whoever has
// waited for the server's deadlock_timeout looks for such a circle and is thrown out: it shall not be one of them.
std::chrono::milliseconds Executor::lock_timeout_of(const sql::Chunk& piece, bool holds) const {
  if (waits_harmlessly(piece)) return std::chrono::milliseconds(0);
  if (!holds && !locks_several(piece)) return lock_timeout_;
  return std::min(lock_timeout_, std::max(deadlock_timeout_ * 4 / 5, std::chrono::milliseconds(1)));
}

void Executor::send(const Job& job, const Step& step, const std::function<std::string()>& state) {
  std::chrono::milliseconds timeout = lock_timeout_;
  bool holds = false, own_timeout = own_lock_timeout_;
  for (const sql::Chunk& piece : step.pieces) {
    bool ours = false;  // not the file's statement
    try {
      const std::string sql = on_partitions(
          connection_, options_.instead ? options_.instead(piece.text) : std::string(piece.text), job.sql);
      const std::chrono::milliseconds wanted = lock_timeout_of({sql, piece.line}, holds);
      own_timeout = own_timeout || text::to_lower(sql).find("lock_timeout") != std::string::npos;
      if (!own_timeout && wanted != timeout) {
        timeout = wanted;
        connection_.execute(fmt::format("SET LOCAL lock_timeout = {}", timeout.count()));
      }
      holds = true;
      const bool keeps = std::find(step.not_kept.begin(), step.not_kept.end(), piece.line) == step.not_kept.end();
      ours = true;
      if (job.keeper && keeps) job.keeper->before(piece);
      ours = false;
      watched(sql);
      ours = true;
      if (job.keeper) job.keeper->after(piece);
      totals_.statements++;
    } catch (const Error& error) {
      if (ours && error.context.sqlstate == "42501") fail_at_note(error, job, piece, state());
      fail_in_file(error, job.file, piece, state());
    }
  }
}

bool Executor::run_step(Way& way) {
  auto give_up_at = Clock::now() + options_.lock_patience;
  const Step& step = way.script.steps[way.next];
  const auto begun = Clock::now();
  run_before(way);
  for (int attempt = 0;; attempt++) {
    bool committing = false;
    try {
      watch_step(!std::all_of(step.pieces.begin(), step.pieces.end(), waits_harmlessly));
      server::Transaction transaction(connection_, step.begin + "; " + settings());
      if (pooled_) {
        take_lock(connection_, options_.ledger, LockScope::transaction, options_.lock);
        Ledger now = read_ledger(connection_, options_.ledger);
        const Progress* progress = now.progress_of(way.job.tag);
        way.with_others = !way.job.done_meanwhile(now);
        if (!way.with_others || (progress ? progress->done : 0) != way.next) return false;
      }
      if (way.job.keeper) way.job.keeper->begin();
      send(way.job, step, [&] { return way.state(); });
      if (way.is_last() && way.job.keeper) way.job.keeper->finish();
      try {
        if (way.is_last()) {
          way.job.finish();
          if (way.has_row) erase_progress(connection_, options_.ledger, way.job.tag);
        } else {
          write_progress(connection_, options_.ledger, way.progress(way.next + 1), options_.run_id);
        }
      } catch (const Error& error) {
        if (connection_.broken() || error.context.exit == Exit::interrupted) throw;
        fail_at_note(error, way.job, last_piece(step), way.state());
      }
      if (options_.step_done && way.script.steps.size() > 1) report_.lock = strongest_lock(connection_);
      if (options_.committing) options_.committing();
      committing = true;
      transaction.commit();
      end_watch();
      report_step(way, begun);
      way.has_row = !way.is_last();
      return true;
    } catch (const Error& error) {
      if (!connection_.broken() && wait_and_retry(error, way.name(), give_up_at, attempt)) continue;
      if (error.context.sqlstate == "57014" && seen_.cancelled) give_up_stalling(way, error);
      if (!committing) fail_for_lock(error);
      if (!committing) throw;
      ErrorContext context = error.context;
      context.at.file = way.job.file.string();
      context.state = connection_.broken()
                          ? "The connection was lost during COMMIT, so this step of " + way.name() +
                                " is done and recorded, or neither. Run '" + way.command() + "' again: it knows which."
                          : way.state();
      throw Error(error.what(), context);
    }
  }
}

// Removes what an attempt left half done or completes it, or throws Error if it may be another's.
// It may have to wait for others: `patience`, or as long as it takes.
void Executor::tidy_up(const Way& way, std::string_view statement, const std::string& before,
                       std::chrono::milliseconds patience) {
  Found found = look_for_effect(connection_, statement, before);
  for (std::string last; found.effect == Effect::half && found.repair != last;) {
    if (options_.warning)
      options_.warning(found.object + " was left half done by a statement of " + way.name() +
                       " that ended early: " + (found.finishes ? "completing it" : "dropping it"));
    connection_.execute(fmt::format("SET lock_timeout = 0; SET statement_timeout = {}", patience.count()));
    watched(found.repair);
    if (found.finishes) return;
    last = found.repair;
    found = look_for_effect(connection_, statement, before);  // REINDEX leaves several
  }
  if (options_.warning)
    for (const std::string& each : left_by_reindex(connection_, statement)) options_.warning(each);
  if (found.effect != Effect::unclear) return;
  const sql::Chunk& piece = way.script.steps[way.next].pieces.front();
  ErrorContext context;
  context.at = {way.job.file.string(), piece.line, 0};
  context.statement = std::string(statement);
  context.state = way.next == 0 ? "Nothing of " + way.name() + " is recorded." : way.state();
  context.hint =
      "If nobody else needs it: DROP INDEX CONCURRENTLY " + found.object + ";  then run '" + way.command() + "' again.";
  throw Error("the index " + found.object + " is invalid, and it is not certain that it was made by this migration",
              context);
}

// Who asks for the end does not want to wait for others; the intent stays noted, and the next run tidies up.
void Executor::tidy_up_at_once(const Way& way, const Error& interrupted, const Found& found,
                               const std::string& before) {
  std::string held = blockers();
  try {
    tidy_up(way, way.script.steps[way.next].pieces.front().text, before, patience_at_the_end);
  } catch (const Error& error) {
    if (error.context.sqlstate != "57014") throw;
    ErrorContext context = interrupted.context;
    if (held.empty()) held = blockers();
    context.state =
        found.object + " is left half done" + (held.empty() ? "" : ", since it is in use by " + held) + "; the next '" +
        way.command() + "' " + (found.finishes ? "completes" : "drops") + " it. " +
        (way.next == 0 ? "Nothing else of " + way.name() + " is recorded." + way.job.state_before : way.state());
    throw Error(interrupted.what(), context);
  }
}

void Executor::forget_intent(Way& way) {
  if (way.next == 0)
    erase_progress(connection_, options_.ledger, way.job.tag);
  else
    write_progress(connection_, options_.ledger, way.progress(way.next), options_.run_id);
  way.has_row = way.next > 0;
}

// A step that has taken effect by itself is noted.
void Executor::record_step(Way& way) {
  server::Transaction transaction(connection_);
  try {
    note_done(way);
  } catch (const Error& error) {
    if (connection_.broken() || error.context.exit == Exit::interrupted) throw;
    fail_at_note(error, way.job, last_piece(way.script.steps[way.next]), "");
  }
  transaction.commit();
  way.has_row = !way.is_last();
}

// Inside the transaction with which the step is done.
void Executor::note_done(Way& way) {
  if (way.is_last()) {
    if (way.job.keeper) way.job.keeper->begin();
    if (way.job.keeper) way.job.keeper->finish();
    way.job.finish();
    erase_progress(connection_, options_.ledger, way.job.tag);
  } else {
    write_progress(connection_, options_.ledger, way.progress(way.next + 1), options_.run_id);
  }
}

// What partitions need before a step's statement, each in a transaction of its own: others read and write meanwhile.
void Executor::run_before(const Way& way) {
  if (pooled_) return;
  for (const sql::Chunk& piece : way.script.steps[way.next].pieces) {
    try {
      while (std::optional<std::string> next = next_before(connection_, piece.text)) {
        interrupt::check();
        connection_.execute("SET lock_timeout = 0");
        watched(*next);
      }
    } catch (const Error& error) {
      fail_in_file(error, way.job.file, piece, way.state());
    }
  }
}

void Executor::run_outside(std::string_view sql, std::string_view file) {
  if (!concerns_partitions(connection_, sql)) {
    watched(sql);
    return;
  }
  while (std::optional<PartitionStatement> next = next_on_partitions(connection_, sql, file)) {
    interrupt::check();
    connection_.execute(fmt::format("SET lock_timeout = {}", next->alone ? 0 : lock_timeout_.count()));
    watched(next->sql);
  }
}

void Executor::run_alone(Way& way) {
  const sql::Chunk& piece = way.script.steps[way.next].pieces.front();
  const auto begun = Clock::now();
  auto give_up_at = begun + options_.lock_patience;
  auto not_done = [&] {
    if (!connection_.broken() && concerns_partitions(connection_, piece.text))
      return "Indexes of some partitions may be there; the next '" + std::string(way.command()) +
             "' goes on with them." + way.job.state_before;
    const std::string left = connection_.broken() ? "" : what_it_left(connection_, piece.text);
    if (!left.empty())
      return left +
             (way.next == 0 ? " Nothing of " + way.name() + " is recorded." + way.job.state_before : " " + way.state());
    if (way.next == 0) return "Nothing of " + way.name() + " was applied." + way.job.state_before;
    return way.state();
  };
  // What it had begun could only be completed. The run ends all the same if that was asked for.
  auto completed = [&](const Error& error) {
    end_watch();
    totals_.statements++;
    record_step(way);
    if (error.context.exit != Exit::interrupted) return;
    ErrorContext context = error.context;
    context.state = way.is_last()
                        ? way.name() + " was completed, and is recorded." + way.job.state_before
                        : fmt::format(
                              "{} of {} steps of {} took effect and are recorded; the next '{}' goes on after "
                              "them.{}",
                              way.next + 1, way.script.steps.size(), way.name(), way.command(), way.job.state_before);
    throw Error(error.what(), context);
  };
  for (int attempt = 0;; attempt++) {
    interrupt::check();
    Progress intent = way.progress(way.next);
    intent.intent = std::string(piece.text);
    try {
      intent.before = state_before(connection_, piece.text);
      write_progress(connection_, options_.ledger, intent, options_.run_id);
      way.has_row = true;
      // It may take hours, and blocks nobody while it does.
      connection_.execute("SET standard_conforming_strings = on; SET lock_timeout = 0; SET statement_timeout = 0");
      watch_step(false);
      run_outside(piece.text, way.job.sql);
      totals_.statements++;
    } catch (const Error& error) {
      if (!connection_.broken()) {
        const Found found = look_for_effect(connection_, piece.text, intent.before);
        if (error.context.exit != Exit::interrupted)
          tidy_up(way, piece.text, intent.before);
        else
          tidy_up_at_once(way, error, found, intent.before);
        if (found.effect == Effect::half && found.finishes) return completed(error);
        forget_intent(way);
        if (wait_and_retry(error, way.name(), give_up_at, attempt)) continue;
      }
      fail_in_file(error, way.job.file, piece,
                   connection_.broken()
                       ? "The connection was lost while a statement ran that is not part of a "
                         "transaction. Run '" +
                             std::string(way.command()) + "' again: it looks whether the statement took effect."
                       : not_done());
    }
    // IF NOT EXISTS is content with an invalid index of that name.
    tidy_up(way, piece.text, intent.before);
    end_watch();
    record_step(way);
    report_step(way, begun);
    return;
  }
}

// Batch by batch; the note how far it came is part of each.
void Executor::run_backfill(Way& way) {
  const Step& step = way.script.steps[way.next];
  const sql::Chunk& piece = step.pieces.front();
  const auto started = Clock::now();
  auto give_up_at = started + options_.lock_patience;
  try {
    Backfill backfill(connection_, piece.text, step.by_page, std::exchange(way.cursor, ""), options_.backfill);
    totals_.statements++;
    for (int attempt = 0;;) {
      interrupt::check();
      backfill.wait();
      try {
        const auto begun = Clock::now();
        watch_step(true);
        server::Transaction transaction(connection_, "BEGIN; " + settings());
        const bool more = backfill.batch();
        if (more) {
          Progress progress = way.progress(way.next);
          progress.before = backfill.cursor();
          write_progress(connection_, options_.ledger, progress, options_.run_id);
        } else {
          note_done(way);
        }
        transaction.commit();
        way.has_row = more || !way.is_last();
        end_watch();
        if (!more) {
          backfill.finish();
          report_step(way, started);
          return;
        }
        stalled_ = 0;
        backfill.committed(Clock::now() - begun);
        attempt = 0;
        give_up_at = Clock::now() + options_.lock_patience;
      } catch (const Error& error) {
        if (!wait_and_retry(error, way.name(), give_up_at, attempt++)) throw;
        backfill.shrink();
      }
    }
  } catch (const Error& error) {
    const std::string state = "The batches before it are committed; the next '" + std::string(way.command()) +
                              "' goes on after them." + way.job.state_before;
    if (error.context.exit != Exit::interrupted) fail_in_file(error, way.job.file, piece, state);
    ErrorContext context = error.context;
    context.state = state;
    throw Error(error.what(), context);
  }
}

// Where an earlier run stopped: what it did must be what the file says, and an intent is looked up in the catalog.
void Executor::resume(Way& way) {
  const Progress* progress = way.ledger.progress_of(way.job.tag);
  if (!progress) {
    way.next = 0;
    way.has_row = false;
    return;
  }
  ErrorContext context;
  context.at.file = way.job.file.string();
  context.exit = Exit::refused;
  if (progress->direction != way.job.direction) {
    bool down = progress->direction == Direction::down;
    context.state = fmt::format("{} of {} steps of the {} took effect.", progress->done, progress->total,
                                down ? "way back" : "migration");
    context.hint = std::string("Run 'sluice ") + (down ? "rollback" : "migrate") + "' to finish it first.";
    throw Error(way.job.tag + (down ? " is half rolled back" : " is half applied"), context);
  }
  if (progress->done >= way.script.steps.size() || way.script.hash_of_first(progress->done) != progress->done_hash) {
    context.state = fmt::format("{} of {} steps took effect and are recorded.", progress->done, progress->total);
    context.hint = "Restore the statements that were already run; what stands after them may be edited.";
    throw Error(way.name() + " was edited in the part that is already applied", context);
  }
  way.next = progress->done;
  way.has_row = true;
  if (options_.warning && !way.with_others)
    options_.warning(fmt::format("{} was interrupted after {} of {} steps; going on there", way.name(), progress->done,
                                 way.script.steps.size()));
  // What the done steps SET, the others rely on.
  for (size_t i = 0; i < way.next; i++)
    for (const sql::Chunk& piece : way.script.steps[i].pieces)
      if (sets_session(piece)) session_.execute(piece.text);
  way.cursor = progress->before;
  if (!progress->intent) return;
  Found found = look_for_effect(connection_, *progress->intent, progress->before);
  const Step& step = way.script.steps[way.next];
  bool same = step.alone && step.pieces.front().text == *progress->intent;
  if (found.effect == Effect::took_effect && !same) {
    context.statement = *progress->intent;
    context.state = found.object + " is there.";
    context.hint = "Put this statement back where it stood, or undo it by hand and delete the row from sluice.steps.";
    throw Error(way.name() + " was edited, but a statement that is no longer in it took effect", context);
  }
  if (found.effect == Effect::half && found.finishes) {
    tidy_up(way, *progress->intent, progress->before);
    found.effect = Effect::took_effect;
  } else if (found.effect != Effect::took_effect) {
    tidy_up(way, *progress->intent, progress->before);
    return;
  }
  record_step(way);
  way.next++;
}

bool Executor::run(const Job& job, const Ledger& ledger) {
  trace::Span span(options_.replays ? "replay" : "migration",
                   {{"sluice.migration", job.tag},
                    {"sluice.direction", std::string(job.direction == Direction::up ? "up" : "down")}});
  const Totals before = totals();
  auto note = [&] {
    const Totals now = totals();
    span.set("sluice.retries", static_cast<std::int64_t>(now.retries - before.retries));
    span.set("sluice.lock_wait", now.lock_wait_ms - before.lock_wait_ms);
  };
  try {
    Way way{.job = job, .ledger = ledger, .script = read_script(job.sql, job.file)};
    span.set("sluice.steps", static_cast<std::int64_t>(way.script.steps.size()));
    const bool by_us = run_way(way);
    if (!by_us) span.set("sluice.by_another_runner", true);
    note();
    return by_us;
  } catch (const Error& error) {
    span.fail(error.what());
    note();
    throw;
  }
}

bool Executor::run_way(Way& way) {
  const Job& job = way.job;
  const Ledger& ledger = way.ledger;
  auto refuse = [&](const std::string& message, const std::string& hint) {
    for (const Step& step : way.script.steps)
      if (step.alone || step.backfill || &step == &way.script.steps.back()) {
        ErrorContext context;
        context.at = {job.file.string(), step.pieces.front().line, 0};
        context.statement = std::string(step.pieces.front().text);
        context.state = "Nothing of " + history::short_name(job.file) + " was run." + job.state_before;
        context.hint = hint;
        throw Error(message, context);
      }
  };
  bool any_alone = std::any_of(way.script.steps.begin(), way.script.steps.end(),
                               [](const Step& s) { return s.alone || s.backfill; });
  if (pooled_ && any_alone)
    refuse(
        "this statement runs outside a transaction, where nothing keeps the lock behind a pooler",
        "Use the URL of the database itself, not of the pooler (Supabase: db.<project-ref>.supabase.co). A pooler that "
        "keeps one server process for the whole session cannot be told from one that does not.");
  if (way.script.has_checkpoints() && !ledger.writable.contains("steps"))
    refuse("this file cannot be one transaction, and this role may not write down how far it came",
           "As the database's owner: CREATE SCHEMA sluice AUTHORIZATION <this role>;  or run it as the owner.");
  if (job.started) job.started();
  resume(way);
  try {
    if (!run_steps(way)) return false;
  } catch (const Error& error) {
    // Between two steps, or between two attempts.
    if (error.context.exit != Exit::interrupted || !error.context.state.empty()) throw;
    ErrorContext context = error.context;
    context.state = way.state();
    throw Error(error.what(), context);
  }
  // What one migration SETs must not reach the next: run on another day, that would not have it.
  session_.reset();
  return true;
}

bool Executor::run_steps(Way& way) {
  while (way.next < way.script.steps.size()) {
    interrupt::check();
    const Step& step = way.script.steps[way.next];
    report_ = {};
    stalled_ = 0;
    trace::Span span("step", {{"sluice.step", static_cast<std::int64_t>(way.next + 1)},
                              {"sluice.steps", static_cast<std::int64_t>(way.script.steps.size())},
                              {"sluice.kind", std::string(step.alone      ? "outside_transaction"
                                                          : step.backfill ? "batches"
                                                                          : "transaction")}});
    if (step.alone) {
      run_alone(way);
      way.next++;
    } else if (step.backfill) {
      run_backfill(way);
      way.next++;
    } else if (run_step(way)) {
      way.next++;
    } else if (!way.with_others) {
      return false;
    } else {
      // Another runner is further. It may be gone by now, and what comes after this migration must not run before its
      // end.
      way.ledger = read_ledger(connection_, options_.ledger);
      resume(way);
    }
  }
  return true;
}

void Executor::run_together(const std::vector<Job>& jobs, const Ledger& ledger) {
  std::vector<Script> scripts;
  for (const Job& job : jobs) {
    scripts.push_back(read_script(job.sql, job.file));
    if (!scripts.back().has_checkpoints() && !ledger.progress_of(job.tag)) continue;
    const Step& step = scripts.back().steps.size() > 1 && !scripts.back().steps.front().alone
                           ? scripts.back().steps[1]
                           : scripts.back().steps.front();
    ErrorContext context;
    context.at = {job.file.string(), step.pieces.front().line, 0};
    context.statement = std::string(step.pieces.front().text);
    context.state = "Nothing was run.";
    context.hint = "Run 'sluice migrate' without --single-transaction.";
    throw Error(history::short_name(job.file) + " cannot be part of one transaction: this needs a step of its own",
                context);
  }
  auto give_up_at = Clock::now() + options_.lock_patience;
  for (int attempt = 0;; attempt++) {
    try {
      server::Transaction transaction(connection_, "BEGIN; " + settings());
      if (pooled_) take_lock(connection_, options_.ledger, LockScope::transaction, options_.lock);
      for (size_t i = 0; i < jobs.size(); i++) {
        trace::Span span("migration", {{"sluice.migration", jobs[i].tag}, {"sluice.direction", std::string("up")}});
        if (attempt == 0 && jobs[i].started) jobs[i].started();
        if (jobs[i].keeper) jobs[i].keeper->begin();
        send(jobs[i], scripts[i].steps.front(),
             [] { return std::string("Nothing was changed: everything pending was one transaction."); });
        if (jobs[i].keeper) jobs[i].keeper->finish();
        jobs[i].finish();
        session_.reset();
        connection_.execute(settings());
      }
      transaction.commit();
      return;
    } catch (const Error& error) {
      if (!wait_and_retry(error, "the run", give_up_at, attempt)) throw;
    }
  }
}

}  // namespace sluice::apply
