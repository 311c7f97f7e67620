// The table of applied migrations: drizzle's own (drizzle-orm 0.45: id, hash, created_at; 1.0 adds name and
// applied_at), read and written so that drizzle-orm and drizzle-kit go on working on it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
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

enum class Direction { up, down };

// How far a migration has come that is not one transaction (a row of sluice.steps, as long as it is under way).
struct Progress {
  std::string tag;
  Direction direction = Direction::up;
  size_t done = 0, total = 0;         // steps
  std::string done_hash;              // Script::hash_of_first(done)
  std::optional<std::string> intent;  // the statement outside a transaction that was about to be sent
  std::string before;                 // what the catalog said then (effect.hpp)
};

struct Ledger {
  bool exists = false;
  bool has_name = false, has_applied_at = false;
  // The tables of schema sluice (log, steps, runs, kept, restore_points) that this role can read, and those that it can
  // write.
  std::set<std::string> readable, writable;
  bool log_has_ledger = false;  // sluice.log says of each line whose it is
  std::vector<LedgerRow> rows;
  std::vector<Progress> progress;

  const Progress* progress_of(const std::string& tag) const;
};

// Reads the table; one that does not exist is an empty ledger. Changes nothing.
Ledger read_ledger(server::Connection& connection, const LedgerName& name);

// Makes the table, or adds the columns name and applied_at to an older one, and makes the tables of schema sluice. A
// role that may not do the latter two goes without. Run while holding the lock.
void prepare_ledger(server::Connection& connection, const LedgerName& name, Ledger& ledger);

// The tables of schema sluice alone, as far as this role may make them: for what changes a database without migrations.
void prepare_own_tables(server::Connection& connection, Ledger& ledger);

// The row of a migration that was just applied, and its line in sluice.log. Inside the migration's transaction.
void record(server::Connection& connection, const LedgerName& name, const Ledger& ledger,
            const history::Migration& migration, double duration_ms, const std::string& run_id);

// Takes the row of a migration that was just rolled back away. Inside the same transaction. Throws Error if it is gone.
void unrecord(server::Connection& connection, const LedgerName& name, const LedgerRow& row);

// Writes or takes away what is known of a migration under way. Inside the transaction of the step that has been done.
void write_progress(server::Connection& connection, const LedgerName& name, const Progress& progress,
                    const std::string& run_id);
void erase_progress(server::Connection& connection, const LedgerName& name, const std::string& tag);

// Writes the names of rows that have none (they came from drizzle-orm 0.x) or an older one, by which what was kept and
// the restore points are found too.
void name_rows(server::Connection& connection, const LedgerName& name, const Ledger& ledger,
               const std::vector<std::pair<std::int64_t, std::string>>& names);

}  // namespace sluice::apply
