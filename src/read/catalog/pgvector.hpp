// pgvector on a server that has it not installed: an extension of its name with types, functions and operators that are
// read and written as its own are. Its indexes have no stand-in.
#pragma once

#include <string>

#include "server/connection.hpp"

namespace sluice::read {

// True if the server has the files of pgvector, in use or not.
bool has_pgvector(server::Connection& connection);

// One statement on one line that makes it, unless there is one: in the schema, or in public where that is not there.
// Needs a superuser: it is for scratch servers.
std::string pgvector_stand_in(const std::string& schema);
// Throws Error where the schema is not there.
void make_pgvector_stand_in(server::Connection& connection, const std::string& schema);

}  // namespace sluice::read
