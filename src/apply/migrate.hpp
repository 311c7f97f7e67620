// Runs what is pending: each migration exactly once, completely or not at all.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "apply/execute.hpp"
#include "apply/runs.hpp"
#include "apply/status.hpp"

namespace sluice::apply {

struct MigrateOptions {
  ExecuteOptions execute;
  RunInfo run;
  bool allow_out_of_order = false;
  // Leave out the last migrations when their files were deleted, instead of refusing: for a developer's own database,
  // where that is how an unwanted migration is given up.
  bool skip_deleted = false;
  std::optional<std::string> to;  // the last migration to apply: number, name or file
  // Only these; for replaying a part of the folder elsewhere.
  std::function<bool(const history::Entry&)> only;
  // Changes the text that is run; the hash stays that of the file. Throws Error for a text that it cannot change.
  std::function<void(history::Migration&)> adapt;
  bool single_transaction = false;  // all or none
  // Called before anything of a migration runs, outside of a transaction and with the lock held; not for one that goes
  // on where it was interrupted. What it throws stops the run.
  std::function<void(const history::Migration&, const Ledger&)> before;
  // What happens, as it happens. `renamed`: so many rows of the ledger had an older name than that of the folder.
  std::function<void(size_t rows)> renamed;
  std::function<void(const history::Migration&)> applying;
  std::function<void(const history::Migration&, double milliseconds)> applied;
};

struct Applied {
  std::string tag;
  double milliseconds = 0;
};

// Applies every pending migration of the folder, each in a transaction of its own or, where its SQL forbids that, in
// steps; goes on where an earlier run stopped. Gives what this run applied.
// Throws Error with file, line, statement, SQLSTATE and the state of the database.
std::vector<Applied> migrate(server::Connection& connection, const history::Folder& folder,
                             const MigrateOptions& options);

// Throws Error (Exit::refused) while a migration is half rolled back, or half applied without its file in the folder:
// nothing may come after it before its end.
void refuse_half_done(const history::Folder& folder, const Ledger& ledger);

// The pending migrations in the order in which migrate() would run them. Throws Error for what it would refuse.
std::vector<history::Migration> pending(const history::Folder& folder, const Status& status,
                                        const MigrateOptions& options);

}  // namespace sluice::apply
