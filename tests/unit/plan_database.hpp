// Databases for the tests of `plan`: built from a schema, filled with rows, compared by their catalogs.
#pragma once

#include <string>
#include <vector>

#include "model/schema.hpp"
#include "plan/plan.hpp"
#include "server/connection.hpp"

namespace sluice::tests {

// A new database on a scratch server of this process; gone, with every role of the server, at the end. One at a time
// if roles matter: they belong to the whole server.
class Database {
 public:
  Database();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  server::Connection& connection() { return connection_; }

  // As migrate runs it: one transaction, except for what cannot stand in one. Empty, or the statement and its error.
  std::string run(const std::vector<plan::Statement>& statements);
  // The SQLSTATE of the error that run() gave last.
  const std::string& sqlstate() const { return sqlstate_; }

  // One line for each fact, and the roles. `schema` is what the database should be: of its views with a star the
  // columns are compared and not their order, which is that of the table. A column that comes back stands last there.
  std::string catalog(const model::Schema& schema);

 private:
  server::Connection connection_;
  std::string sqlstate_;
};

// Puts two rows into every table that can take them, parents before children. Gives the number of filled tables.
size_t fill(const model::Schema& schema, server::Connection& connection);
// A value of the column for row `n`, as SQL; empty: leave it to the database.
std::string made_up(const model::Column& column, int n, const model::Schema& schema);

// The number of rows of each table that is in both.
std::string row_counts(const model::Schema& before, const model::Schema& after, server::Connection& connection);

// The lines that are in one of the texts only.
std::string difference(const std::string& found, const std::string& wanted);

// A number from the environment: SEED, PAIRS.
unsigned long number_from(const char* variable, unsigned long otherwise);

}  // namespace sluice::tests
