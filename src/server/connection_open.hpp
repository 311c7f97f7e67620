// Opens a libpq connection without blocking, so that Ctrl-C and the timeout work. Private to this room.
#pragma once

#include <memory>

#include "server/connection.hpp"
#include "server/connection_text.hpp"
#include "server/libpq.hpp"

namespace sluice::server {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PgConnection = std::unique_ptr<PGconn, Finish>;

// Throws Error; never gives a connection that is not ready.
PgConnection open_connection(const Target& target);

// Waits until the connection's socket is ready for `events` (poll's); at most 100 ms, so that callers can look for an
// interrupt. True if it is ready.
bool wait_for_socket(const PGconn* connection, short events);

}  // namespace sluice::server
