// What a person (or a program, with --json) sees. Colour only on a terminal.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace sluice::cli {

using Json = nlohmann::ordered_json;

class Terminal {
 public:
  // `log`: what goes to standard error is one JSON object a line.
  explicit Terminal(bool json, bool log = false);

  bool json() const { return json_; }
  bool logs() const { return log_; }
  // True if questions can be asked: both input and output are a terminal, and the answer is not for a program.
  bool interactive() const;
  // True if a line on standard error may be drawn over.
  bool draws() const;

  // Lines on standard output; nothing with --json.
  void say(const std::string& line);
  void success(const std::string& line);  // with a green ✔
  void detail(const std::string& line);   // dimmed
  // Lines on standard error. A note is for who waits, where standard output is the answer alone.
  void note(const std::string& line);
  void warning(const std::string& line);
  void print(const Diagnostic& diagnostic);
  void print(const Error& error);
  // A line of the log: time, level (info, warning, error), message, and more. Nothing without `log`.
  void log(const char* level, const std::string& message, const Json& more = Json::object());
  // Members that every line of the log has.
  void add_to_log(const Json& members) { members_.update(members); }
  // The answer of a command to a program: one JSON value on standard output.
  void answer(const Json& value);

  // Asks for a line of text. Throws Error (Exit::interrupted) at end of input.
  std::string ask(const std::string& question);
  // Asks for one of the choices; gives its place in the list. There is no default: a stray Enter decides nothing.
  size_t choose(const std::string& question, const std::vector<std::string>& choices);

  std::string bold(const std::string& text) const;
  std::string dim(const std::string& text) const;
  std::string colored(const std::string& text, const char* code) const;

 private:
  bool json_, log_, color_out_, color_err_;
  Json members_ = Json::object();
};

Json to_json(const Diagnostic& diagnostic);
Json to_json(const Error& error);

}  // namespace sluice::cli
