// What PostgreSQL makes of a schema: it is built in a trial database and read back.
#pragma once

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "read/catalog/catalog.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// The catalog of a database that was built from `schema`, with stand-ins for what the schema leans on in the database
// that `connection` leads to. Nothing stays behind. Throws Error with the statement that PostgreSQL does not take.
read::Catalog read_back(server::Connection& connection, const server::Target& target, const Config& config,
                        const model::Schema& schema, Terminal& terminal);

// How many locks a transaction holds that makes it, about.
size_t locks_of(const model::Schema& schema);

}  // namespace sluice::cli
