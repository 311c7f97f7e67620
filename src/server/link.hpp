// A connection for programs that are written with the library (include/sluice/database.hpp): results stay where libpq
// has them, statements can be prepared and pipelined, every wait has a deadline. The commands use Connection instead,
// which obeys Ctrl-C.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "server/connection.hpp"

struct pg_result;

namespace sluice::server {

// What a statement was refused for, with the parts that programs look at.
struct Refusal : Error {
  using Error::Error;
  std::string constraint, schema, table, column;
  bool connection_lost = false;
};

struct ClearResult {
  void operator()(pg_result* result) const;
};

class Result {
 public:
  Result() = default;
  explicit Result(pg_result* result) : result_(result) {}

  size_t rows() const;
  size_t columns() const;
  std::string column_name(size_t column) const;
  // The cell's text, or null; valid as long as the result is.
  const char* text(size_t row, size_t column) const;
  size_t length(size_t row, size_t column) const;
  // Rows that INSERT, UPDATE, DELETE or COPY changed; those of a SELECT.
  size_t affected() const;

 private:
  friend class Link;
  std::unique_ptr<pg_result, ClearResult> result_;
};

struct Notification {
  std::string channel, payload;
  int pid = 0;
};

// Parameters as text; null is NULL.
using Parameters = std::span<const char* const>;

class Link {
 public:
  using Clock = std::chrono::steady_clock;
  using Deadline = std::optional<Clock::time_point>;

  explicit Link(const Target& target);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // One statement with parameters, or several statements without. Past the deadline the statement is cancelled; if the
  // server does not even answer that, the link is broken. Throws Refusal.
  Result run(const std::string& sql, Parameters parameters, Deadline deadline);
  void execute(const std::string& sql, Deadline deadline);
  void prepare(const std::string& name, const std::string& sql, Deadline deadline);
  Result run_prepared(const std::string& name, const std::string& sql, Parameters parameters, Deadline deadline);

  // Statements that are sent without waiting for each other's results, as one transaction unless one is open.
  struct Piped {
    std::string sql;
    std::vector<std::optional<std::string>> parameters;
  };
  // The results in order. Throws Refusal of the first statement that failed; the ones behind it did not run.
  std::vector<Result> run_pipelined(const std::vector<Piped>& statements, Deadline deadline);

  // COPY … FROM STDIN: begin, any number of put, finish. An exception between them must be followed by abandon.
  void copy_in_begin(const std::string& sql, Deadline deadline);
  void copy_in_put(std::string_view data, Deadline deadline);
  size_t copy_in_finish(Deadline deadline);
  void copy_in_abandon(const char* why) noexcept;
  // COPY … TO STDOUT: calls line with each line, its end included.
  size_t copy_out(const std::string& sql, const std::function<void(std::string_view line)>& line, Deadline deadline);

  // The next notification, waiting for it until the deadline; nothing if none came.
  std::optional<Notification> notification(Deadline deadline);

  // Asks the server to cancel what runs. From any thread, while the link exists.
  void cancel() noexcept;

  bool broken() const;
  bool in_transaction() const;
  bool in_failed_transaction() const;
  std::string parameter(const char* name) const;  // of the session, as the server reported it
  int backend_pid() const;
  int version() const;

 private:
  struct State;
  Result collect(std::string_view sql, Deadline deadline);
  pg_result* next(std::string_view sql, Deadline deadline);
  void wait(short events, std::string_view sql, Deadline deadline);
  [[noreturn]] void lost(std::string_view sql);
  std::unique_ptr<State> state_;
};

}  // namespace sluice::server
