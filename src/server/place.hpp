// Where a connection really leads. Private to server; connection.hpp has what others ask.
#pragma once

#include "server/connection.hpp"

namespace sluice::server {

// What libpq says of an open connection, as a Place.
Place place_of_connection(const std::string& host, const std::string& address, const std::string& port,
                          const std::string& database);

}  // namespace sluice::server
