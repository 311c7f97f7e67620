// The statements of schema files, with their places. Private to read/sql.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "read/sql/sql.hpp"

namespace sluice::read {

struct SqlStatement {
  std::string text;
  Location at;
};

struct SqlStatements {
  std::vector<SqlStatement> statements;
  std::vector<std::string> roles;  // that the files create, and so belong to the schema
};

// Throws Error with diagnostics for what the parser does not understand and for what does not belong into a schema.
SqlStatements schema_statements(const std::vector<SqlFile>& files);

}  // namespace sluice::read
