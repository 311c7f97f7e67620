// The one door to PostgreSQL's parser: SQL in, statements as plain values out (sql/ast.hpp).
//
// It is the parser of PostgreSQL 18. What older servers do not know is said by `needs_version`; what it does not know
// itself is a `Failure`, never a guess.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/ast.hpp"

namespace sluice::sql {

// The newest grammar that is understood.
inline constexpr int grammar_version = 18;

struct ParsedStatement {
  std::string_view text;  // without comments before it and without the semicolon; points into the file
  int at = 0;             // its byte offset in the file; every `at` in `command` is one, too
  int line = 1;
  Command command;
  std::vector<Target> relations;   // that it names anywhere: also in subqueries and views
  std::vector<Name> functions;     // that it calls
  std::vector<std::string> words;  // text constants: what an enum's new value would be used as
  int needs_version = 0;           // the first major version that knows the syntax; 0: all that we know
  std::string needs_because;       // "SET EXPRESSION"
  std::vector<Delete> deletes;     // in its WITH queries
  // Of a DO block that is more than plain statements: those that it has, whether they will run or not, and the pieces
  // that are no plain statements, such as EXECUTE.
  std::vector<ParsedStatement> inside;
  std::vector<std::string> unread;
  bool in_block = false;    // it is one of those inside
  bool only_looks = false;  // a DO block that reads the catalog and raises an error or does nothing
};

struct Failure {
  std::string message;  // "syntax error at or near "x""
  std::string_view text;
  int at = 0;  // byte offset in the file
  int line = 1;
};

struct ParsedFile {
  std::vector<ParsedStatement> statements;
  std::vector<Failure> failures;
};

// A whole migration file, breakpoints or none. A statement that cannot be parsed is a failure, the others are still
// there. `file` must outlive the result.
ParsedFile parse(std::string_view file);

// Line and column (from 1, in characters) of a byte offset.
struct Position {
  int line = 1, column = 1;
};

// The positions of many offsets in one text. Going forwards costs what lies between them; going back starts again.
class Positions {
 public:
  explicit Positions(std::string_view file) : file_(file) {}
  int line(int at);
  Position of(int at);

 private:
  std::string_view file_;
  size_t place_ = 0;
  int line_ = 1;
};

}  // namespace sluice::sql
