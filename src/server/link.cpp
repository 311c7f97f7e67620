#include "server/link.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "server/connection_errors.hpp"
#include "server/connection_open.hpp"
#include "server/libpq.hpp"

namespace sluice::server {

namespace {

using namespace std::chrono_literals;

std::string field(const PGresult* result, int code) {
  const char* value = PQresultErrorField(result, code);
  return value != nullptr ? value : "";
}

Refusal refusal(const PGresult* result, std::string_view sql) {
  Error error = statement_error(result, sql, 0);
  Refusal out(error.what(), error.context);
  out.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  out.schema = field(result, PG_DIAG_SCHEMA_NAME);
  out.table = field(result, PG_DIAG_TABLE_NAME);
  out.column = field(result, PG_DIAG_COLUMN_NAME);
  return out;
}

bool failed(const PGresult* result) {
  ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

void ClearResult::operator()(pg_result* result) const { PQclear(result); }

size_t Result::rows() const { return static_cast<size_t>(PQntuples(result_.get())); }
size_t Result::columns() const { return static_cast<size_t>(PQnfields(result_.get())); }
std::string Result::column_name(size_t column) const { return PQfname(result_.get(), static_cast<int>(column)); }
const char* Result::text(size_t row, size_t column) const {
  const char* value = PQgetvalue(result_.get(), static_cast<int>(row), static_cast<int>(column));
  // NULL comes as an empty text; only that needs a second question.
  if (value != nullptr && *value == '\0' &&
      PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0)
    return nullptr;
  return value;
}
size_t Result::length(size_t row, size_t column) const {
  return static_cast<size_t>(PQgetlength(result_.get(), static_cast<int>(row), static_cast<int>(column)));
}
size_t Result::affected() const {
  const char* text = result_ ? PQcmdTuples(result_.get()) : "";
  return *text != '\0' ? std::strtoull(text, nullptr, 10) : 0;
}

struct Link::State {
  PgConnection connection;
  std::mutex cancelling;
  std::unique_ptr<PGcancel, void (*)(PGcancel*)> cancel{nullptr, [](PGcancel* c) { PQfreeCancel(c); }};
  bool broken = false;
  bool timed_out = false;
};

Link::Link(const Target& target) : state_(std::make_unique<State>()) {
  state_->connection = open_connection(target);
  PQsetErrorVerbosity(state_->connection.get(), PQERRORS_DEFAULT);
  PQsetNoticeReceiver(
      state_->connection.get(), [](void*, const PGresult*) {}, nullptr);
  state_->cancel.reset(PQgetCancel(state_->connection.get()));
}
Link::~Link() = default;

bool Link::broken() const { return state_->broken || PQstatus(state_->connection.get()) == CONNECTION_BAD; }
bool Link::in_transaction() const { return PQtransactionStatus(state_->connection.get()) != PQTRANS_IDLE; }
bool Link::in_failed_transaction() const { return PQtransactionStatus(state_->connection.get()) == PQTRANS_INERROR; }
int Link::backend_pid() const { return PQbackendPID(state_->connection.get()); }
int Link::version() const { return PQserverVersion(state_->connection.get()); }
std::string Link::parameter(const char* name) const {
  const char* value = PQparameterStatus(state_->connection.get(), name);
  return value != nullptr ? value : "";
}

void Link::cancel() noexcept {
  char message[256];
  std::lock_guard lock(state_->cancelling);
  if (state_->cancel) PQcancel(state_->cancel.get(), message, sizeof message);
}

void Link::lost(std::string_view sql) {
  state_->broken = true;
  Error error = connection_lost(state_->connection.get(), describe(state_->connection.get()), sql);
  Refusal out(error.what(), error.context);
  out.connection_lost = true;
  throw out;
}

// Waits for the socket. At the deadline the server is asked to cancel, and gets five seconds to say so.
void Link::wait(short events, std::string_view sql, Deadline deadline) {
  PGconn* connection = state_->connection.get();
  for (;;) {
    int timeout = -1;
    if (deadline) {
      auto left =
          std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now() + (state_->timed_out ? 5000ms : 0ms));
      if (left <= 0ms) {
        if (state_->timed_out) {
          state_->broken = true;
          Refusal out("the server did not answer in time, and not to the request to cancel either",
                      {.statement = std::string(sql)});
          out.connection_lost = true;
          throw out;
        }
        state_->timed_out = true;
        cancel();
        continue;
      }
      timeout = static_cast<int>(std::min<std::int64_t>(left.count(), 1 << 30));
    }
    pollfd fd{PQsocket(connection), events, 0};
    if (fd.fd < 0) lost(sql);
    int ready = poll(&fd, 1, timeout);
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) lost(sql);
  }
}

pg_result* Link::next(std::string_view sql, Deadline deadline) {
  PGconn* connection = state_->connection.get();
  while (PQisBusy(connection) != 0) {
    wait(POLLIN, sql, deadline);
    if (PQconsumeInput(connection) == 0) lost(sql);
  }
  PGresult* result = PQgetResult(connection);
  if (result == nullptr && PQstatus(connection) == CONNECTION_BAD) lost(sql);
  return result;
}

// The last result of what was sent, or the first refusal.
Result Link::collect(std::string_view sql, Deadline deadline) {
  state_->timed_out = false;
  Result last, first_failure;
  while (pg_result* raw = next(sql, deadline)) {
    Result result(raw);
    ExecStatusType status = PQresultStatus(raw);
    if (failed(raw) && !first_failure.result_) first_failure = std::move(result);
    last = std::move(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) break;  // the rest comes after the data
  }
  if (!first_failure.result_) return last;
  if (PQstatus(state_->connection.get()) == CONNECTION_BAD) lost(sql);
  throw refusal(first_failure.result_.get(), sql);
}

Result Link::run(const std::string& sql, Parameters parameters, Deadline deadline) {
  if (PQsendQueryParams(state_->connection.get(), sql.c_str(), static_cast<int>(parameters.size()), nullptr,
                        parameters.data(), nullptr, nullptr, 0) == 0)
    lost(sql);
  return collect(sql, deadline);
}

void Link::execute(const std::string& sql, Deadline deadline) {
  if (PQsendQuery(state_->connection.get(), sql.c_str()) == 0) lost(sql);
  collect(sql, deadline);
}

void Link::prepare(const std::string& name, const std::string& sql, Deadline deadline) {
  if (PQsendPrepare(state_->connection.get(), name.c_str(), sql.c_str(), 0, nullptr) == 0) lost(sql);
  collect(sql, deadline);
}

Result Link::run_prepared(const std::string& name, const std::string& sql, Parameters parameters, Deadline deadline) {
  if (PQsendQueryPrepared(state_->connection.get(), name.c_str(), static_cast<int>(parameters.size()),
                          parameters.data(), nullptr, nullptr, 0) == 0)
    lost(sql);
  return collect(sql, deadline);
}

std::vector<Result> Link::run_pipelined(const std::vector<Piped>& statements, Deadline deadline) {
  PGconn* connection = state_->connection.get();
  std::vector<Result> out;
  if (statements.empty()) return out;
  state_->timed_out = false;
  // Not blocking: while we send, the server may already want to be rid of results.
  PQsetnonblocking(connection, 1);
  if (PQenterPipelineMode(connection) == 0) lost(statements.front().sql);
  Result failure;
  size_t failed_at = 0;
  try {
    for (const Piped& statement : statements) {
      std::vector<const char*> values;
      for (const auto& p : statement.parameters) values.push_back(p ? p->c_str() : nullptr);
      if (PQsendQueryParams(connection, statement.sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                            nullptr, nullptr, 0) == 0)
        lost(statement.sql);
    }
    if (PQpipelineSync(connection) == 0) lost(statements.front().sql);
    while (int pending = PQflush(connection)) {
      if (pending < 0) lost(statements.front().sql);
      wait(POLLIN | POLLOUT, statements.front().sql, deadline);
      if (PQconsumeInput(connection) == 0) lost(statements.front().sql);
    }
    for (size_t i = 0; i < statements.size(); i++) {
      Result result(next(statements[i].sql, deadline));
      while (pg_result* more = next(statements[i].sql, deadline)) PQclear(more);
      if (result.result_ && failed(result.result_.get()) && !failure.result_) {
        failed_at = i;
        failure = std::move(result);
      } else {
        out.push_back(std::move(result));
      }
    }
    PQclear(next("", deadline));  // the sync
  } catch (...) {
    state_->broken = true;  // in the middle of a pipeline there is no way back
    throw;
  }
  PQexitPipelineMode(connection);
  PQsetnonblocking(connection, 0);
  if (failure.result_) throw refusal(failure.result_.get(), statements[failed_at].sql);
  return out;
}

void Link::copy_in_begin(const std::string& sql, Deadline deadline) {
  if (PQsendQuery(state_->connection.get(), sql.c_str()) == 0) lost(sql);
  collect(sql, deadline);
}

void Link::copy_in_put(std::string_view data, Deadline) {
  if (PQputCopyData(state_->connection.get(), data.data(), static_cast<int>(data.size())) <= 0) lost("COPY");
}

size_t Link::copy_in_finish(Deadline deadline) {
  if (PQputCopyEnd(state_->connection.get(), nullptr) <= 0) lost("COPY");
  return collect("COPY", deadline).affected();
}

void Link::copy_in_abandon(const char* why) noexcept {
  try {
    if (PQputCopyEnd(state_->connection.get(), why) > 0) collect("COPY", std::nullopt);
  } catch (const std::exception&) {  // that is how it ends
  }
}

size_t Link::copy_out(const std::string& sql, const std::function<void(std::string_view line)>& line,
                      Deadline deadline) {
  PGconn* connection = state_->connection.get();
  if (PQsendQuery(connection, sql.c_str()) == 0) lost(sql);
  collect(sql, deadline);
  bool reading = true;
  try {
    for (;;) {
      char* data = nullptr;
      int size = PQgetCopyData(connection, &data, 1);
      if (size > 0) {
        std::unique_ptr<char, void (*)(char*)> owner(data, [](char* p) { PQfreemem(p); });
        line({data, static_cast<size_t>(size)});
        continue;
      }
      if (size == -2) lost(sql);
      if (size == -1) break;
      wait(POLLIN, sql, deadline);
      if (PQconsumeInput(connection) == 0) lost(sql);
    }
    reading = false;
    return collect(sql, deadline).affected();
  } catch (...) {
    if (reading && !state_->broken) {  // the caller has enough
      cancel();
      try {
        char* data = nullptr;
        for (int size = 0; (size = PQgetCopyData(connection, &data, 0)) > 0;) PQfreemem(data);
        collect(sql, std::nullopt);
      } catch (const std::exception&) {  // that it was cancelled
      }
    }
    throw;
  }
}

std::optional<Notification> Link::notification(Deadline deadline) {
  PGconn* connection = state_->connection.get();
  for (;;) {
    if (PQconsumeInput(connection) == 0) lost("LISTEN");
    if (PGnotify* raw = PQnotifies(connection)) {
      std::unique_ptr<PGnotify, void (*)(PGnotify*)> owner(raw, [](PGnotify* p) { PQfreemem(p); });
      return Notification{raw->relname, raw->extra != nullptr ? raw->extra : "", raw->be_pid};
    }
    int timeout = -1;
    if (deadline) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
      if (left <= 0ms) return std::nullopt;
      timeout = static_cast<int>(std::min<std::int64_t>(left.count(), 1 << 30));
    }
    pollfd fd{PQsocket(connection), POLLIN, 0};
    if (fd.fd < 0) lost("LISTEN");
    if (poll(&fd, 1, timeout) < 0 && errno != EINTR) lost("LISTEN");
  }
}

}  // namespace sluice::server
