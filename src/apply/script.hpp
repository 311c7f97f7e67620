// A migration's file as steps. What may share a transaction is one step; a statement that PostgreSQL runs only outside
// of one (CREATE INDEX CONCURRENTLY, VACUUM …) is a step of its own. Judged by the SQL itself; pure.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "apply/ledger.hpp"
#include "base/error.hpp"
#include "history/folder.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

struct Step {
  bool alone = false;              // one statement, outside a transaction
  bool backfill = false;           // one UPDATE or DELETE, in batches (backfill.hpp)
  bool by_page = false;            // those batches, once over the pages
  std::string begin = "BEGIN";     // a file's own BEGIN may ask for an isolation level
  std::vector<sql::Chunk> pieces;  // each is sent as one query
  std::vector<int> not_kept;       // the lines of those whose losses are not kept

  std::string text() const;
};

struct Script {
  std::vector<Step> steps;  // at least one
  size_t statements = 0;

  // True if it cannot be one transaction, so that what has been done must be remembered on the way.
  bool has_checkpoints() const { return steps.size() > 1 || steps.front().alone || steps.front().backfill; }
  // SHA-256 of the first `count` steps.
  std::string hash_of_first(size_t count) const;
};

// Steps end before and after a statement that stands alone, at a COMMIT of the file, before the first statement that
// uses an enum value added in the same step (PostgreSQL: 55P04), and at the comment lines "-- sluice:step" and
// "-- sluice:backfill" (docs/online.md). Views into `text`. Throws Error for a ROLLBACK and for an unknown comment.
Script read_script(std::string_view text, const std::filesystem::path& file);

// Of the migration that was interrupted, blanks in place of the steps that were done, so that places stay the same;
// nothing if it is not among them, or is not what was run.
void leave_out_done(std::vector<history::Migration>& migrations, const Progress& progress,
                    Direction direction = Direction::up);

// Throws the error of one piece, put where it stands in the file.
[[noreturn]] void fail_in_file(const Error& error, const std::filesystem::path& file, const sql::Chunk& piece,
                               const std::string& state);

}  // namespace sluice::apply
