// The way back: reverse SQL and the ledger's row in one transaction, the newest migration first.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apply/migrate.hpp"

namespace sluice::apply {

struct RollbackOptions {
  ExecuteOptions execute;
  RunInfo run;
  size_t steps = 1;
  // Go back to the state right after this migration: its number, name or file; "none" for all the way. Wins over steps.
  std::optional<std::string> to;
  std::function<void(const std::string& tag)> rolling_back;
  // May refuse reverse SQL of several steps before it begins, without those that are done: failing on the way it would
  // leave the database between two states. Not called where values are brought back, of which SQL says nothing.
  std::function<void(server::Connection&, const history::Migration& down)> look;
  // Changes the reverse SQL of `file` before it is run. Throws Error for a text that it cannot change.
  std::function<void(std::string& sql, const std::filesystem::path& file)> adapt;
};

// One migration to be taken back.
struct Back {
  history::Entry entry;
  LedgerRow row;
  std::filesystem::path file;  // of the reverse SQL
  std::string sql;
};

// What rollback() would take back, in that order: by the order in which the migrations were applied. Throws Error
// (Exit::refused) for one without a way back, or whose file is gone, edited or unknown.
std::vector<Back> plan_rollback(const history::Folder& folder, const Ledger& ledger, const RollbackOptions& options);

// Takes back what plan_rollback() says, looked up again under the lock. Throws Error if that differs from `expected`.
std::vector<Applied> rollback(server::Connection& connection, const history::Folder& folder,
                              const std::vector<Back>& expected, const RollbackOptions& options);

}  // namespace sluice::apply
