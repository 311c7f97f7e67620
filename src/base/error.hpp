// The two ways in which something goes wrong.
//
// A Diagnostic says that the user's input is wrong: a value, many at once, with file and line. An Error says that a
// command cannot go on (files, server, a bug): one exception type, thrown where it happens, caught once per command.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

// Where in a file something stands. Lines and columns count from 1; 0 means unknown.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  bool known() const { return !file.empty(); }
};

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;     // stable, kebab-case: "duplicate-table"
  std::string message;  // one sentence, names the object
  Location at;
  std::string hint;  // the next step; may be empty
};

// Exit codes of the program (docs/design.md).
enum class Exit { done = 0, error = 1, findings = 2, refused = 3, interrupted = 130 };

// What an Error carries besides its message. Everything may be empty.
struct ErrorContext {
  std::string detail;
  std::string hint;  // the next step for the person who reads it
  std::string sqlstate;
  std::string statement;  // the SQL that failed
  size_t finished = 0;    // statements of the same text that had finished before it
  std::string state;      // what is true now: what was changed before the failure, and what was not
  Location at;
  std::vector<Diagnostic> diagnostics;  // when the input was wrong in several places
  Exit exit = Exit::error;
};

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ErrorContext more = {})
      : std::runtime_error(message), context(std::move(more)) {}

  ErrorContext context;
};

}  // namespace sluice
