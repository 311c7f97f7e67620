// What a schema leans on in a database without declaring it: extensions, types, functions, and tables that its foreign
// keys, policies and views name. As statements that make stand-ins for it in an empty database.
#pragma once

#include <string>
#include <vector>

#include "model/schema.hpp"
#include "server/connection.hpp"

namespace sluice::read {

struct Surroundings {
  std::string search_path;
  std::vector<std::string> before;  // schemas, extensions, types, functions
  std::vector<std::string> tables;  // stand-ins for tables and views, after the schema's own types
  std::vector<std::string> roles;   // that policies name
};

// `everything`: all extensions and functions, not only those that some word of the schema names. A fixed number of
// queries. Any of the statements may fail: what could not be made is perhaps not needed.
Surroundings surroundings(server::Connection& connection, const model::Schema& schema, bool everything);

}  // namespace sluice::read
