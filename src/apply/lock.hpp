// One runner at a time for each ledger.
//
// The lock is an advisory one, tried and tried again: a session that waits inside pg_advisory_lock() holds a snapshot,
// which makes CREATE INDEX CONCURRENTLY of the holder wait for it (measured on PostgreSQL 13–18). It is held by the
// connection that runs the migrations, so a killed runner keeps it until its last statement has ended in the server.
// Behind a pooler in transaction mode a session lock belongs to nobody; there each migration's transaction takes it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "apply/ledger.hpp"
#include "server/connection.hpp"

namespace sluice::apply {

struct LockOptions {
  std::chrono::seconds patience{300};
  // Called once when the lock is held by another, with who holds it.
  std::function<void(const std::string& holder)> waiting;
};

// Who holds the lock of this ledger: program and run, process, user, host, what it does and for how long; nothing if
// nobody does. A runner that was killed on this machine while its statement goes on in the server is called that.
std::optional<std::string> lock_holder(server::Connection& connection, const LedgerName& ledger);

enum class LockScope { session, transaction };

// Returns when the lock is held. Throws Error that names the holder when patience ends, Exit::interrupted on Ctrl-C.
// LockScope::transaction: inside a transaction that is open; the lock ends with it.
void take_lock(server::Connection& connection, const LedgerName& ledger, LockScope scope, const LockOptions& options);

// The ledger as it is once no other runner is at work. The session has the lock then; with `pooled` nobody has it any
// more, and each migration's transaction takes it. Throws as take_lock() does.
Ledger read_locked_ledger(server::Connection& connection, const LedgerName& name, bool pooled,
                          const LockOptions& options);

}  // namespace sluice::apply
