// SQL that a person types: run statement by statement, stopped, explained.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "studio/databases.hpp"
#include "studio/rows.hpp"

namespace sluice::studio {

// What runs now, so that it can be stopped.
class Runs {
 public:
  void begin(const std::string& run, const std::string& database, int pid);
  void end(const std::string& run);
  bool cancelled(const std::string& run);
  // Asks the server to stop it. False if it runs no more.
  bool cancel(Databases& databases, const std::string& run);

 private:
  struct Run {
    std::string database;
    int pid = 0;
    bool cancelled = false;
  };
  std::mutex mutex_;
  std::map<std::string, Run> runs_;
};

// `request`: {"database", "sql", "limit": rows of each result, "run": a name for cancel()}. The answer: {"results":
// [{"columns": [{"name", "type"}], "rows", "more", "tag", "ms", "from", "to"}], "error", "notices"}; places are counted
// in UTF-16 units of `sql`, as browsers do. It stops at the first statement that fails; what stood before it has run.
// In a read-only database each statement runs in a read-only transaction of its own, which nothing in it can leave.
Json run_sql(Databases& databases, Runs& runs, const Json& request);

// The plan of one statement: {"plan": as PostgreSQL's FORMAT JSON has it}. With "analyze" it is run, and rolled back.
Json explain_sql(Databases& databases, Runs& runs, const Json& request);

// For the page: {"message", "detail", "hint", "sqlstate", "statement", "state", "diagnostics"}, what there is of it.
Json error_json(const Error& error);

}  // namespace sluice::studio
