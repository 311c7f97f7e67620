// The moment before a migration, under a name in the server's WAL: point-in-time recovery can go back to it. Noted in
// sluice.restore_points before the point is written, so that the note is there too after going back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/ledger.hpp"

namespace sluice::apply {

struct RestorePoint {
  std::string name;  // empty: only the moment is known, since the role may not write a point
  std::string migration, run_id, made_at, lsn;
  std::string saved;  // what else was made: "pg_dump backups/0003_x.dump"; may be empty
};

// What the server can do for going back in time.
struct Recovery {
  bool archives = false;         // it keeps its WAL, so that there is something to go back with
  bool may_write_point = false;  // this role may call pg_create_restore_point
};
Recovery recovery_of(server::Connection& connection);

// "-- sluice:major" on a line of its own: whoever wrote the migration wants a way back that does not depend on it.
bool is_major(std::string_view sql);

// Notes the moment and, if the role may, writes the point. Outside a transaction.
RestorePoint write_restore_point(server::Connection& connection, const LedgerName& name, const Ledger& ledger,
                                 const history::Entry& entry, const std::string& run_id, const std::string& saved);

// The newest first. Empty if there is no sluice.restore_points.
std::vector<RestorePoint> read_restore_points(server::Connection& connection, const LedgerName& name);

}  // namespace sluice::apply
