// A connection to a database, and a pool of them. Queries are in sluice/query.hpp.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "sluice/table.hpp"

namespace sluice::pg {

/// How a Database connects, waits and comes back.
struct database_options {
  std::string application_name = "sluice";  ///< shown in pg_stat_activity
  std::chrono::seconds connect_timeout{10};
  /// How long one statement may take; 0: for ever. Then it is cancelled, and the error has is_cancelled().
  std::chrono::milliseconds timeout{0};
  /// A connection that is found broken *before* a statement of its own is opened again, this often, with pauses that
  /// double. A statement that was under way is never run twice: its error has connection_lost. Nor is anything inside
  /// of a transaction.
  int reconnect_attempts = 5;
  std::chrono::milliseconds reconnect_pause{100};
  /// SQL to run on every new connection: "SET search_path = app".
  std::string on_connect;
};

/// What a statement gave. Cells are read by decoders.
class result {
 public:
  result();
  result(result&&) noexcept;
  result& operator=(result&&) noexcept;
  ~result();

  std::size_t rows() const;
  std::size_t columns() const;
  std::string column_name(std::size_t column) const;
  std::optional<std::string> text(std::size_t row, std::size_t column) const;  ///< nothing for NULL
  std::size_t affected() const;  ///< rows that were inserted, updated, deleted

  /// Reads cells `first` … of a row into members.
  void read(std::size_t row, std::size_t first, std::span<void* const> members, const decode* decoders) const;
  bool all_null(std::size_t row, std::size_t first, std::size_t count) const;  ///< no row of an outer join

  struct state;
  explicit result(std::unique_ptr<state> s);

 private:
  std::unique_ptr<state> state_;
};

/// SQL with $1 … and its parameters, as they are sent.
struct finished_statement {
  std::string sql;
  std::vector<std::optional<std::string>> parameters;
};
finished_statement finish(const fragment& statement);

struct notification {
  std::string channel, payload;
  int pid = 0;  ///< of the sender's server process
};

enum class isolation : unsigned char { by_default, read_committed, repeatable_read, serializable };
struct transaction_options {
  isolation level{};
  bool read_only = false, deferrable = false;
  int attempts = 1;  ///< run it again so often after a serialization failure or a deadlock
};

/// Cancels what a Database runs, from another thread. May outlive it.
class Canceller {
 public:
  /// Asks the server to cancel the running statement, which then throws an Error with is_cancelled().
  void cancel() const noexcept;

  struct state;
  explicit Canceller(std::weak_ptr<state> s) : state_(std::move(s)) {}

 private:
  std::weak_ptr<state> state_;
};

template <class Items, class Present, class Nullable>
class select_query;
template <class Table>
class insert_query;
template <class Table, class Reads, class Others, class Nullable>
class update_query;
template <class Table, class Others, class Nullable>
class delete_query;
template <class Query, class... Args>
class prepared;
template <class... Columns>
class copy_writer;
template <class... Columns>
class copy_reader;
template <class Root, class... Relations>
class relational_query;
class Pipeline;
class with_clause;

/// One connection, for one thread at a time. Opened by the constructor.
class Database {
 public:
  /// Connects. The URL is one of libpq, `postgresql://localhost/app`. Throws Error.
  explicit Database(std::string url, database_options options = {});
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  // The queries; each is built by its members and runs at the last one: all(), first(), one(), execute(), returning().
  template <any_table Table>
  insert_query<Table> insert(Table);
  template <class... Items>
  auto select(const Items&... items);
  template <any_table Table>
  auto update(Table);
  template <any_table Table>
  auto delete_from(Table);
  /// Rows of a table with what belongs to them: db.query(tutors).with(many(sessions.tutor_id)).all().
  template <any_table Table>
  relational_query<Table> query(Table);
  /// WITH: db.with(cte).select(…).
  template <class... Ctes>
  with_clause with(const Ctes&... ctes);

  /// SQL of your own: db.sql<std::tuple<std::int64_t, std::string>>("select id, name from t where id = {}", id). A row
  /// is a tuple, a struct whose members are the columns in order, or one value. {} become parameters.
  template <class Row, class... A>
  std::vector<Row> sql(std::string_view statement, const A&... a);
  /// SQL of your own that gives no rows. The number of rows that were changed.
  template <class... A>
  std::size_t execute(std::string_view statement, const A&... a) {
    fragment f;
    detail::append_format(f, statement, a...);
    return run(f).affected();
  }
  /// Several statements without parameters, separated by semicolons.
  void execute_script(const std::string& sql);

  /// Runs f(*this) in a transaction: COMMIT when it returns, ROLLBACK when it throws. Inside of another one it is a
  /// savepoint. Gives what f gives.
  template <class F>
  auto transaction(F f, transaction_options options = {}) {
    for (int attempt = 1;; attempt++) {
      begin(options);
      try {
        if constexpr (std::is_void_v<decltype(f(*this))>) {
          f(*this);
          commit();
          return;
        } else {
          auto out = f(*this);
          commit();
          return out;
        }
      } catch (const Error& error) {
        roll_back();
        if (!error.is_retryable() || attempt >= options.attempts || in_transaction()) throw;
      } catch (...) {
        roll_back();
        throw;
      }
    }
  }
  /// Throws an Error that makes the transaction around it roll back.
  [[noreturn]] void rollback() const;
  bool in_transaction() const;

  /// A statement that is parsed once: db.prepare<Uuid>([&](auto id) { return db.select(t).where(t.id == id); }) is then
  /// called with a value for each placeholder.
  template <class... Args, class F>
  auto prepare(F build);
  /// Statements that are sent together, without waiting for each other.
  Pipeline pipeline();
  /// COPY FROM: auto copy = db.copy_in(t.a, t.b); copy.add(1, "x"); copy.finish();
  template <class... Columns>
  copy_writer<Columns...> copy_in(Columns...);
  /// COPY TO: db.copy_out(t.a, t.b).each([](auto a, auto b) { … });
  template <class... Columns>
  copy_reader<Columns...> copy_out(Columns...);

  /// LISTEN; comes back after a reconnection.
  void listen(const std::string& channel);
  void unlisten(const std::string& channel);
  /// Sends a notification; in a transaction, when it commits.
  void notify(const std::string& channel, const std::string& payload);
  /// The next notification; nothing if none comes in time.
  std::optional<notification> wait_for_notification(std::chrono::milliseconds patience);

  /// The timeout of the statements from now on; 0: none.
  void set_timeout(std::chrono::milliseconds limit);
  Canceller canceller() const;
  const std::string& url() const;
  bool is_connected() const;

  // What the queries are made of.
  result run(const fragment& statement);
  result run_prepared(const std::string& name, const std::string& sql,
                      const std::vector<std::optional<std::string>>& parameters);
  std::string prepare_statement(const std::string& sql);
  std::vector<result> run_pipelined(const std::vector<finished_statement>& statements);
  void copy_in_begin(const std::string& sql);
  void copy_in_put(std::string_view data);
  std::size_t copy_in_finish();
  void copy_in_abandon() noexcept;
  std::size_t copy_out_each(const std::string& sql, const std::function<void(std::string_view)>& line);

 private:
  friend class Pool;
  void begin(const transaction_options& options);
  void commit();
  void roll_back() noexcept;
  bool clean_for_pool() noexcept;
  struct state;
  std::unique_ptr<state> state_;
};

/// A Database that was lent by a Pool, and goes back to it.
class Lease;

struct pool_options {
  std::size_t size = 8;  ///< connections at most
  std::chrono::milliseconds acquire_timeout{30'000};
  database_options database;
};

/// Connections for many threads.
class Pool {
 public:
  /// Connects when a connection is needed.
  explicit Pool(std::string url, pool_options options = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  /// A connection of one's own until the Lease is gone. Waits for one to come back; throws Error if none does in time.
  Lease acquire();
  std::size_t connections() const;  ///< that are open

  struct state;

 private:
  friend class Lease;
  static bool keep(Database& database) noexcept;
  std::shared_ptr<state> state_;
};

class Lease {
 public:
  Lease(Lease&&) noexcept;
  ~Lease();
  Database& operator*() const { return *database_; }
  Database* operator->() const { return database_.get(); }

 private:
  friend class Pool;
  Lease(std::shared_ptr<Pool::state> pool, std::unique_ptr<Database> database);
  std::shared_ptr<Pool::state> pool_;
  std::unique_ptr<Database> database_;
};

}  // namespace sluice::pg
