// Nothing lost: what a migration drops or converts is copied into schema sluice first, in the same transaction, with
// the keys of its rows; the way back brings it back. The way back keeps what it drops in the same way, for the next
// time up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "apply/ledger.hpp"
#include "apply/losses.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

struct KeepOptions {
  bool enabled = true;
  std::int64_t max_bytes = 100LL << 20;  // of one table or column; more is not kept
};

// One line of sluice.kept.
struct Kept {
  std::int64_t id = 0;
  std::string migration, direction;  // which file dropped it: up or down
  std::string kind;                  // "table", "column", "values", "sequence", or "not_kept"
  std::string reason;                // of what is not kept
  std::string object;                // "public.orders" or "public.orders.total"
  std::string kept_at;
  std::int64_t rows = 0, bytes = 0;
};

// What one file, up or down, keeps and brings back. Its functions run inside the transactions of the file's steps.
class Keeper {
 public:
  // `writes_rows`: the file has statements that write rows; what was kept of tables comes back behind them.
  Keeper(server::Connection& connection, const LedgerName& ledger, const Ledger& tables, std::string migration,
         Direction direction, std::string run_id, KeepOptions options, std::function<void(const std::string&)> warning,
         bool writes_rows);

  // At the beginning of each transaction (also of another attempt), before and after each piece of the file, and before
  // its last transaction is committed.
  void begin() { back_.clear(), seen_.clear(), at_end_ = false; }
  void before(const sql::Chunk& piece);
  void after(const sql::Chunk& piece);
  void finish();

 private:
  void keep(const Loss& loss);
  bool takes_more(const sql::Chunk& piece);
  void keep_fallen(const sql::Chunk& piece);
  void keep_table(const std::string& oid);
  void keep_column(const std::string& oid, const std::string& number, bool values);
  void keep_sequence(const std::string& oid);
  void keep_own_sequences(const std::string& oid, const std::string& number);
  std::optional<std::string> key_of(const std::string& oid, const std::string& without_number, std::string& names);
  bool is_new(const std::string& oid, const std::string& number);
  bool fits(const std::string& what, std::int64_t bytes);
  void not_kept(const std::string& oid, const std::string& number, const std::string& reason);
  std::string store(const char* kind, const std::string& oid, const std::string& number, const std::string& keys,
                    const std::string& select);
  void mark_unchanged(const Loss& loss);
  void look();
  void bring_back(bool values);
  void drop_from_own(const std::string& id, const std::string& table_oid, const std::string& keys);
  void bring_back_one(const server::Rows& kept, size_t i);
  void bring_back_sequence(const std::string& id, const std::string& sequence, const std::string& name);
  void say(const std::string& text) const {
    if (warning_) warning_(text);
  }

  server::Connection& connection_;
  std::string ledger_, migration_, direction_, other_, run_id_;
  KeepOptions options_;
  std::function<void(const std::string&)> warning_;
  bool can_ = false, writes_rows_ = false, anything_kept_ = false, at_end_ = false, said_ = false;
  bool other_lacks_ = false;  // something of the other direction was not kept
  std::optional<bool> anything_to_bring_back_;
  std::set<std::pair<std::string, std::string>> seen_;  // tables ("oid", "0") and columns that were looked at already
  std::map<std::string, std::string> back_;  // columns that have their values again: id in sluice.kept → rows
};

// The tables that a file drops with more in them than is kept: "table big (about 137 MB)". Changes nothing.
std::vector<std::string> too_large_to_keep(server::Connection& connection, std::string_view file,
                                           const KeepOptions& options);

// What is kept of this ledger's migrations, the oldest first. Empty if there is no sluice.kept.
std::vector<Kept> read_kept(server::Connection& connection, const LedgerName& ledger);
// Lets go of what is kept: of one migration, or what is older than so many days. Gives what it was.
std::vector<Kept> purge_kept(server::Connection& connection, const LedgerName& ledger,
                             const std::optional<std::string>& migration, std::optional<double> older_than_days);

}  // namespace sluice::apply
