#include "apply/lock.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>

#include "apply/runs.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/trace.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

namespace {

// The two numbers of the lock: "SLUI", and one that differs for each ledger in a database.
constexpr std::int32_t lock_class = 0x534C5549;

std::int32_t lock_object(const LedgerName& ledger) {
  return static_cast<std::int32_t>(std::stoul(files::sha256(ledger.sql()).substr(0, 7), nullptr, 16));
}

// True if there is no such process on this machine, or only what is left of a dead one until its parent has asked.
bool is_gone(const std::string& process) {
  const std::string stat = files::read_if_exists("/proc/" + process + "/stat").value_or("");
  const size_t name_end = stat.rfind(") ");
  return name_end == std::string::npos || stat[name_end + 2] == 'Z' || stat[name_end + 2] == 'X';
}

// The run of that session, if it is noted: true if its program is gone from this machine.
bool was_killed(server::Connection& connection, const std::string& run_id) {
  if (connection
          .execute(
              "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "
              "n.nspname = 'sluice' AND c.relname = 'runs' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND "
              "pg_catalog.has_table_privilege(c.oid, 'SELECT')")
          .empty())
    return false;
  server::Rows run = connection.query(
      "SELECT process FROM sluice.runs WHERE run_id = $1 AND host = $2 AND process IS NOT NULL", {run_id, this_host()});
  return !run.empty() && is_gone(run.text(0, 0));
}

std::string describe_holder(server::Connection& connection, const LedgerName& ledger) {
  return lock_holder(connection, ledger).value_or("another runner");
}

}  // namespace

std::optional<std::string> lock_holder(server::Connection& connection, const LedgerName& ledger) {
  server::Rows rows = connection.query(
      "SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'this machine'), a.usename, "
      "date_trunc('second', clock_timestamp() - a.backend_start)::text, a.state, a.query, date_trunc('second', "
      "clock_timestamp() - a.query_start)::text FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE "
      "l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $1::bigint::oid AND l.objid = "
      "$2::bigint::oid AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1",
      {std::to_string(lock_class), std::to_string(lock_object(ledger))});
  if (rows.empty()) return std::nullopt;
  std::string name = rows.text(0, 1);
  std::string out = name + " (process " + rows.text(0, 0) + ", user " + rows.text(0, 3) + ", from " + rows.text(0, 2) +
                    ", connected for " + rows.text(0, 4) + ")";
  if (size_t space = name.rfind(' '); space != std::string::npos && was_killed(connection, name.substr(space + 1)))
    out += ", which was killed while its statement goes on in the server";
  if (rows.text(0, 5) == "active" && !rows.text(0, 6).empty())
    out += "; for " + rows.text(0, 7) + " at: " + sql::one_line(rows.text(0, 6), 120);
  return out;
}

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
      throw Error("another runner holds the migration lock: " + describe_holder(connection, ledger), context);
    }
    // A short wait is not worth a message: ten replicas start together and each holds the lock for a moment.
    if (!told && pause >= std::chrono::milliseconds{160} && options.waiting) {
      options.waiting(describe_holder(connection, ledger));
      told = true;
    }
    std::this_thread::sleep_for(pause);
    interrupt::check();
  }
}

Ledger read_locked_ledger(server::Connection& connection, const LedgerName& name, bool pooled,
                          const LockOptions& options) {
  const trace::Span span("lock");
  if (!pooled) {
    take_lock(connection, name, LockScope::session, options);
    return read_ledger(connection, name);
  }
  server::Transaction transaction(connection);
  take_lock(connection, name, LockScope::transaction, options);
  Ledger ledger = read_ledger(connection, name);
  transaction.commit();
  return ledger;
}

}  // namespace sluice::apply
