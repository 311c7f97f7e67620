// What a migration will do to data and traffic, and what its authors will be sorry for: findings of rules over its
// statements, each judged with the objects that are there before it. Pure: no files, no server.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ddl/catalog.hpp"
#include "impact/impact.hpp"
#include "sql/parse.hpp"

namespace sluice::review {

// error: traffic stands still for a time that grows with the table, data is lost, the running code breaks, or the
// statement fails. warning: one of that under circumstances that only people know. note: style, and what to think of.
enum class Level { note, warning, error };
std::string_view display(Level level);
// Throws Error for another word.
Level parse_level(std::string_view word);

struct Rule;

struct Finding {
  const Rule* rule = nullptr;
  Level level = Level::warning;
  std::string message;  // names the objects
  std::string safe;     // the safe form for this very statement; may be empty
  std::string query;    // tells whether the data make it fail, or what is lost; may be empty
  int at = 0;           // byte offset in the file
  int line = 1, column = 1;
  int length = 0;                      // of what is underlined, on its first line
  int statement = -1;                  // its place in the file; -1: the file as a whole
  std::optional<std::string> allowed;  // the reason of the sluice:allow that covers it
  ddl::Name relation;                  // whose size matters; may be empty
  std::string index;                   // of the relation, whose use matters; may be empty
};

// A statement with what it does.
struct Judged {
  const sql::ParsedStatement* statement = nullptr;
  impact::Impact impact;
  int transaction = 0;  // statements with the same number share one
};

struct FileReview {
  std::string name;  // as it was given: a path
  sql::ParsedFile parsed;
  std::vector<Judged> statements;
  std::vector<Finding> findings;  // in the order of the file, also the allowed ones

  size_t count(Level level) const;  // not allowed, of this level
};

struct Allowance {
  std::string rule, reason;
  bool used = false;
};

struct Options {
  int version = 15;       // of the server
  int server = 0;         // its exact version as it says it, 140003; 0: not known
  bool supabase = false;  // roles, schemas and an API as Supabase has them
  bool utc = true;
  std::vector<Allowance> allowed;  // everywhere
};

class Reviewer {
 public:
  explicit Reviewer(Options options, ddl::Catalog catalog = {});

  // Reviews a file; the next one begins with what it leaves. `text` must outlive the result. `last`: nothing comes
  // after it, so what is left undone stays undone.
  FileReview review(const std::string& name, std::string_view text, bool last = false);
  // Takes over what a file does, without looking at it.
  void pass(std::string_view text);

  const ddl::Catalog& catalog() const { return catalog_; }
  // Of the options' allowances, those that covered nothing.
  std::vector<Allowance> unused() const;

 private:
  void check(FileReview& file) const;

  Options options_;
  ddl::Catalog catalog_;
  impact::Session session_;
};

// True if the text is of a Supabase project: its roles, schemas or functions are named.
bool looks_like_supabase(std::string_view text);

}  // namespace sluice::review
