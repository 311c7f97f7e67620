// One connection to a PostgreSQL server. No other header in the project includes libpq.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace sluice::server {

// A result in text form. NULL is an empty optional.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::string command_tag;

  bool empty() const { return rows.empty(); }
  size_t size() const { return rows.size(); }
  // The value, or "" for NULL.
  std::string text(size_t row, size_t column) const { return rows[row][column].value_or(""); }
};

// What to connect to. Anything left empty comes from libpq's defaults (PGHOST, PGPASSFILE, … are honoured).
struct Target {
  std::string url;                           // postgresql://… or a libpq "key=value" text
  std::string application_name = "sluice";   // shown in pg_stat_activity
  std::string database;                      // when not empty: instead of the URL's
  std::chrono::seconds connect_timeout{10};  // per address
  std::string search_path = {};              // when not empty: the session's own, also after reset_session()
};

// The URL with its password replaced by "***", for messages.
std::string without_password(const std::string& url);

// Where a URL leads, with libpq's defaults as far as the URL itself says nothing; all names of this machine are
// "localhost".
struct Place {
  std::string host, port, database;

  bool operator==(const Place&) const = default;
};
Place place_of(const std::string& url);
// The same for a text with several hosts.
std::vector<Place> places_of(const std::string& url);

// True if both lead to one database: the same host (all names of this machine are one), port and name. Reads the texts
// only; leads_to() knows more.
bool same_database(const std::string& url, const std::string& other);
// True if the URL may lead to where a connection has led (Connection::place): other names of the host are looked up.
bool leads_to(const std::string& url, const Place& found);

// The port of a URL with one host.
std::optional<int> port_of(const std::string& url);

// A connection text for psql's --dbname and the password apart from it: arguments stand in the process list.
struct PsqlTarget {
  std::string text, password;
};
PsqlTarget for_psql(const std::string& url);

// The same place and credentials, another database: a URL stays a URL, with its parameters.
std::string with_database(const std::string& url, const std::string& database);

class Connection {
 public:
  // Throws Error with a message that says which part failed (unreachable, password, database, TLS) and the next step.
  explicit Connection(const Target& target);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  // Runs one or more statements with the simple protocol (as psql does) and gives the last one's rows. Throws Error
  // with SQLSTATE, detail, hint and, in context.at.line, the line inside `sql` that the server pointed at.
  Rows execute(std::string_view sql);
  // The same for many statements in one trip to the server: `visit` gets the rows of each as they come, while the
  // server goes on with the next one.
  void execute_each(std::string_view sql, const std::function<void(size_t number, const Rows& rows)>& visit);
  // Runs one statement with text parameters ($1 …).
  Rows query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters);

  // COPY … FROM STDIN: `sql` is the statement, `data` all of its rows in COPY's text format. Gives the number of rows.
  size_t copy_in(const std::string& sql, std::string_view data);

  // Undoes every SET (role, search_path, timeouts …) of what was run before. Outside a transaction.
  void reset_session();

  // The server's version as a number: 150018 for 15.18.
  int version() const;
  // The process id that the protocol gave us, and true if a pooler in transaction mode stands between: then the server
  // process that answers is another one (SAFETY 6.3, measured with PgBouncer 1.18).
  int backend_pid() const;
  bool behind_transaction_pooler();
  // "database "app" at localhost:54322" for messages.
  std::string describe() const;
  // True if the server is on this machine: a unix socket or a loopback address.
  bool is_local() const;
  // Where it has led, whatever of that the URL said.
  Place place() const;
  // True inside a transaction block (also a failed one).
  bool in_transaction() const;
  bool broken() const;
  // Called for every NOTICE and WARNING: severity, message. By default they are dropped.
  void on_notice(std::function<void(std::string_view severity, std::string_view message)> handler);

  // An interrupt (Ctrl-C) while a statement runs asks the server to cancel it; when the server has confirmed, the call
  // throws with Exit::interrupted. A statement that finishes all the same gives its result as usual. An interrupt
  // between two statements stops the next one before it is sent. After it was told once, the connection runs statements
  // again, so that the caller can tidy up; ignore_interrupts() says from the start that this is tidying up. Gives what
  // was so before.
  bool ignore_interrupts(bool ignore = true);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// BEGIN … COMMIT; rolls back unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Connection& connection, std::string_view begin = "BEGIN");
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  // Throws if the transaction had failed: then the server answers COMMIT with a rollback and without an error.
  void commit();

 private:
  Connection& connection_;
  bool done_ = false;
};

}  // namespace sluice::server
