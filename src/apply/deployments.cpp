#include "apply/deployments.hpp"

#include "sql/quote.hpp"

namespace sluice::apply {

namespace {

using server::Connection;
using server::Rows;

std::string text_array(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + sql::literal(item);
  return "ARRAY[" + out + "]::text[]";
}

std::optional<std::string> given(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

}  // namespace

std::optional<Deployment> last_deployment(Connection& connection, const LedgerName& ledger, const std::string& stage) {
  if (connection.execute("SELECT to_regclass('sluice.deployments')").text(0, 0).empty()) return std::nullopt;
  const Rows rows = connection.query(
      "SELECT deployment, folder, coalesce(git_revision, ''), outcome, coalesce(step, ''), "
      "to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), "
      "coalesce(to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '') "
      "FROM sluice.deployments WHERE ledger = $1 AND stage = $2 ORDER BY number DESC LIMIT 1",
      {ledger.sql(), stage});
  if (rows.empty()) return std::nullopt;
  Deployment out;
  out.stage = stage;
  out.id = rows.text(0, 0);
  out.folder = rows.text(0, 1);
  out.git_revision = rows.text(0, 2);
  out.outcome = rows.text(0, 3);
  out.step = rows.text(0, 4);
  out.started_at = rows.text(0, 5);
  out.finished_at = rows.text(0, 6);
  return out;
}

std::optional<std::int64_t> begin_deployment(Connection& connection, const LedgerName& ledger,
                                             const Deployment& deployment) {
  try {
    if (connection.execute("SELECT to_regnamespace('sluice')").text(0, 0).empty())
      connection.execute("CREATE SCHEMA sluice");
    if (connection.execute("SELECT to_regclass('sluice.deployments')").text(0, 0).empty())
      connection.execute(
          "CREATE TABLE sluice.deployments (number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, deployment text "
          "NOT "
          "NULL, stage text NOT NULL, ledger text NOT NULL, folder text NOT NULL, git_revision text, version text, "
          "outcome text NOT NULL, step text, migrations text[] NOT NULL DEFAULT '{}', steps jsonb NOT NULL DEFAULT "
          "'[]', "
          "role text NOT NULL DEFAULT current_user, started_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
          "finished_at timestamptz)");
    const Rows row = connection.query(
        "INSERT INTO sluice.deployments (deployment, stage, ledger, folder, git_revision, version, outcome) "
        "VALUES ($1, $2, $3, $4, $5, $6, 'running') RETURNING number",
        {deployment.id, deployment.stage, ledger.sql(), deployment.folder, given(deployment.git_revision),
         given(deployment.version)});
    return std::stoll(row.text(0, 0));
  } catch (const Error& error) {
    if (error.context.sqlstate == "42501" || error.context.sqlstate == "25006") return std::nullopt;
    throw;
  }
}

void note_deployment(Connection& connection, std::int64_t number, const Deployment& deployment) {
  connection.query("UPDATE sluice.deployments SET outcome = $2, step = $3, steps = $4::jsonb, migrations = " +
                       text_array(deployment.migrations) +
                       ", finished_at = CASE WHEN $2 <> 'running' THEN clock_timestamp() END WHERE number = $1::bigint",
                   {std::to_string(number), deployment.outcome, given(deployment.step), deployment.steps});
}

bool take_deployment_lock(Connection& connection, const LedgerName& ledger) {
  return connection
             .query("SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('sluice deploy ' || $1, 0))",
                    {ledger.sql()})
             .text(0, 0) == "t";
}

}  // namespace sluice::apply
