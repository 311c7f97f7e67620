#include "server/databases.hpp"

#include <chrono>
#include <thread>

#include "base/interrupt.hpp"
#include "base/text.hpp"

namespace sluice::server {

namespace {

using std::chrono::milliseconds;

constexpr const char* in_use = "55006";  // object_in_use

std::string quoted(const std::string& name) { return "\"" + text::replace_all(name, "\"", "\"\"") + "\""; }

// A session that has just ended is still counted for a moment, and CREATE DATABASE itself waits 5 s for it.
template <class Action>
void retry_while_in_use(int attempts, Action action) {
  for (int attempt = 1;; attempt++) {
    try {
      return action();
    } catch (const Error& error) {
      if (error.context.sqlstate != in_use || attempt >= attempts) throw;
    }
    interrupt::check();
    std::this_thread::sleep_for(milliseconds(100));
  }
}

// The lock under which a template is filled: one for each name, held by this connection.
class TemplateLock {
 public:
  TemplateLock(Connection& connection, const Template& wanted) : connection_(connection) {
    key_ = connection.query("SELECT pg_catalog.hashtextextended($1, 7103)", {wanted.name}).text(0, 0);
    // Tried, not waited for, so that Ctrl-C is heard between two tries.
    for (bool told = false; !try_lock(); told = true) {
      if (!told && wanted.waiting) wanted.waiting(wanted.name);
      interrupt::check();
      std::this_thread::sleep_for(milliseconds(25));
    }
  }
  ~TemplateLock() {
    try {
      if (!connection_.broken()) connection_.execute("SELECT pg_catalog.pg_advisory_unlock(" + key_ + ")");
    } catch (const std::exception&) {
      // It ends with the connection.
    }
  }
  TemplateLock(const TemplateLock&) = delete;
  TemplateLock& operator=(const TemplateLock&) = delete;

 private:
  bool try_lock() {
    return connection_.execute("SELECT pg_catalog.pg_try_advisory_lock(" + key_ + ")").text(0, 0) == "t";
  }

  Connection& connection_;
  std::string key_;
};

}  // namespace

std::vector<Database> databases(Connection& connection, const std::string& name_prefix) {
  Rows rows = connection.query(
      "SELECT datname, pg_catalog.pg_database_size(oid), pg_catalog.shobj_description(oid, 'pg_database') "
      "FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname::text, $1) ORDER BY oid",
      {name_prefix});
  std::vector<Database> out;
  for (size_t i = 0; i < rows.size(); i++)
    out.push_back({rows.text(i, 0), std::stoll(rows.text(i, 1)), rows.text(i, 2)});
  return out;
}

bool database_exists(Connection& connection, const std::string& name) {
  return !connection.query("SELECT FROM pg_catalog.pg_database WHERE datname = $1", {name}).empty();
}

void end_sessions(Connection& connection, const std::string& database) {
  connection.query(
      "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
      "WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()",
      {database});
}

void copy_database(Connection& connection, const std::string& source, const std::string& name, const std::string& owner,
                   bool end_others) {
  std::string sql = "CREATE DATABASE " + quoted(name) + " TEMPLATE " + quoted(source);
  if (!owner.empty()) sql += " OWNER " + quoted(owner);
  // A program that connects again at once may be faster than one attempt.
  retry_while_in_use(end_others ? 5 : 1, [&] {
    if (end_others) end_sessions(connection, source);
    connection.execute(sql);
  });
}

void rename_database(Connection& connection, const std::string& from, const std::string& to) {
  retry_while_in_use(20, [&] {
    end_sessions(connection, from);
    connection.execute("ALTER DATABASE " + quoted(from) + " RENAME TO " + quoted(to));
  });
}

void drop_database(Connection& connection, const std::string& name) {
  connection.execute("DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)");
}

bool ensure_template(Connection& connection, const Template& wanted) {
  if (database_exists(connection, wanted.name)) return false;
  TemplateLock lock(connection, wanted);
  if (database_exists(connection, wanted.name)) return false;
  // Under another name until it is complete, so that a half of it is never taken for the whole. What a killed process
  // has left is dropped.
  const std::string building = wanted.name + "_new";
  drop_database(connection, building);
  retry_while_in_use(5, [&] { copy_database(connection, wanted.source, building); });
  try {
    wanted.fill(building);
    connection.execute("ALTER DATABASE " + quoted(building) + " ALLOW_CONNECTIONS false");
    rename_database(connection, building, wanted.name);
  } catch (...) {
    try {
      connection.ignore_interrupts();
      drop_database(connection, building);
    } catch (const std::exception&) {
      // The next attempt drops it.
    }
    throw;
  }
  return true;
}

}  // namespace sluice::server
