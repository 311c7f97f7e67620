#include "apply/stall.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "server/user_session.hpp"

namespace sluice::apply {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto interval = 10ms;

double milliseconds_since(Clock::time_point at) {
  return std::chrono::duration<double, std::milli>(Clock::now() - at).count();
}

}  // namespace

StallWatch::StallWatch(server::Target target) : target_(std::move(target)), thread_([this] { run(); }) {}

StallWatch::~StallWatch() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void StallWatch::begin(int backend, std::optional<std::chrono::milliseconds> limit) {
  std::lock_guard lock(mutex_);
  backend_ = backend;
  limit_ = limit;
  seen_ = {};
  behind_ = {};
  step_++;
  changed_.notify_all();
}

StallWatch::Seen StallWatch::end() {
  std::lock_guard lock(mutex_);
  backend_ = 0;
  changed_.notify_all();
  // Who waited at the last look may have waited until now.
  if (behind_.stall_ms > 0)
    seen_.stall_ms = std::max(seen_.stall_ms, behind_.stall_ms + milliseconds_since(behind_.at));
  return seen_;
}

void StallWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait(lock, [this] { return stop_ || backend_ != 0; });
    if (stop_) return;
    try {
      look(lock);
    } catch (const std::exception&) {
      // No second connection: the step goes on unseen, guarded by lock_timeout alone.
      if (!lock.owns_lock()) lock.lock();
      connection_.reset();
      const unsigned step = step_;
      changed_.wait(lock, [&] { return stop_ || step_ != step; });
    }
  }
}

// One step, from its beginning to its end.
void StallWatch::look(std::unique_lock<std::mutex>& lock) {
  const unsigned step = step_;
  const int backend = backend_;
  auto over = [&] { return stop_ || backend_ == 0 || step_ != step; };
  lock.unlock();
  if (!connection_) {
    connection_.emplace(target_);
    server::protect(*connection_);
    connection_->ignore_interrupts();
  }
  // PostgreSQL 13 does not say since when a lock is waited for.
  const std::string since =
      connection_->version() >= 140000 ? "coalesce(l.waitstart, clock_timestamp())" : "a.query_start";
  const std::string query =
      "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - " + since +
      ") * 1000) FILTER (WHERE $1::integer = ANY (pg_catalog.pg_blocking_pids(l.pid))), 0), count(*) FILTER (WHERE "
      "l.pid "
      "= $1::integer) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) WHERE NOT l.granted";
  auto last = Clock::now();
  for (;;) {
    const auto looked = Clock::now();
    const server::Rows rows = connection_->query(query, {std::to_string(backend)});
    const double stall = std::stod(rows.text(0, 0));
    const bool waits = rows.text(0, 1) != "0";
    const auto now = Clock::now();
    lock.lock();
    if (over()) return;
    seen_.stall_ms = std::max(seen_.stall_ms, stall);
    behind_ = {stall, looked};
    if (waits) seen_.waited_ms += std::chrono::duration<double, std::milli>(now - last).count();
    last = now;
    // Time to cancel, to look again and to roll back.
    const bool too_long = limit_ && stall > std::max(static_cast<double>(limit_->count()) * 0.6, 1.0);
    if (too_long && !seen_.cancelled) {
      seen_.cancelled = true;
      lock.unlock();
      connection_->query("SELECT pg_catalog.pg_cancel_backend($1::integer)", {std::to_string(backend)});
      lock.lock();
      if (over()) return;
    }
    if (changed_.wait_for(lock, interval, over)) return;
    lock.unlock();
  }
}

std::string strongest_lock(server::Connection& connection) {
  server::Rows rows = connection.execute(
      "SELECT l.mode, l.relation::regclass::text FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = "
      "l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = pg_catalog.pg_backend_pid() "
      "AND "
      "l.locktype = 'relation' AND l.granted AND c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'sluice', "
      "'drizzle', 'pg_toast') ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', "
      "'ShareRowExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock', 'RowExclusiveLock', 'RowShareLock', "
      "'AccessShareLock'], l.mode), 2 LIMIT 1");
  if (rows.empty()) return "";
  // AccessExclusiveLock → ACCESS EXCLUSIVE
  std::string name;
  const std::string mode = rows.text(0, 0).substr(0, rows.text(0, 0).size() - 4);
  for (char c : mode) {
    if (c >= 'A' && c <= 'Z' && !name.empty()) name += ' ';
    name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name + " on " + rows.text(0, 1);
}

}  // namespace sluice::apply
