// libpq's failures turned into one clear message each: what failed, where, and the next step. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "server/connection_text.hpp"
#include "server/libpq.hpp"

namespace sluice::server {

// "localhost:5432", or the directory of a unix socket.
std::string address_of(const PGconn* connection);
std::string describe(const PGconn* connection);

// Why no connection came about. `connection` has been given up, with PQERRORS_VERBOSE set before it was tried.
Error connection_error(const PGconn* connection, const Settings& settings);
Error connection_timeout(const PGconn* connection, int seconds);

// A statement that the server refused. `finished` is the number of statements before it in the same text.
Error statement_error(const PGresult* result, std::string_view sql, int finished);
// The connection broke while `sql` ran.
Error connection_lost(const PGconn* connection, const std::string& where, std::string_view sql);

}  // namespace sluice::server
