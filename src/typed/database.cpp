#include "sluice/database.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "server/link.hpp"
#include "typed/error.hpp"

namespace sluice::pg {

using server::Link;

struct result::state {
  server::Result result;
};
result::result() = default;
result::result(std::unique_ptr<state> s) : state_(std::move(s)) {}
result::result(result&&) noexcept = default;
result& result::operator=(result&&) noexcept = default;
result::~result() = default;

std::size_t result::rows() const { return state_->result.rows(); }
std::size_t result::columns() const { return state_->result.columns(); }
std::string result::column_name(std::size_t column) const { return state_->result.column_name(column); }
std::size_t result::affected() const { return state_->result.affected(); }
std::optional<std::string> result::text(std::size_t row, std::size_t column) const {
  const char* value = state_->result.text(row, column);
  if (value == nullptr) return std::nullopt;
  return std::string(value, state_->result.length(row, column));
}

bool result::all_null(std::size_t row, std::size_t first, std::size_t count) const {
  for (std::size_t i = 0; i < count; i++)
    if (state_->result.text(row, first + i) != nullptr) return false;
  return true;
}

void result::read(std::size_t row, std::size_t first, std::span<void* const> members, const decode* decoders) const {
  const server::Result& cells = state_->result;
  if (first + members.size() > cells.columns())
    throw Error("the statement gives " + std::to_string(cells.columns()) + " columns, and its row type has more");
  for (std::size_t i = 0; i < members.size(); i++) {
    const char* value = cells.text(row, first + i);
    if (!decoders[i](members[i], value, value != nullptr ? cells.length(row, first + i) : 0))
      throw Error("column " + cells.column_name(first + i) +
                  " is NULL, and its C++ type has no place for that: use std::optional");
  }
}

finished_statement finish(const fragment& statement) {
  finished_statement out;
  out.sql.reserve(statement.sql.size() + 2 * statement.parameters.size());
  std::size_t n = 0;
  for (char c : statement.sql) {
    if (c == '\0')
      out.sql += '$' + std::to_string(++n);
    else
      out.sql += c;
  }
  out.parameters.reserve(statement.parameters.size());
  for (const parameter& p : statement.parameters) {
    if (p.slot >= 0) throw Error("a placeholder stands outside of a prepared statement: " + out.sql);
    out.parameters.push_back(p.text);
  }
  if (n > 65535)
    throw Error("a statement takes 65535 parameters at most, and this one has " + std::to_string(n) +
                ": insert fewer rows at a time, or use copy_in()");
  return out;
}

// What a Canceller and its Database share: the link that is open now.
struct Canceller::state {
  std::mutex mutex;
  std::unique_ptr<Link> link;
};

void Canceller::cancel() const noexcept {
  if (std::shared_ptr<state> s = state_.lock()) {
    std::lock_guard lock(s->mutex);
    if (s->link) s->link->cancel();
  }
}

struct Database::state {
  std::string url;
  database_options options;
  std::shared_ptr<Canceller::state> shared = std::make_shared<Canceller::state>();
  std::vector<std::string> prepared;  // by their number, to be prepared again on a new connection
  std::set<std::string> here;         // names that are prepared on this one
  std::set<std::string> channels;
  int depth = 0;  // of transactions
  bool copying = false;

  Link& link() { return *shared->link; }

  Link::Deadline deadline() const {
    if (options.timeout.count() == 0) return std::nullopt;
    return Link::Clock::now() + options.timeout;
  }

  void connect() {
    server::Target target;
    target.url = url;
    target.application_name = options.application_name;
    target.connect_timeout = options.connect_timeout;
    auto fresh = std::make_unique<Link>(target);
    // Values come as text in these forms.
    std::string settings;
    if (!fresh->parameter("DateStyle").starts_with("ISO")) settings += "SET datestyle = 'ISO, YMD';";
    if (fresh->parameter("IntervalStyle") != "postgres") settings += "SET intervalstyle = 'postgres';";
    if (!settings.empty()) fresh->execute(settings, std::nullopt);
    if (!options.on_connect.empty()) fresh->execute(options.on_connect, std::nullopt);
    for (const std::string& channel : channels) fresh->execute("LISTEN " + quoted(channel), std::nullopt);
    here.clear();
    std::lock_guard lock(shared->mutex);
    shared->link = std::move(fresh);
  }

  // Before a statement: a connection that is broken is opened again, unless something was under way on it.
  Link& ready() {
    if (copying) throw Error("a COPY is under way on this connection: finish it first");
    if (!link().broken()) return link();
    if (depth > 0) {
      Error error("the connection was lost inside a transaction, which is rolled back");
      error.connection_lost = true;
      throw error;
    }
    auto pause = options.reconnect_pause;
    for (int attempt = 1;; attempt++, pause *= 2) {
      try {
        connect();
        return link();
      } catch (const sluice::Error&) {
        if (attempt >= options.reconnect_attempts) throw;
      }
      std::this_thread::sleep_for(pause);
    }
  }

  static std::string quoted(const std::string& name) {
    fragment f;
    return f.add_name(name).sql;
  }
};

namespace {

std::vector<const char*> pointers(const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> out;
  out.reserve(parameters.size());
  for (const auto& p : parameters) out.push_back(p ? p->c_str() : nullptr);
  return out;
}

result wrapped(server::Result&& r) {
  auto s = std::make_unique<result::state>();
  s->result = std::move(r);
  return result(std::move(s));
}

}  // namespace

Database::Database(std::string url, database_options options) : state_(std::make_unique<state>()) {
  state_->url = std::move(url);
  state_->options = std::move(options);
  typed::translated([&] { state_->connect(); });
}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

result Database::run(const fragment& statement) {
  finished_statement finished = finish(statement);
  return typed::translated(
      [&] { return wrapped(state_->ready().run(finished.sql, pointers(finished.parameters), state_->deadline())); });
}

void Database::execute_script(const std::string& sql) {
  typed::translated([&] { state_->ready().execute(sql, state_->deadline()); });
}

std::string Database::prepare_statement(const std::string& sql) {
  auto found = std::find(state_->prepared.begin(), state_->prepared.end(), sql);
  std::string name = "sluice_" + std::to_string(found - state_->prepared.begin() + 1);
  if (found == state_->prepared.end()) state_->prepared.push_back(sql);
  return name;
}

result Database::run_prepared(const std::string& name, const std::string& sql,
                              const std::vector<std::optional<std::string>>& parameters) {
  return typed::translated([&] {
    Link& link = state_->ready();
    if (!state_->here.contains(name)) {
      link.prepare(name, sql, state_->deadline());
      state_->here.insert(name);
    }
    return wrapped(link.run_prepared(name, sql, pointers(parameters), state_->deadline()));
  });
}

std::vector<result> Database::run_pipelined(const std::vector<finished_statement>& statements) {
  std::vector<Link::Piped> piped;
  for (const finished_statement& s : statements) piped.push_back({s.sql, s.parameters});
  return typed::translated([&] {
    std::vector<result> out;
    for (server::Result& r : state_->ready().run_pipelined(piped, state_->deadline()))
      out.push_back(wrapped(std::move(r)));
    return out;
  });
}

void Database::copy_in_begin(const std::string& sql) {
  typed::translated([&] { state_->ready().copy_in_begin(sql, state_->deadline()); });
  state_->copying = true;
}
void Database::copy_in_put(std::string_view data) {
  typed::translated([&] { state_->link().copy_in_put(data, state_->deadline()); });
}
std::size_t Database::copy_in_finish() {
  state_->copying = false;
  return typed::translated([&] { return state_->link().copy_in_finish(state_->deadline()); });
}
void Database::copy_in_abandon() noexcept {
  state_->copying = false;
  state_->link().copy_in_abandon("given up by the program");
}
std::size_t Database::copy_out_each(const std::string& sql, const std::function<void(std::string_view)>& each) {
  return typed::translated([&] { return state_->ready().copy_out(sql, each, state_->deadline()); });
}

void Database::begin(const transaction_options& options) {
  std::string sql;
  if (state_->depth > 0) {
    sql = "SAVEPOINT sluice_" + std::to_string(state_->depth);
  } else {
    constexpr const char* levels[] = {"", " ISOLATION LEVEL READ COMMITTED", " ISOLATION LEVEL REPEATABLE READ",
                                      " ISOLATION LEVEL SERIALIZABLE"};
    sql = std::string("BEGIN") + levels[static_cast<int>(options.level)] + (options.read_only ? " READ ONLY" : "") +
          (options.deferrable ? " DEFERRABLE" : "");
  }
  execute_script(sql);
  state_->depth++;
}

void Database::commit() {
  if (state_->depth > 1) {
    execute_script("RELEASE SAVEPOINT sluice_" + std::to_string(state_->depth - 1));
  } else {
    // The server answers COMMIT of a failed transaction with a rollback, and no error.
    if (state_->link().in_failed_transaction())
      throw Error("the transaction has failed before, so it is rolled back: an error inside of it was caught");
    execute_script("COMMIT");
  }
  state_->depth--;
}

void Database::roll_back() noexcept {
  int depth = --state_->depth;
  try {
    if (state_->copying) copy_in_abandon();
    if (state_->link().broken()) return;
    std::string savepoint = "sluice_" + std::to_string(depth);
    state_->link().execute(
        depth > 0 ? "ROLLBACK TO SAVEPOINT " + savepoint + "; RELEASE SAVEPOINT " + savepoint : std::string("ROLLBACK"),
        Link::Clock::now() + std::chrono::seconds(30));
  } catch (const std::exception&) {  // the error that brought us here says more
  }
}

void Database::rollback() const { throw Error("the transaction was rolled back by the program"); }
bool Database::in_transaction() const { return state_->depth > 0; }

void Database::listen(const std::string& channel) {
  execute_script("LISTEN " + state::quoted(channel));
  state_->channels.insert(channel);
}
void Database::unlisten(const std::string& channel) {
  execute_script("UNLISTEN " + state::quoted(channel));
  state_->channels.erase(channel);
}
void Database::notify(const std::string& channel, const std::string& payload) {
  execute("select pg_notify({}, {})", channel, payload);
}
std::optional<notification> Database::wait_for_notification(std::chrono::milliseconds patience) {
  return typed::translated([&]() -> std::optional<notification> {
    auto found = state_->ready().notification(Link::Clock::now() + patience);
    if (!found) return std::nullopt;
    return notification{found->channel, found->payload, found->pid};
  });
}

void Database::set_timeout(std::chrono::milliseconds limit) { state_->options.timeout = limit; }
Canceller Database::canceller() const { return Canceller(state_->shared); }
const std::string& Database::url() const { return state_->url; }
bool Database::is_connected() const { return !state_->link().broken(); }

// True if nobody would notice that it was used before.
bool Database::clean_for_pool() noexcept {
  try {
    if (state_->depth > 0 || state_->copying || state_->link().broken()) return false;
    if (state_->link().in_transaction()) state_->link().execute("ROLLBACK", state_->deadline());
    if (!state_->channels.empty()) {
      state_->channels.clear();
      state_->link().execute("UNLISTEN *", state_->deadline());
    }
    return !state_->link().broken();
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace sluice::pg
