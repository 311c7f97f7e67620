#include "apply/lock.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>

#include "base/files.hpp"
#include "base/interrupt.hpp"

namespace sluice::apply {

namespace {

// The two numbers of the lock: "SLUI", and one that differs for each ledger in a database.
constexpr std::int32_t lock_class = 0x534C5549;

std::int32_t lock_object(const LedgerName& ledger) {
  return static_cast<std::int32_t>(std::stoul(files::sha256(ledger.sql()).substr(0, 7), nullptr, 16));
}

std::string describe_holder(server::Connection& connection, const std::string& object) {
  server::Rows rows = connection.query(
      "SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine'), a.usename, "
      "date_trunc('second', now() - a.backend_start)::text FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE "
      "l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $1::bigint::oid AND l.objid = "
      "$2::bigint::oid AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1",
      {std::to_string(lock_class), object});
  if (rows.empty()) return "another runner";
  return rows.text(0, 1) + " (process " + rows.text(0, 0) + ", user " + rows.text(0, 3) + ", from " + rows.text(0, 2) +
         ", connected for " + rows.text(0, 4) + ")";
}

}  // namespace

void take_lock(server::Connection& connection, const LedgerName& ledger, LockScope scope, const LockOptions& options) {
  std::string object = std::to_string(lock_object(ledger));
  std::string attempt = std::string("SELECT ") +
                        (scope == LockScope::session ? "pg_try_advisory_lock" : "pg_try_advisory_xact_lock") +
                        "($1::int, $2::int)";
  auto deadline = std::chrono::steady_clock::now() + options.patience;
  std::chrono::milliseconds pause{20};
  for (bool told = false;; pause = std::min(pause * 2, std::chrono::milliseconds{500})) {
    if (connection.query(attempt, {std::to_string(lock_class), object}).text(0, 0) == "t") return;
    if (std::chrono::steady_clock::now() >= deadline) {
      ErrorContext context;
      context.hint =
          "If that process is stuck, end it with SELECT pg_terminate_backend(<process>), then run the command again.";
      context.state = "Nothing was changed.";
      throw Error("another runner holds the migration lock: " + describe_holder(connection, object), context);
    }
    // A short wait is not worth a message: ten replicas start together and each holds the lock for a moment.
    if (!told && pause >= std::chrono::milliseconds{160} && options.waiting) {
      options.waiting(describe_holder(connection, object));
      told = true;
    }
    std::this_thread::sleep_for(pause);
    interrupt::check();
  }
}

}  // namespace sluice::apply
