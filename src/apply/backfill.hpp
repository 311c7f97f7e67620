// A backfill: one UPDATE or DELETE of one table, cut into batches. Each batch is a transaction of its own, in which the
// place that it has come to is written down too; a run that was killed goes on there.
//
// Batches go by the primary key, or another unique key without NULLs; tables without one go by ranges of pages. The end
// is fixed when it begins: rows that are inserted later are those of a default or a trigger, so it ends under inserts.
// Where somebody else sees to rows that others write meanwhile, once over the pages is enough, and faster than by key.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/connection.hpp"

namespace sluice::apply {

struct BackfillProgress {
  std::string table;
  std::int64_t changed = 0, seen = 0, total = 0;  // rows; `total` is the planner's estimate
  double seconds = 0;                             // of this run
  std::optional<double> seconds_left;
  std::string paused;  // why; empty: it runs
  bool done = false;
};

struct BackfillOptions {
  std::chrono::milliseconds batch_time{200};  // the size of a batch follows from it
  // It pauses while one of these is exceeded; 0: no limit.
  double max_replica_lag = 10;       // seconds
  int max_lock_waits = 10;           // sessions of the database that wait for a lock
  double max_transaction_age = 900;  // seconds, of the oldest transaction: what it holds back cannot be vacuumed
  double max_wal = 0;                // MB/s that the server writes
  std::filesystem::path pause_file;  // while it exists
  std::function<void(const BackfillProgress&)> progress;
};

class Backfill {
 public:
  // `once_by_page`: not again for rows that have moved to a page that was done (before PostgreSQL 14 by key, if there
  // is one). `cursor`: of an earlier run; one that does not fit is left aside. Throws Error if the statement cannot be
  // cut.
  Backfill(server::Connection& connection, std::string_view statement, bool once_by_page, const std::string& cursor,
           const BackfillOptions& options);

  // Waits while the server is busy. Outside a transaction.
  void wait();
  // Runs the next batch, inside a transaction that is open. False if there was none left.
  bool batch();
  // After the commit, with how long the whole batch took.
  void committed(std::chrono::steady_clock::duration took);
  // After a batch that had to give way: the next one is smaller.
  void shrink();
  // All is done and committed: the last word on the progress.
  void finish();
  // What must be written down in the batch's transaction.
  std::string cursor() const;

 private:
  struct Table {
    std::string oid, file;  // its file is another one after VACUUM FULL, and the rows are on other pages
    std::int64_t pages = 0;
  };
  // Where it stands. A batch that is rolled back has not been.
  struct Place {
    std::vector<std::optional<std::string>> at, end;  // by key
    size_t table = 0;                                 // by pages
    std::int64_t page = 0, pass = 0, changed_in_pass = 0;
    std::int64_t changed = 0, seen = 0;
  };

  void choose_way();
  void go_on_at(const std::string& cursor);
  void choose_key(const std::string& oid);
  void begin_pass();
  void look_at_pages();
  static std::string files_of(const std::vector<Table>& tables);
  bool key_batch();
  bool page_batch();
  std::string why_to_wait();
  void report(const std::string& paused, bool done) const;
  std::string range(const std::string& operation, size_t first_parameter) const;

  server::Connection& connection_;
  const BackfillOptions& options_;
  std::string head_, condition_, table_, hash_;  // of the statement: up to WHERE, behind it
  bool once_ = false, only_ = false, removes_ = false;
  std::vector<std::string> key_, types_;  // quoted; empty: by pages
  std::vector<Table> tables_;             // by pages: the table, or its partitions
  Place place_, before_batch_;
  std::int64_t size_ = 500;
  std::int64_t rows_on_page_ = 50;
  BackfillProgress progress_;
  std::int64_t seen_before_ = 0;
  std::chrono::steady_clock::time_point begun_, looked_, reported_;
  struct Written {
    double bytes, seconds;
  };
  std::optional<Written> wal_;  // when it went on last
};

}  // namespace sluice::apply
