// The part of a catalog that drizzle has no word for. Private to read/catalog.
#pragma once

#include <string>

#include "read/catalog/reader.hpp"
#include "server/connection.hpp"

namespace sluice::read {

// Adds it to what the reader has so far; `oids` are the schemas to read. A fixed number of queries.
void read_beyond(server::Connection& connection, const std::string& oids, Reader& reader);
// Of that only the domains.
void read_domains(server::Connection& connection, const std::string& oids, Reader& reader);
// After Reader::finish(): what is covered after all is no longer told as not covered.
void finish_beyond(Reader& reader);

}  // namespace sluice::read
