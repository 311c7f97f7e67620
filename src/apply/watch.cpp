#include "apply/watch.hpp"

#include <algorithm>
#include <utility>

#include "server/user_session.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

using namespace std::chrono_literals;

std::string describe_blockers(server::Connection& connection, int backend) {
  server::Rows rows = connection.query(
      "SELECT b.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'a session'), a.usename, a.state, "
      "date_trunc('second', clock_timestamp() - coalesce(a.xact_start, a.query_start))::text, a.query FROM (SELECT "
      "DISTINCT unnest(pg_catalog.pg_blocking_pids($1)) AS pid) b LEFT JOIN pg_catalog.pg_stat_activity a USING (pid) "
      "ORDER BY 1 LIMIT 3",
      {std::to_string(backend)});
  std::string out;
  for (size_t i = 0; i < rows.size(); i++) {
    if (!out.empty()) out += "; ";
    if (rows.text(i, 0) == "0") {
      out += "a prepared transaction (see pg_prepared_xacts)";
      continue;
    }
    out += "process " + rows.text(i, 0) + " (" + rows.text(i, 1);
    if (rows.rows[i][2]) out += ", user " + rows.text(i, 2);
    if (rows.rows[i][3]) out += ", " + rows.text(i, 3);
    if (rows.rows[i][4]) out += ", transaction open for " + rows.text(i, 4);
    out += ")";
    if (!rows.text(i, 5).empty()) out += ": " + sql::one_line(rows.text(i, 5), 120);
  }
  return out;
}

LockWatch::LockWatch(server::Target target, std::function<void(const std::string&)> report,
                     std::chrono::milliseconds first_look)
    : target_(std::move(target)), report_(std::move(report)), first_look_(first_look), thread_([this] { run(); }) {}

LockWatch::~LockWatch() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LockWatch::begin(int backend) {
  std::lock_guard lock(mutex_);
  backend_ = backend;
  statement_++;
  seen_.clear();
  changed_.notify_all();
}

void LockWatch::end() {
  std::lock_guard lock(mutex_);
  backend_ = 0;
}

double LockWatch::waited_ms() const {
  std::lock_guard lock(mutex_);
  return waited_ms_;
}

std::string LockWatch::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

void LockWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait(lock, [this] { return stop_ || backend_ != 0; });
    unsigned statement = statement_;
    auto over = [&] { return stop_ || backend_ == 0 || statement_ != statement; };
    std::chrono::milliseconds waited{0};
    for (auto pause = std::min(first_look_, 1000ms); !changed_.wait_for(lock, pause, over); pause = 500ms) {
      waited += pause;
      int backend = backend_;
      lock.unlock();
      std::string blockers;
      try {
        if (!connection_) {
          connection_.emplace(target_);
          server::protect(*connection_);
          connection_->ignore_interrupts();
        }
        blockers = describe_blockers(*connection_, backend);
      } catch (const std::exception&) {
        // No second connection, or no right to look: the migration goes on without explanations.
        connection_.reset();
        lock.lock();
        changed_.wait(lock, over);
        break;
      }
      lock.lock();
      if (over()) break;
      if (blockers.empty()) continue;
      seen_ = blockers;
      waited_ms_ += std::chrono::duration<double, std::milli>(pause).count();
      // The age changes all the time; who and what is what matters.
      std::string key = blockers.substr(0, blockers.find(", transaction open"));
      if (waited < 1000ms) continue;  // nobody wants to read about less
      if (std::exchange(last_report_, key) != key) report_("waiting for a lock held by " + blockers);
    }
  }
}

}  // namespace sluice::apply
