// The table of applied migrations: drizzle's own (drizzle-orm 0.45: id, hash, created_at; 1.0 adds name and
// applied_at), read and written so that drizzle-orm and drizzle-kit go on working on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "history/folder.hpp"
#include "server/connection.hpp"

namespace sluice::apply {

struct LedgerName {
  std::string schema = "drizzle", table = "__drizzle_migrations";

  std::string sql() const;  // quoted
};

struct LedgerRow {
  std::int64_t id = 0;
  std::string hash;
  std::int64_t created_at = 0;  // the journal's "when"
  std::optional<std::string> name;
  std::optional<std::string> applied_at;  // ISO 8601, UTC
  std::optional<double> duration_ms;      // from sluice.log, when sluice applied it
};

struct Ledger {
  bool exists = false;
  bool has_name = false, has_applied_at = false;
  bool has_log = false;  // sluice.log exists and can be read
  std::vector<LedgerRow> rows;
};

// Reads the table; one that does not exist is an empty ledger. Changes nothing.
Ledger read_ledger(server::Connection& connection, const LedgerName& name);

// Makes the table, or adds the columns name and applied_at to an older one, and makes sluice.log. A role that may not
// do the latter two goes without. Run while holding the lock.
void prepare_ledger(server::Connection& connection, const LedgerName& name, Ledger& ledger);

// The row of a migration that was just applied, and its line in sluice.log. Inside the migration's transaction.
void record(server::Connection& connection, const LedgerName& name, const Ledger& ledger,
            const history::Migration& migration, double duration_ms, const std::string& run_id);

// Writes the names of rows that have none (they came from drizzle-orm 0.x), so that people find them by name.
void name_rows(server::Connection& connection, const LedgerName& name,
               const std::vector<std::pair<std::int64_t, std::string>>& names);

}  // namespace sluice::apply
