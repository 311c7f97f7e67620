#include "server/connection.hpp"

#include <poll.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "base/interrupt.hpp"
#include "server/connection_errors.hpp"
#include "server/connection_open.hpp"
#include "server/copy.hpp"
#include "server/details.hpp"
#include "server/libpq.hpp"
#include "server/place.hpp"

namespace sluice::server {

namespace {

using Clock = std::chrono::steady_clock;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, Clear>;

struct Notice {
  std::string severity, message;
};

thread_local Details details;

Rows rows_of(const PGresult* result) {
  Rows rows;
  rows.command_tag = PQcmdStatus(const_cast<PGresult*>(result));
  int columns = PQnfields(result), count = PQntuples(result);
  details.column_types.clear();
  for (int c = 0; c < columns; c++) {
    rows.columns.emplace_back(PQfname(result, c));
    details.column_types.push_back(PQftype(result, c));
  }
  rows.rows.resize(static_cast<size_t>(count));
  for (int r = 0; r < count; r++) {
    std::vector<std::optional<std::string>>& row = rows.rows[static_cast<size_t>(r)];
    row.resize(static_cast<size_t>(columns));
    for (int c = 0; c < columns; c++)
      if (!PQgetisnull(result, r, c))
        row[static_cast<size_t>(c)].emplace(PQgetvalue(result, r, c), static_cast<size_t>(PQgetlength(result, r, c)));
  }
  return rows;
}

bool is_copy(ExecStatusType status) {
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

Error copy_error(ExecStatusType status, std::string_view sql) {
  ErrorContext context;
  context.statement = sql;
  context.hint = "Use INSERT, or COPY with a file that the server can read.";
  if (status == PGRES_COPY_OUT) context.detail = "What stands after it in the same text may have run.";
  return Error(status == PGRES_COPY_OUT ? "COPY … TO STDOUT cannot run here: nobody takes its rows"
                                        : "COPY … FROM STDIN cannot run here: only psql can send its rows",
               context);
}

Error interrupted(const std::string& detail, std::string_view sql) {
  ErrorContext context;
  context.exit = Exit::interrupted;
  context.sqlstate = "57014";
  context.statement = sql;
  context.detail = detail;
  return Error("interrupted", context);
}

}  // namespace

struct Connection::State {
  PgConnection connection;
  std::vector<Notice> notices;  // as libpq's callback found them; the handler is called outside of libpq
  std::function<void(std::string_view, std::string_view)> handler;
  std::optional<bool> pooled;
  bool abandoned = false;       // left in the middle of a statement
  bool interrupt_told = false;  // an interrupt has been thrown once, or shall be ignored

  PGconn* pg() const { return connection.get(); }
  bool broken() const { return abandoned || PQstatus(pg()) != CONNECTION_OK; }

  static void collect_notice(void* self, const PGresult* result) {
    const char* severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message) static_cast<State*>(self)->notices.push_back({severity ? severity : "NOTICE", message});
  }

  void deliver_notices() {
    try {
      for (const Notice& notice : std::exchange(notices, {}))
        if (handler) handler(notice.severity, notice.message);
    } catch (...) {
      abandoned = true;  // results are still to come
      throw;
    }
  }

  using Visit = std::function<void(size_t, const Rows&)>;
  using Source = std::function<bool(std::string&)>;

  template <class Send>
  Rows run(std::string_view sql, Send send, const Source* copy_data = nullptr, const Visit* visit = nullptr);
};

namespace {

// One call to the server, from sending to the last result.
class Execution {
 public:
  Execution(PGconn* connection, std::string_view sql, bool& abandoned, bool& interrupt_told)
      : connection_(connection), sql_(sql), abandoned_(abandoned), interrupt_told_(interrupt_told) {}

  // Sends what libpq still holds; takes what arrives meanwhile, since a server that cannot write stops reading.
  void flush() {
    while (PQflush(connection_) == 1)
      if (wait(POLLIN | POLLOUT)) PQconsumeInput(connection_);
  }

  // The next result, or nothing after the last one.
  template <class BetweenReads>
  PgResult next(BetweenReads between_reads) {
    while (PQisBusy(connection_)) {
      if (!wait(POLLIN)) continue;
      // After a failure PQgetResult still gives what was received before it, such as the server's farewell.
      if (!PQconsumeInput(connection_)) break;
      between_reads();
    }
    return PgResult(PQgetResult(connection_));
  }

  // Ends a COPY, so that the server goes on to an error or to the end.
  void refuse_copy(ExecStatusType status) {
    if (status != PGRES_COPY_OUT) {
      while (PQputCopyEnd(connection_, "COPY FROM STDIN is not possible here") == 0) wait(POLLOUT);
      return flush();
    }
    send_cancel();
    for (char* data = nullptr;;) {
      int length = PQgetCopyData(connection_, &data, 1);
      if (length < 0) return;
      if (length > 0) PQfreemem(data);
      if (length == 0 && wait(POLLIN) && !PQconsumeInput(connection_)) return;
    }
  }

  // The rows of a COPY FROM STDIN. What the server thinks of them comes with the next result.
  void send_copy(const std::function<bool(std::string&)>& next) {
    std::string data;
    for (bool more = true; more && !cancelled_;) {
      data.clear();
      more = next(data);
      note_interrupt();
      if (!cancelled_ && !send_piece(data)) return;
    }
    while (PQputCopyEnd(connection_, cancelled_ ? "interrupted" : nullptr) == 0) wait(POLLOUT);
    flush();
  }

  bool cancelled_by_interrupt() const { return cancelled_; }

 private:
  // False if the connection is lost.
  bool send_piece(std::string_view data) {
    constexpr size_t piece = 1 << 16;
    for (size_t at = 0; at < data.size(); at += piece) {
      std::string_view part = data.substr(at, piece);
      for (;;) {
        int sent = PQputCopyData(connection_, part.data(), static_cast<int>(part.size()));
        if (sent < 0) return false;
        if (sent > 0) break;
        if (wait(POLLIN | POLLOUT)) PQconsumeInput(connection_);
      }
    }
    return true;
  }

  void note_interrupt() {
    if (interrupt_told_ || cancelled_ || !interrupt::requested()) return;
    send_cancel();
    cancelled_ = true;
    give_up_at_ = Clock::now() + std::chrono::seconds(10);
  }

  bool wait(short events) {
    bool ready = wait_for_socket(connection_, events);
    note_interrupt();
    if (cancelled_ && !ready && Clock::now() > give_up_at_) {
      abandoned_ = interrupt_told_ = true;
      throw interrupted("The server did not confirm the cancellation; process " +
                            std::to_string(PQbackendPID(connection_)) + " may still be at work.",
                        sql_);
    }
    return ready;
  }

  // If it fails we find out by the missing answer.
  void send_cancel() {
    std::array<char, 256> reason{};
    PGcancel* cancel = PQgetCancel(connection_);
    if (cancel) PQcancel(cancel, reason.data(), static_cast<int>(reason.size()));
    PQfreeCancel(cancel);
  }

  PGconn* connection_;
  std::string_view sql_;
  bool& abandoned_;
  bool& interrupt_told_;
  bool cancelled_ = false;
  Clock::time_point give_up_at_;
};

}  // namespace

template <class Send>
Rows Connection::State::run(std::string_view sql, Send send, const Source* copy_data, const Visit* visit) {
  if (broken()) throw Error("the connection to " + server::describe(pg()) + " is broken");
  if (!interrupt_told && interrupt::requested()) {
    interrupt_told = true;
    interrupt::check();
  }
  if (sql.find('\0') != std::string_view::npos) throw Error("the SQL text contains a zero byte");
  details.error_position = 0;
  Execution execution(pg(), sql, abandoned, interrupt_told);
  if (!send()) {
    if (broken()) throw connection_lost(pg(), server::describe(pg()), sql);
    throw Error(PQerrorMessage(pg()));
  }
  execution.flush();

  std::optional<Error> error;
  std::exception_ptr thrown;        // by the visitor: the results that are still to come are taken first
  std::exception_ptr no_more_rows;  // thrown by the source of a COPY
  std::optional<ExecStatusType> copy;
  PgResult last;
  int finished = 0;
  while (PgResult result = execution.next([this] { deliver_notices(); })) {
    ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN && copy_data) {
      try {
        execution.send_copy(*std::exchange(copy_data, nullptr));
      } catch (...) {
        if (abandoned) throw;
        no_more_rows = std::current_exception();
        execution.refuse_copy(status);
      }
    } else if (is_copy(status)) {
      if (!copy) copy = status;
      execution.refuse_copy(status);
    } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      bool lost = PQstatus(pg()) != CONNECTION_OK && !PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      if (error) continue;
      error = lost ? connection_lost(pg(), server::describe(pg()), sql) : statement_error(result.get(), sql, finished);
      const char* position = PQresultErrorField(result.get(), PG_DIAG_STATEMENT_POSITION);
      details.error_position = position ? std::atoi(position) : 0;
    } else {
      if (visit && !thrown) try {
          (*visit)(size_t(finished), rows_of(result.get()));
        } catch (...) {
          thrown = std::current_exception();
        }
      finished++;
      last = std::move(result);
    }
  }
  deliver_notices();
  if (copy) throw copy_error(*copy, sql);
  if (error && error->context.sqlstate == "57014" && execution.cancelled_by_interrupt()) {
    interrupt_told = true;
    throw interrupted("The server has cancelled the statement.", sql);
  }
  if (no_more_rows) std::rethrow_exception(no_more_rows);
  if (error) throw *error;
  if (thrown) std::rethrow_exception(thrown);
  return last && !visit ? rows_of(last.get()) : Rows{};
}

const Details& last_details() { return details; }

Connection::Connection(const Target& target) : state_(std::make_unique<State>()) {
  state_->connection = open_connection(target);
  PQsetnonblocking(state_->pg(), 1);
  PQsetNoticeReceiver(state_->pg(), &State::collect_notice, state_.get());
  if (version() < 140000) return;
  // One round trip for two things: is there a pooler between, and (only if not: behind one the setting would stay with
  // other clients) let the server notice within 2 s when we are gone, instead of going on for hours.
  const std::string pid = std::to_string(backend_pid());
  try {
    Rows rows = execute("SELECT pg_catalog.pg_backend_pid(), CASE pg_catalog.pg_backend_pid() WHEN " + pid +
                        " THEN pg_catalog.set_config('client_connection_check_interval', '2s', false) END");
    state_->pooled = rows.text(0, 0) != pid;
  } catch (const Error& error) {
    if (broken() || error.context.exit == Exit::interrupted) throw;  // otherwise: a server that has no such setting
  }
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Rows Connection::execute(std::string_view sql) {
  const std::string terminated(sql);
  return state_->run(terminated, [&] { return PQsendQuery(state_->pg(), terminated.c_str()) != 0; });
}

void Connection::execute_each(std::string_view sql, const std::function<void(size_t number, const Rows& rows)>& visit) {
  const std::string terminated(sql);
  state_->run(
      terminated, [&] { return PQsendQuery(state_->pg(), terminated.c_str()) != 0; }, nullptr, &visit);
}

Rows Connection::query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> values;
  for (const std::optional<std::string>& parameter : parameters) {
    if (parameter && parameter->find('\0') != std::string::npos) throw Error("a text parameter contains a zero byte");
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  return state_->run(sql, [&] {
    return PQsendQueryParams(state_->pg(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                             nullptr, nullptr, 0) != 0;
  });
}

// The rows of the copy_in() that runs in this thread: Connection's own one has all of them at once.
thread_local const std::function<bool(std::string&)>* copy_source = nullptr;

size_t Connection::copy_in(const std::string& sql, std::string_view data) {
  const std::function<bool(std::string&)> whole = [&](std::string& rows) {
    rows = data;
    return false;
  };
  const std::function<bool(std::string&)>* source = copy_source ? copy_source : &whole;
  Rows rows = state_->run(
      sql, [&] { return PQsendQuery(state_->pg(), sql.c_str()) != 0; }, source);
  size_t space = rows.command_tag.rfind(' ');  // "COPY 3"
  return space == std::string::npos ? 0 : std::stoul(rows.command_tag.substr(space + 1));
}

size_t copy_in(Connection& connection, const std::string& sql, const std::function<bool(std::string&)>& next) {
  struct Source {
    explicit Source(const std::function<bool(std::string&)>* source) { copy_source = source; }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source() { copy_source = nullptr; }
  } source(&next);
  return connection.copy_in(sql, {});
}

int Connection::version() const { return PQserverVersion(state_->pg()); }
int Connection::backend_pid() const { return PQbackendPID(state_->pg()); }

bool Connection::behind_transaction_pooler() {
  if (!state_->pooled)
    state_->pooled = execute("SELECT pg_catalog.pg_backend_pid()").text(0, 0) != std::to_string(backend_pid());
  return *state_->pooled;
}

std::string Connection::describe() const { return server::describe(state_->pg()); }
bool Connection::broken() const { return state_->broken(); }
bool Connection::ignore_interrupts(bool ignore) { return std::exchange(state_->interrupt_told, ignore); }

void Connection::reset_session() {
  // RESET ALL leaves out the two identities (PostgreSQL documentation of RESET).
  bool own_settings = version() >= 140000 && !state_->pooled.value_or(true);
  execute(std::string("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL") +
          (own_settings ? "; SET client_connection_check_interval = '2s'" : ""));
}

Place Connection::place() const {
  auto text = [](const char* value) { return std::string(value ? value : ""); };
  const PGconn* pg = state_->pg();
  return place_of_connection(text(PQhost(pg)), text(PQhostaddr(pg)), text(PQport(pg)), text(PQdb(pg)));
}

bool Connection::is_local() const {
  const char* host = PQhost(state_->pg());
  const char* address = PQhostaddr(state_->pg());
  std::string_view at = address && *address ? address : host ? host : "";
  return at.empty() || at.front() == '/' || at == "::1" || at == "localhost" || at.starts_with("127.");
}

bool Connection::in_transaction() const {
  PGTransactionStatusType status = PQtransactionStatus(state_->pg());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

void Connection::on_notice(std::function<void(std::string_view, std::string_view)> handler) {
  state_->handler = std::move(handler);
}

Transaction::Transaction(Connection& connection, std::string_view begin) : connection_(connection) {
  connection_.execute(begin);
}

Transaction::~Transaction() {
  // Twice: a cancellation that was on its way may hit the first one, or an interrupt be told by it.
  for (int attempt = 0; attempt < 2 && !done_ && !connection_.broken() && connection_.in_transaction(); attempt++) {
    try {
      connection_.execute("ROLLBACK");
    } catch (const std::exception&) {
      // The server rolls back by itself when the connection closes.
    }
  }
}

void Transaction::commit() {
  Rows rows = connection_.execute("COMMIT");
  done_ = true;
  if (rows.command_tag != "COMMIT")
    throw Error("the transaction was rolled back, because a statement in it had failed");
}

}  // namespace sluice::server
