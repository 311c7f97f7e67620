// Runs one migration's file, up or down: step by step, each step once, whatever dies in between.
//
// A step is a transaction in which the note that it is done is committed too: the ledger's row after the last step, a
// row of sluice.steps after the others. A statement that runs outside a transaction has its intent noted first
// (effect.hpp).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "apply/backfill.hpp"
#include "apply/effect.hpp"
#include "apply/kept.hpp"
#include "apply/ledger.hpp"
#include "apply/lock.hpp"
#include "apply/script.hpp"
#include "apply/stall.hpp"
#include "apply/watch.hpp"
#include "server/user_session.hpp"

namespace sluice::apply {

struct ExecuteOptions {
  LedgerName ledger;
  LockOptions lock;
  // How long one statement waits for a lock, with everybody else waiting behind it, before it lets them go first and
  // the step is tried again. 0: for ever. Not given: lock_timeout of the role or the database, else 3 s. Statements
  // that block nobody while they wait (CREATE INDEX CONCURRENTLY, VALIDATE CONSTRAINT) wait without this limit.
  std::optional<std::chrono::milliseconds> lock_timeout;
  bool replays = false;                     // on a scratch server: not what the run did
  std::chrono::seconds lock_patience{300};  // for all attempts of a step together
  std::string run_id;
  KeepOptions keep;
  BackfillOptions backfill;
  // The longest that others may wait for this run: a statement that makes them wait gives way before, and is tried
  // again.
  std::optional<std::chrono::milliseconds> max_stall;
  std::function<void(const StepReport&)> step_done;  // of a file that has several
  // What is sent for a piece of the file, where that must be another text: on scratch servers that lack an extension.
  std::function<std::string(std::string_view)> instead;
  std::function<void()> committing;  // inside each transaction, when all of its statements have run
  server::Target watch;              // for the second connection that names who blocks
  std::function<void(const std::string&)> warning;
};

struct Totals {
  size_t statements = 0, retries = 0;
  double lock_wait_ms = 0;
};

// What is to be run, and what is written down with its last step.
struct Job {
  std::filesystem::path file;
  std::string tag;
  std::string_view sql;
  Direction direction = Direction::up;
  std::function<void()> started;                      // nothing has been run yet
  std::function<bool(const Ledger&)> done_meanwhile;  // behind a pooler: another runner was faster
  std::shared_ptr<Keeper> keeper;                     // what is dropped, and what comes back; may be none
  std::function<void()> finish;                       // inside the last transaction: the ledger
  std::string state_before;                           // for messages: what this run did before
};

class Executor {
 public:
  Executor(server::Connection& connection, ExecuteOptions options);

  // False if another runner was faster. Throws Error with file, line, statement and what is true now.
  bool run(const Job& job, const Ledger& ledger);
  // All jobs in one transaction. Throws Error, before anything runs, for a file that cannot be in one.
  void run_together(const std::vector<Job>& jobs, const Ledger& ledger);

  bool pooled() const { return pooled_; }
  Totals totals() const;

 private:
  struct Way;
  bool run_way(Way& way);
  bool run_steps(Way& way);
  bool run_step(Way& way);
  void run_alone(Way& way);
  // One statement that stands alone; on a partitioned table partition by partition.
  void run_before(const Way& way);
  void run_outside(std::string_view sql, std::string_view file);
  void run_backfill(Way& way);
  void resume(Way& way);
  void tidy_up(const Way& way, std::string_view statement, const std::string& before,
               std::chrono::milliseconds patience = {});
  void tidy_up_at_once(const Way& way, const Error& interrupted, const Found& found, const std::string& before);
  void forget_intent(Way& way);
  void record_step(Way& way);
  void note_done(Way& way);
  void watch_step(bool limited);
  void end_watch();
  void report_step(const Way& way, std::chrono::steady_clock::time_point begun);
  [[noreturn]] void give_up_stalling(const Way& way, const Error& error);
  void fail_for_lock(const Error& error) const;
  std::string blockers() const;  // of the last statement, as far as anybody was seen
  std::string settings() const;
  std::chrono::milliseconds lock_timeout_of(const sql::Chunk& piece, bool holds) const;
  void send(const Job& job, const Step& step, const std::function<std::string()>& state);
  void watched(std::string_view sql);
  void sent(std::string_view sql);
  bool wait_and_retry(const Error& error, const std::string& what, std::chrono::steady_clock::time_point give_up_at,
                      int attempt);

  server::Connection& connection_;
  server::UserSession session_;  // for the statements of the files
  ExecuteOptions options_;
  bool pooled_ = false;
  std::chrono::milliseconds lock_timeout_{}, deadlock_timeout_{};
  bool own_lock_timeout_ = false;  // the role or the database has one; it is respected
  Totals totals_;
  std::unique_ptr<LockWatch> watch_;
  std::unique_ptr<StallWatch> stalls_;
  bool watching_ = false;
  StallWatch::Seen seen_;  // in the last attempt
  StepReport report_;      // of the step under way, over all attempts
  int stalled_ = 0;        // attempts of a step that gave way while they worked
};

}  // namespace sluice::apply
