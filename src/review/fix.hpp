// A migration in its safe form, as `sluice review --fix` writes it: constraints NOT VALID and validated later, indexes
// CONCURRENTLY, unique constraints USING INDEX, SET NOT NULL after a check that proves it, the filling of a column in a
// migration of its own. What must not share a transaction goes into migrations after it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "review/review.hpp"

namespace sluice::review {

// What a snapshot of the schema does not have yet (or has for the time being) after a migration, since a later one of
// the same fix does it.
struct Pending {
  enum class Kind { index, unique, primary_key, not_null };
  Kind kind = Kind::index;
  ddl::Name table;
  std::string name;                  // of the index or constraint; of the column
  std::vector<std::string> columns;  // of the primary key
  std::string check;                 // not_null: the check that is there for the time being; may be empty
};

// One migration of the result. The first takes the place of the original.
struct FixedFile {
  enum class Kind { original, backfill, build, prepare, validate };  // in this order
  Kind kind = Kind::original;
  std::string name;  // without number; of the original: empty
  std::string text;  // the original: the whole file; else its statements, drizzle's separator between
  std::vector<std::string> statements;  // not of the original
  std::vector<std::string> comments;    // above them
  std::vector<std::string> down;        // undo the statements, in order; not of the original
  std::vector<std::string> undone_in;   // what of the original's way back belongs to this one now: "index i"
  std::vector<Pending> pending;         // what the schema lacks after this file
};

struct Fix {
  std::vector<FixedFile> files;         // empty: there is nothing to rewrite
  std::vector<std::string> done;        // one sentence for each statement that is rewritten
  std::vector<std::string> left;        // one for each that is not, and why
  std::vector<std::string> undo_first;  // with what the original's way back begins from now on

  bool empty() const { return files.empty(); }
};

struct FixOptions {
  std::string lock_timeout;  // "3s": the first migration begins with SET LOCAL lock_timeout; empty: it does not
  std::string name;          // the migration's, without number: what comes after it is called so too
};

// The safe form of a reviewed file. `before`: the objects before it.
Fix fix(const ddl::Catalog& before, const FileReview& file, std::string_view text, const FixOptions& how);

// The original's way back after the fix: without what later migrations undo, and with what it must undo itself.
std::string fixed_down(std::string_view down, const Fix& fix);

}  // namespace sluice::review
