// Changes → the statements that make them, in an order that runs on PostgreSQL. Pure; the only room that writes DDL.
//
// The text of a statement is drizzle-kit 0.31.11's wherever that is right; docs/compatibility.md lists the differences.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "diff/diff.hpp"

namespace sluice::plan {

struct Statement {
  std::string sql;            // with its semicolon; ends with a newline where drizzle-kit's does
  bool transactional = true;  // false: cannot run inside a transaction block
  bool step = false;          // what stands before it is committed first
  bool backfill = false;      // an UPDATE that may run in batches; a step of its own
  std::string allow = {};     // the rule of review that it breaks, and why it may: "drop-column it was copied"
  bool no_keep = false;       // what it drops need not be kept for the way back
  bool by_page = false;       // a backfill that goes once over the pages: somebody sees to what others write meanwhile
};

// For tables that are in use: every change that would lock one for as long as its rows take is made in small steps.
struct Online {
  int version = 15;              // the oldest server that the migration is for
  std::set<std::string> tables;  // only these, as "sessions" or "app.sessions"; empty: all
};

struct Options {
  // What existing rows get in a column that becomes required: "sessions.duration_minutes" → SQL expression, or "none"
  // when the table has no rows anywhere.
  std::map<std::string, std::string> backfill;
  // Generate the way back: what a dropped required column gets is made up, since its values are gone.
  bool reverse = false;
  // Foreign keys between tables that refer to each other in a circle are checked at the end of a transaction.
  bool deferrable_cycles = false;
  // Table::row_security says it all. Else a policy turns it on, as it does for drizzle; a database may have it off.
  bool exact_row_security = false;
  std::optional<Online> online = {};
};

struct Plan {
  std::vector<Statement> statements;
  // Required columns without a default that are added to existing tables and have no value in Options::backfill.
  std::vector<model::Column> missing_backfill;
  // What a person should know, one sentence each: data that is lost, rows that can make a statement fail.
  std::vector<std::string> notes;
};

Plan make(const model::Schema& before, const model::Schema& after, const diff::Changes& changes,
          const Options& options = {});

// The way back from `after` to `before`: the plan of the inverted changes.
Plan reverse(const model::Schema& before, const model::Schema& after, const diff::Renames& renames,
             bool deferrable_cycles = false, const std::optional<Online>& online = std::nullopt);

// The value for existing rows that the options have for the column: an expression, "none", or nothing.
std::optional<std::string> given_backfill(const Options& options, const model::Column& column);

}  // namespace sluice::plan
