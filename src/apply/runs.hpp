// The history of runs: a row of sluice.runs for each run that changed something or tried to.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/execute.hpp"
#include "apply/ledger.hpp"

namespace sluice::apply {

// What is written down about who runs.
struct RunInfo {
  std::string run_id, command, version;
  std::optional<std::string> git_revision;
};

struct Run {
  std::string run_id, command, outcome;  // outcome: running, done, failed, interrupted; died if its session is gone
  std::string started_at, role, os_user, host, version, git_revision, error, sqlstate, failed_at;
  std::optional<double> duration_ms;
  std::vector<std::string> migrations;
  long statements = 0, retries = 0;
  double lock_wait_ms = 0;
};

// The name of this machine, as it stands in sluice.runs.
std::optional<std::string> this_host();

// Notes that a run has begun; nothing happens if this role may not.
void begin_run(server::Connection& connection, const LedgerName& name, const Ledger& ledger, const RunInfo& info);
// Notes how it ended; over a connection of its own if `connection` is broken. Throws nothing.
void end_run(server::Connection& connection, const server::Target& target, const Ledger& ledger,
             const std::string& run_id, const std::vector<std::string>& migrations, const Totals& totals,
             const Error* error) noexcept;

// What a run did, as far as it came.
struct Done {
  std::vector<std::string> migrations;
  Totals totals;
};
// Notes that `work` runs and how it ended; throws what it throws.
void noted(server::Connection& connection, const server::Target& target, const LedgerName& name, const Ledger& ledger,
           const RunInfo& info, const std::function<void(Done&)>& work);

// The last `limit` runs, the newest first; for one migration if `tag` is given. Empty if there is no sluice.runs.
std::vector<Run> read_runs(server::Connection& connection, size_t limit, const std::optional<std::string>& tag);

}  // namespace sluice::apply
