#include "cli/records.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "sluice/version.hpp"

namespace sluice::cli {

namespace {

using trace::Record;
using trace::Value;

constexpr const char* mask = "***";

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

const Value* find(const Record& record, std::string_view name) {
  for (const auto& [key, value] : record.attributes)
    if (key == name) return &value;
  return nullptr;
}

std::string text_of(const Record& record, std::string_view name) {
  const Value* value = find(record, name);
  const std::string* text = value ? std::get_if<std::string>(value) : nullptr;
  return text ? *text : "";
}

double number_of(const Record& record, std::string_view name) {
  const Value* value = find(record, name);
  if (!value) return 0;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return static_cast<double>(*whole);
  const auto* number = std::get_if<double>(value);
  return number ? *number : 0;
}

double seconds_of(const Record& record) { return static_cast<double>(record.end - record.start) / 1e9; }

// ---- --log json

Json json_of(const Value& value) {
  return std::visit([](const auto& each) { return Json(each); }, value);
}

// "migration 0003_x", "stage staging", "review": what a span is about, in words.
std::string title(const Record& record) {
  for (const char* name : {"sluice.migration", "sluice.target", "sluice.stage"})
    if (record.name == std::string_view(name).substr(7)) return record.name + " " + text_of(record, name);
  if (record.name == "replay") return "replay of migration " + text_of(record, "sluice.migration");
  if (record.name == "wave") return fmt::format("wave {}", number_of(record, "sluice.wave"));
  if (record.name == "step")
    return fmt::format("step {} of {}", number_of(record, "sluice.step"), number_of(record, "sluice.steps"));
  return record.name;
}

// ---- --trace

Json attribute(const std::string& name, const Value& value) {
  Json typed;
  if (const auto* text = std::get_if<std::string>(&value))
    typed = {{"stringValue", *text}};
  else if (const auto* whole = std::get_if<std::int64_t>(&value))
    typed = {{"intValue", std::to_string(*whole)}};  // as protobuf's JSON writes 64 bits
  else if (const auto* number = std::get_if<double>(&value))
    typed = {{"doubleValue", *number}};
  else
    typed = {{"boolValue", std::get<bool>(value)}};
  return {{"key", name}, {"value", typed}};
}

std::string hex(std::uint64_t id) { return fmt::format("{:016x}", id); }

// One line: an ExportTraceServiceRequest with one span, which the collector's otlpjsonfile receiver reads.
Json otlp(const Record& record, const std::string& trace_id) {
  Json attributes = Json::array();
  for (const auto& [name, value] : record.attributes) attributes.push_back(attribute(name, value));
  Json span{{"traceId", trace_id}, {"spanId", hex(record.id)}};
  if (record.parent) span["parentSpanId"] = hex(record.parent);
  span["name"] = record.name;
  span["kind"] = record.name == "statement" ? 3 : 1;  // CLIENT, INTERNAL
  span["startTimeUnixNano"] = std::to_string(record.start);
  span["endTimeUnixNano"] = std::to_string(record.end);
  span["attributes"] = attributes;
  span["status"] = record.failed ? Json{{"code", 2}} : Json::object();
  if (record.failed && !record.error.empty()) span["status"]["message"] = record.error;
  const Json scope{{"name", "sluice"}, {"version", std::string(version())}};
  const Json resource{{"attributes", Json::array({attribute("service.name", std::string("sluice")),
                                                  attribute("service.version", std::string(version()))})}};
  return {{"resourceSpans",
           Json::array({{{"resource", resource},
                         {"scopeSpans", Json::array({{{"scope", scope}, {"spans", Json::array({span})}}})}}})}};
}

// ---- --metrics

struct Numbers {
  std::string command, server, database;
  double seconds = 0, longest_migration = 0, lock_wait = 0, retries = 0;
  std::int64_t ended = 0;
  std::map<std::string, size_t> migrations{{"applied", 0}, {"rolled_back", 0}, {"failed", 0}};
  std::map<std::string, size_t> statements{{"done", 0}, {"failed", 0}};
  std::map<std::string, size_t> targets, stages;

  std::set<std::uint64_t> replayed;  // spans on a scratch server: not what the run did

  void begin(const Record& record) {
    if (record.name == "replay" || replayed.contains(record.parent)) replayed.insert(record.id);
  }
  void add(const Record& record) {
    if (replayed.erase(record.id) > 0) return;
    const std::string outcome = record.failed ? "failed" : "done";
    if (record.name == "statement") statements[outcome]++;
    if (record.name == "target") targets[text_of(record, "sluice.outcome")]++;
    if (record.name == "stage") stages[outcome]++;
    if (record.name != "migration") return;
    const bool back = text_of(record, "sluice.direction") == "down";
    migrations[record.failed ? "failed" : back ? "rolled_back" : "applied"]++;
    longest_migration = std::max(longest_migration, seconds_of(record));
    lock_wait += number_of(record, "sluice.lock_wait") / 1000;
    retries += number_of(record, "sluice.retries");
  }
};

std::string label(const std::string& value) {
  std::string out;
  for (const char c : value) out += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
  return "\"" + out + "\"";
}

std::string prometheus(const Numbers& numbers, int exit) {
  std::string out;
  std::string labels = "command=" + label(numbers.command);
  if (!numbers.database.empty()) labels += ",database=" + label(numbers.database) + ",server=" + label(numbers.server);
  auto begin = [&](const char* name, const char* help) {
    out += fmt::format("# HELP sluice_last_run_{} {}\n# TYPE sluice_last_run_{} gauge\n", name, help, name);
  };
  auto sample = [&](const char* name, const std::string& more, const std::string& value) {
    out += fmt::format("sluice_last_run_{}{{{}{}}} {}\n", name, labels, more, value);
  };
  auto one = [&](const char* name, const char* help, double value) {
    begin(name, help);
    sample(name, "", fmt::format("{}", value));
  };
  auto each = [&](const char* name, const char* help, const std::map<std::string, size_t>& counts) {
    if (counts.empty()) return;
    begin(name, help);
    for (const auto& [outcome, count] : counts) sample(name, ",outcome=" + label(outcome), std::to_string(count));
  };
  begin("info", "The program that ran.");
  sample("info", ",version=" + label(std::string(version())), "1");
  begin("end_timestamp_seconds", "When the run ended, in seconds since 1970.");
  sample("end_timestamp_seconds", "", fmt::format("{:.3f}", static_cast<double>(numbers.ended) / 1e9));
  one("duration_seconds", "How long the run took.", numbers.seconds);
  one("success", "1 if the run ended with exit code 0, else 0.", exit == 0 ? 1 : 0);
  one("exit_code", "0 done, 1 error, 2 findings, 3 refused, 130 interrupted.", exit);
  each("migrations", "Migrations that the run applied, rolled back, or failed at.", numbers.migrations);
  each("statements", "Statements of migrations that the run sent.", numbers.statements);
  one("retries", "Steps that were tried again, since they did not get a lock.", numbers.retries);
  one("lock_wait_seconds", "How long statements and pauses waited for locks.", numbers.lock_wait);
  one("longest_migration_seconds", "The time of the longest migration.", numbers.longest_migration);
  each("targets", "Targets of the fleet that the run worked on.", numbers.targets);
  each("stages", "Stages that the deployment worked on.", numbers.stages);
  return out;
}

// ---- all of it

struct Records {
  std::string trace_id;
  int trace_file = -1;
  std::string trace_error;
  Terminal* terminal = nullptr;
  Numbers numbers;
  std::set<std::uint64_t> open;  // the run itself has no parent among them

  void begun(const Record& record) {
    open.insert(record.id);
    numbers.begin(record);
    static const std::set<std::string_view> told{"migration", "wave", "stage"};
    if (terminal->logs() && (told.contains(record.name) || !open.contains(record.parent)))
      terminal->log("info", title(record) + ": begun", members(record));
  }

  void ended(const Record& record) {
    const bool is_run = !open.contains(record.parent);
    open.erase(record.id);
    numbers.add(record);
    if (record.name == "connect" && open.size() == 1) {  // of a command that works on one database
      numbers.server = text_of(record, "server.address");
      if (const std::string port = text_of(record, "server.port"); !port.empty()) numbers.server += ":" + port;
      numbers.database = text_of(record, "db.namespace");
    }
    if (is_run) {
      numbers.seconds = seconds_of(record);
      numbers.ended = record.end;
    }
    if (trace_file >= 0) write(record);
    if (!terminal->logs() || record.name == "statement" || record.name == "connect") return;
    if (record.name == "step" && number_of(record, "sluice.steps") < 2) return;
    Json more = members(record);
    more["duration_ms"] = seconds_of(record) * 1000;
    if (!record.error.empty()) more["error"] = record.error;
    terminal->log(record.failed ? "error" : "info", title(record) + (record.failed ? ": failed" : ": done"), more);
  }

  Json members(const Record& record) const {
    Json out{{"span_id", hex(record.id)}};
    for (const auto& [name, value] : record.attributes) out[name] = json_of(value);
    return out;
  }

  // One write for each line: lines of several runs that share a file do not mix.
  void write(const Record& record) {
    const std::string line =
        without_secrets(otlp(record, trace_id)).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (::write(trace_file, line.data(), line.size()) != static_cast<ssize_t>(line.size()) && trace_error.empty())
      trace_error = std::strerror(errno);
  }
};

Records& records() {
  static Records all;
  return all;
}

// "00-<trace>-<span>-01" of $TRACEPARENT, or nothing.
std::optional<std::pair<std::string, std::uint64_t>> traceparent() {
  const char* given = std::getenv("TRACEPARENT");
  const std::string text = given ? given : "";
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const std::string trace = text.substr(3, 32), span = text.substr(36, 16);
  constexpr const char* digits = "0123456789abcdef";
  if ((trace + span).find_first_not_of(digits) != std::string::npos) return std::nullopt;
  if (trace.find_first_not_of('0') == std::string::npos || span.find_first_not_of('0') == std::string::npos)
    return std::nullopt;
  return std::pair(trace, std::stoull(span, nullptr, 16));
}

// Throws Error if no file can be written there.
void require_directory_of(const std::string& file, const char* flag) {
  const std::filesystem::path directory = std::filesystem::absolute(file).parent_path();
  if (std::filesystem::is_directory(file) || access(directory.c_str(), W_OK) != 0)
    throw Error(std::string(flag) + ": cannot write '" + file + "'",
                {.detail = std::filesystem::is_directory(file) ? "It is a directory." : std::strerror(errno),
                 .state = "Nothing was done."});
}

// Where a value begins behind the word: past blanks, comments, "=", and the quote of OPTIONS ("password" '…').
size_t value_behind(std::string_view text, size_t at) {
  if (at < text.size() && text[at] == '"') at++;
  while (at < text.size()) {
    if (is_space(text[at]) || text[at] == '=') {
      at++;
    } else if (text.substr(at, 2) == "--") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      const size_t end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
    } else {
      break;
    }
  }
  return at;
}

// Where a text of SQL that begins at `at` ends: '…', E'…', U&'…', $tag$…$tag$; `at` if none does.
size_t end_of_literal(std::string_view text, size_t at) {
  if (at < text.size() && text[at] == '$') {
    const size_t tag_end = text.find('$', at + 1);
    if (tag_end == std::string_view::npos) return at;
    const std::string_view tag = text.substr(at, tag_end + 1 - at);
    if (std::any_of(tag.begin() + 1, tag.end() - 1, [](char c) { return is_space(c) || c == '\''; })) return at;
    const size_t end = text.find(tag, tag_end + 1);
    return end == std::string_view::npos ? text.size() : end + tag.size();
  }
  size_t open = at;
  if (open < text.size() && (text[open] == 'E' || text[open] == 'e')) open++;
  if (text.substr(open, 2) == "U&" || text.substr(open, 2) == "u&") open += 2;
  if (open >= text.size() || text[open] != '\'') return at;
  for (size_t end = open + 1; end < text.size(); end++) {
    if (text[end] == '\\') {
      end++;
    } else if (text[end] == '\'') {
      if (end + 1 < text.size() && text[end + 1] == '\'')
        end++;
      else
        return end + 1;
    }
  }
  return text.size();
}

}  // namespace

std::string without_secrets(std::string_view text) {
  std::string out;
  const std::string lower = text::to_lower(text);
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at, 3) == "://") {
      // Up to the last '@' of the URL: this may hide too much, but never too little.
      size_t end = at + 3;
      while (end < text.size() && !is_space(text[end])) end++;
      const std::string_view rest = text.substr(at + 3, end - at - 3);
      const size_t last = rest.rfind('@'), colon = rest.find(':');
      out += "://";
      at += 3;
      if (last != std::string_view::npos && colon < last) {
        out += std::string(rest.substr(0, colon + 1)) + mask;
        at += last;
      }
      continue;
    }
    if (lower.compare(at, 8, "password") != 0) {
      out += text[at++];
      continue;
    }
    out += text.substr(at, 8);
    at += 8;
    const size_t value = value_behind(text, at);
    const bool assigned = text.substr(at, value - at).find('=') != std::string_view::npos;
    const size_t literal_end = end_of_literal(text, value);
    const bool quoted = literal_end > value;
    if (value == at || value == text.size() || (!assigned && !quoted)) continue;
    size_t end = quoted ? literal_end : value + 1;
    while (!quoted && end < text.size() && !is_space(text[end]) && text[end] != '&' && text[end] != '"' &&
           text[end] != '\'')
      end++;
    out += text.substr(at, value - at);
    out += quoted ? std::string("'") + mask + "'" : mask;
    at = end;
  }
  return out;
}

Json without_secrets(Json value) {
  if (value.is_string()) return without_secrets(std::string_view(value.get_ref<const std::string&>()));
  if (value.is_structured())
    for (Json& each : value) each = without_secrets(std::move(each));
  return value;
}

void take_environment(RecordOptions& options) {
  const std::pair<const char*, std::string*> names[] = {
      {"SLUICE_LOG", &options.log}, {"SLUICE_TRACE", &options.trace}, {"SLUICE_METRICS", &options.metrics}};
  for (const auto& [name, value] : names)
    if (const char* given = std::getenv(name); value->empty() && given) *value = given;
  if (!options.log.empty() && options.log != "text" && options.log != "json") {
    const std::string wrong = std::exchange(options.log, "");
    throw Error("SLUICE_LOG is '" + wrong + "'", {.hint = "It is text or json."});
  }
}

void begin_records(const RecordOptions& options, const std::string& command, Terminal& terminal) {
  if (!terminal.logs() && options.trace.empty() && options.metrics.empty()) return;
  Records& all = records();
  all.terminal = &terminal;
  all.numbers.command = command;
  if (auto given = traceparent()) {
    all.trace_id = given->first;
  } else {
    std::random_device random;
    for (int i = 0; i < 4; i++) all.trace_id += fmt::format("{:08x}", random());
  }
  terminal.add_to_log({{"command", command}, {"trace_id", all.trace_id}});
  if (!options.metrics.empty()) require_directory_of(options.metrics, "--metrics");
  if (!options.trace.empty()) {
    require_directory_of(options.trace, "--trace");
    all.trace_file = open(options.trace.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (all.trace_file < 0)
      throw Error("--trace: cannot write '" + options.trace + "'",
                  {.detail = std::strerror(errno), .state = "Nothing was done."});
  }
  trace::collect([&all](const Record& record) { record.end == 0 ? all.begun(record) : all.ended(record); });
}

std::uint64_t parent_of_run() {
  const auto given = traceparent();
  return given ? given->second : 0;
}

std::string environment_of_trace() {
  return trace::collected() ? "TRACEPARENT=00-" + records().trace_id + "-" + hex(trace::current()) + "-01" : "";
}

void end_records(const RecordOptions& options, Exit exit, Terminal& terminal) {
  if (!trace::collected()) return;
  const Records& all = records();
  if (!all.trace_error.empty()) terminal.warning("spans are missing in '" + options.trace + "': " + all.trace_error);
  if (options.metrics.empty()) return;
  try {
    files::write_atomically(options.metrics, prometheus(all.numbers, static_cast<int>(exit)));
  } catch (const Error& error) {  // what was done is done, and its exit code says so
    terminal.warning(std::string("--metrics: ") + error.what());
  }
}

}  // namespace sluice::cli
