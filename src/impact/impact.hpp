// What a statement does while it runs: locks, rewrites, scans, what it loses, what can make it fail. The one place that
// knows. Measured on PostgreSQL 13 to 18 (tests/data/locks.txt, tests/data/type_changes.txt) and checked against them
// row by row, and against pg_locks of a real server.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "ddl/catalog.hpp"
#include "sql/parse.hpp"

namespace sluice::impact {

using ddl::Name;

// PostgreSQL's table locks with its own numbers.
enum class Lock {
  none = 0,
  access_share = 1,
  row_share = 2,
  row_exclusive = 3,
  share_update_exclusive = 4,
  share = 5,
  share_row_exclusive = 6,
  exclusive = 7,
  access_exclusive = 8,
};
std::string_view display(Lock lock);  // "ACCESS EXCLUSIVE"
inline bool blocks_reads(Lock lock) { return lock == Lock::access_exclusive; }
inline bool blocks_writes(Lock lock) { return lock >= Lock::share; }

struct Touched {
  Name relation;         // a table, view, sequence … or an index
  std::string index_of;  // an index: its table's name
  Lock lock = Lock::none;
  bool rewrite = false;  // its file is written anew
  bool scan = false;     // it is read from beginning to end
  bool rebuild = false;  // an index: built, anew or for the first time
  bool created = false, dropped = false;
  bool replaced = false;  // an index: dropped and made again under its name
  bool emptied = false;   // by TRUNCATE: the work does not grow with the table
  bool fresh = false;     // made by the same file and still empty: nobody waits for it, and there is nothing to do
};

struct Loss {
  Name relation;
  std::string what;   // "column users.email", "all rows of users"
  bool rows = false;  // whole rows go
  std::string query;  // counts what would be lost; may be empty
};

// The statement can fail on rows that are there.
struct Risk {
  Name relation;
  std::string what;       // "rows with NULL in users.email"
  std::string query;      // gives the number of such rows
  std::string sample;     // gives the first of them
  std::string quick;      // may be empty; true: there are none, found out faster than `query` does
  bool any_row = false;   // every row is such a row
  std::string mend = {};  // a statement that ends them, with "…" for what only a person knows; may be empty
};

struct Impact {
  std::deque<Touched> touched;  // references to its items stay good while it grows
  std::vector<Loss> losses;
  std::vector<Risk> risks;
  bool outside_transaction = false;  // PostgreSQL refuses it inside of one
  bool ends_transaction = false;     // BEGIN, COMMIT …
  bool reversible = true;            // what it did can be undone by another statement, data included
  std::string refused;               // the server refuses it, with this for a reason; empty: it does not
  bool opaque = false;               // what it runs is not visible here: DO blocks, functions

  const Touched* find(const Name& relation) const;
};

struct Session {
  int version = 15;
  bool utc = true;             // TimeZone has the same bytes for timestamp and timestamptz
  bool in_transaction = true;  // the migration runs in one
};

// The impact of a statement on a database that looks like `before`.
Impact judge(const ddl::Catalog& before, const sql::ParsedStatement& statement, const Session& session);

// What SET does to the session.
void follow(Session& session, const sql::ParsedStatement& statement);

}  // namespace sluice::impact
