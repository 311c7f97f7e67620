#include "apply/runs.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

#include "base/text.hpp"
#include "server/user_session.hpp"
#include "sql/quote.hpp"

namespace sluice::apply {

using server::Connection;
using server::Rows;

namespace {

std::optional<std::string> this_user() {
  passwd entry{}, *found = nullptr;
  std::array<char, 4096> buffer{};
  if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return std::nullopt;
  return found->pw_name;
}

void write_end(Connection& connection, const std::string& run_id, const std::vector<std::string>& migrations,
               const Totals& totals, const Error* error) {
  std::string tags;
  for (const std::string& tag : migrations) tags += (tags.empty() ? "" : ", ") + sql::literal(tag);
  std::string outcome = !error ? "done" : error->context.exit == Exit::interrupted ? "interrupted" : "failed";
  auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  std::string at;
  if (error && error->context.at.known())
    at = history::short_name(error->context.at.file) +
         (error->context.at.line > 0 ? ":" + std::to_string(error->context.at.line) : "");
  connection.query("UPDATE sluice.runs SET outcome = $2, finished_at = clock_timestamp(), migrations = ARRAY[" + tags +
                       "]::text[], statements = $3, retries = $4, lock_wait_ms = $5, error = $6, sqlstate = $7, "
                       "failed_at = $8 WHERE run_id = $1",
                   {run_id, outcome, std::to_string(totals.statements), std::to_string(totals.retries),
                    fmt::format("{:.1f}", totals.lock_wait_ms), error ? given(error->what()) : std::nullopt,
                    error ? given(error->context.sqlstate) : std::nullopt, given(at)});
}

}  // namespace

std::optional<std::string> this_host() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return std::nullopt;
  return name.data();
}

void begin_run(Connection& connection, const LedgerName& name, const Ledger& ledger, const RunInfo& info) {
  if (!ledger.writable.contains("runs")) return;
  connection.query(
      "INSERT INTO sluice.runs (run_id, command, ledger, outcome, os_user, host, process, version, git_revision) "
      "VALUES "
      "($1, $2, $3, 'running', $4, $5, $6, $7, $8)",
      {info.run_id, info.command, name.sql(), this_user(), this_host(), std::to_string(getpid()), info.version,
       info.git_revision});
}

void end_run(Connection& connection, const server::Target& target, const Ledger& ledger, const std::string& run_id,
             const std::vector<std::string>& migrations, const Totals& totals, const Error* error) noexcept {
  try {
    if (!ledger.writable.contains("runs")) return;
    if (!connection.broken()) {
      connection.ignore_interrupts();
      connection.reset_session();
      server::protect(connection);
      write_end(connection, run_id, migrations, totals, error);
    } else if (!target.url.empty()) {
      Connection another(target);
      server::protect(another);
      another.ignore_interrupts();
      write_end(another, run_id, migrations, totals, error);
    }
  } catch (const std::exception&) {
    // The run's row stays "running"; read_runs() sees that its session is gone.
  }
}

void noted(Connection& connection, const server::Target& target, const LedgerName& name, const Ledger& ledger,
           const RunInfo& info, const std::function<void(Done&)>& work) {
  begin_run(connection, name, ledger, info);
  Done done;
  try {
    work(done);
  } catch (const Error& error) {
    end_run(connection, target, ledger, info.run_id, done.migrations, done.totals, &error);
    throw;
  }
  end_run(connection, target, ledger, info.run_id, done.migrations, done.totals, nullptr);
}

std::vector<Run> read_runs(Connection& connection, size_t limit, const std::optional<std::string>& tag) {
  if (connection.execute("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'sluice' AND tablename = 'runs'")
          .empty())
    return {};
  Rows rows = connection.query(
      "SELECT r.run_id, r.command, CASE WHEN r.outcome = 'running' AND NOT EXISTS (SELECT FROM "
      "pg_catalog.pg_stat_activity a WHERE a.pid = r.backend AND a.application_name LIKE '%' || r.run_id) THEN 'died' "
      "ELSE r.outcome END, to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), r.role, "
      "r.os_user, r.host, r.version, r.git_revision, r.error, r.sqlstate, r.failed_at, extract(epoch from "
      "r.finished_at - r.started_at) * 1000, array_to_string(r.migrations, E'\\n'), r.statements, r.retries, "
      "r.lock_wait_ms FROM sluice.runs r WHERE $2::text IS NULL OR $2 = ANY (r.migrations) ORDER BY r.id DESC LIMIT $1",
      {std::to_string(limit), tag});
  std::vector<Run> out;
  for (size_t i = 0; i < rows.size(); i++) {
    auto text = [&](size_t column) { return rows.text(i, column); };
    Run run{text(0),
            text(1),
            text(2),
            text(3),
            text(4),
            text(5),
            text(6),
            text(7),
            text(8),
            text(9),
            text(10),
            text(11),
            std::nullopt,
            {},
            std::stol(text(14)),
            std::stol(text(15)),
            std::stod(text(16))};
    if (rows.rows[i][12]) run.duration_ms = std::stod(text(12));
    if (!text(13).empty()) run.migrations = text::split(text(13), "\n");
    out.push_back(std::move(run));
  }
  return out;
}

}  // namespace sluice::apply
