#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>

#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "cli/records.hpp"

namespace sluice::cli {

namespace {

// https://no-color.org, and terminals that cannot.
bool wants_color(int descriptor) {
  const char *no_color = std::getenv("NO_COLOR"), *term = std::getenv("TERM");
  return isatty(descriptor) && !(no_color && *no_color) && !(term && std::string_view(term) == "dumb");
}

std::string paint(bool color, const char* code, const std::string& text) {
  return color ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
}

// "file:line:column", as much as is known; relative to the working directory where that is shorter.
std::string position(const Location& at) {
  std::error_code error;
  std::string file = at.file;
  std::filesystem::path relative = std::filesystem::proximate(at.file, error);
  if (!error && relative.string().size() < file.size()) file = relative.string();
  if (at.line > 0) file += ":" + std::to_string(at.line);
  if (at.line > 0 && at.column > 0) file += ":" + std::to_string(at.column);
  return file;
}

// The line of the file that is meant, with a caret under the column.
std::string excerpt(const Location& at) {
  if (at.line <= 0) return "";
  std::optional<std::string> content;
  try {
    content = files::read_if_exists(at.file);
  } catch (const Error&) {  // a directory, or no permission: the position alone must do
  }
  if (!content) return "";
  std::string line = text::replace_all(std::string(text::line_at(*content, at.line)), "\t", " ");
  if (text::trim(line).empty() || line.size() > 300) return "";
  std::string number = std::to_string(at.line);
  std::string out = fmt::format("  {} | {}\n", number, line);
  if (at.column > 0 && static_cast<size_t>(at.column) <= line.size() + 1)
    out += fmt::format("  {} | {}^\n", std::string(number.size(), ' '),
                       std::string(static_cast<size_t>(at.column) - 1, ' '));
  return out;
}

// Further lines of a text are indented as the first one is.
std::string labelled(const std::string& label, const std::string& text) {
  if (text.empty()) return "";
  std::string pad(label.size() + 4, ' ');
  return "  " + label + ": " + text::replace_all(std::string(text::trim(text)), "\n", "\n" + pad) + "\n";
}

constexpr size_t longest_statement = 1000;

std::string now_utc() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds % 1000);
}

}  // namespace

Terminal::Terminal(bool json, bool log)
    : json_(json),
      log_(log),
      color_out_(!log && wants_color(STDOUT_FILENO)),
      color_err_(!log && wants_color(STDERR_FILENO)) {}

// A reader that has left (`| head`) is no reason to leave work half done; a disk that is full is.
static void put(std::FILE* stream, const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0) return;
  if (stream == stdout && errno != EPIPE)
    throw Error(std::string("the output cannot be written: ") + std::strerror(errno));
}

bool Terminal::interactive() const { return !json_ && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO); }
bool Terminal::draws() const { return !json_ && !log_ && isatty(STDERR_FILENO); }

void Terminal::log(const char* level, const std::string& message, const Json& more) {
  if (!log_) return;
  Json line{{"time", now_utc()}, {"level", level}, {"message", message}};
  line.update(members_);
  line.update(more);
  // In one call, since threads write between each other.
  const std::string text = without_secrets(line).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void Terminal::say(const std::string& line) {
  if (!json_) put(stdout, line + "\n");
}

void Terminal::success(const std::string& line) { say(paint(color_out_, "32", "✔") + " " + line); }

void Terminal::detail(const std::string& line) { say(dim(line)); }

void Terminal::note(const std::string& line) {
  if (log_ && !text::trim(line).empty()) return log("info", std::string(text::trim(line)));
  if (!json_ && !log_) put(stderr, line + "\n");
}

void Terminal::warning(const std::string& line) {
  if (log_) return log("warning", line);
  put(stderr, paint(color_err_, "33", "warning:") + " " + line + "\n");
}

std::string Terminal::bold(const std::string& text) const { return paint(color_out_, "1", text); }
std::string Terminal::dim(const std::string& text) const { return paint(color_out_, "2", text); }
std::string Terminal::colored(const std::string& text, const char* code) const { return paint(color_out_, code, text); }

void Terminal::print(const Diagnostic& diagnostic) {
  if (log_) {
    Json more = to_json(diagnostic);
    for (const char* known : {"severity", "message"}) more.erase(known);
    return log(diagnostic.severity == Severity::error ? "error" : "warning", diagnostic.message, more);
  }
  bool is_error = diagnostic.severity == Severity::error;
  std::string out =
      paint(color_err_, is_error ? "31;1" : "33", is_error ? "error:" : "warning:") + " " + diagnostic.message;
  if (!diagnostic.code.empty()) out += " [" + diagnostic.code + "]";
  out += "\n";
  if (diagnostic.at.known()) out += "  at " + position(diagnostic.at) + "\n" + excerpt(diagnostic.at);
  out += labelled("hint", diagnostic.hint);
  put(stderr, out);
}

void Terminal::print(const Error& error) {
  const ErrorContext& c = error.context;
  if (log_) {
    Json more = to_json(error)["error"];
    more.erase("message");
    return log("error", error.what(), more);
  }
  for (const Diagnostic& diagnostic : c.diagnostics) print(diagnostic);
  if (c.exit == Exit::interrupted) {
    put(stderr, std::string(error.what()) + "\n" + labelled("state", c.state));
    return;
  }
  // When the diagnostics say it all, the exception's own text adds nothing.
  const bool said = std::any_of(c.diagnostics.begin(), c.diagnostics.end(),
                                [&](const Diagnostic& diagnostic) { return diagnostic.message == error.what(); });
  std::string out;
  if (!said) {
    out = paint(color_err_, "31;1", "error:") + " " + error.what();
    if (!c.sqlstate.empty()) out += " [SQLSTATE " + c.sqlstate + "]";
    out += "\n";
    if (c.at.known()) out += "  at " + position(c.at) + "\n";
    std::string statement =
        c.statement.size() > longest_statement ? c.statement.substr(0, longest_statement) + " …" : c.statement;
    if (statement.empty()) out += excerpt(c.at);
    out += labelled("statement", statement);
  }
  out += labelled("detail", c.detail);
  out += labelled("state", c.state);
  if (!said) out += labelled("hint", c.hint);
  put(stderr, out);
}

void Terminal::answer(const Json& value) {
  put(stdout, value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string Terminal::ask(const std::string& question) {
  put(stdout, question + " ");
  std::string line;
  if (!std::getline(std::cin, line)) {
    ErrorContext context;
    context.exit = Exit::interrupted;
    context.state = "Nothing was changed.";
    throw Error("interrupted", context);
  }
  interrupt::check();
  return std::string(text::trim(line));
}

size_t Terminal::choose(const std::string& question, const std::vector<std::string>& choices) {
  say(bold(question));
  for (size_t i = 0; i < choices.size(); i++) say(fmt::format("  {}) {}", i + 1, choices[i]));
  for (;;) {
    std::string answer = ask(fmt::format("Choose 1-{}:", choices.size()));
    for (size_t i = 0; i < choices.size(); i++)
      if (answer == std::to_string(i + 1)) return i;
  }
}

Json to_json(const Diagnostic& diagnostic) {
  Json json{{"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
            {"code", diagnostic.code},
            {"message", diagnostic.message}};
  if (diagnostic.at.known()) json["file"] = diagnostic.at.file;
  if (diagnostic.at.line > 0) json["line"] = diagnostic.at.line;
  if (!diagnostic.hint.empty()) json["hint"] = diagnostic.hint;
  return json;
}

Json to_json(const Error& error) {
  const ErrorContext& c = error.context;
  Json json{{"message", error.what()}};
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  add("file", c.at.file);
  if (c.at.line > 0) json["line"] = c.at.line;
  add("sqlstate", c.sqlstate);
  add("statement", c.statement);
  add("detail", c.detail);
  add("hint", c.hint);
  add("state", c.state);
  for (const Diagnostic& diagnostic : c.diagnostics) json["diagnostics"].push_back(to_json(diagnostic));
  return {{"status", c.exit == Exit::interrupted ? "interrupted" : "error"}, {"error", json}};
}

}  // namespace sluice::cli
