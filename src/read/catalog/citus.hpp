// What Citus (an extension that spreads tables over servers) knows of a database's tables; and, for servers without it,
// functions of the same names that only note what they are told, where the reader finds it as it finds the real thing.
#pragma once

#include <string>
#include <string_view>

#include "server/connection.hpp"

namespace sluice::read {

// True if the SQL calls one of Citus's functions or makes the extension.
bool speaks_of_citus(std::string_view sql);

// Makes the stand-ins in the database, unless it has them or Citus. Needs a superuser: it is for scratch servers.
void make_citus_stand_in(server::Connection& connection);
// The text with blanks in the place of CREATE EXTENSION citus: on a cluster every server has it before there are
// tables, a scratch server never has it, since it must be loaded when a server starts.
std::string without_citus_extension(std::string_view sql);

}  // namespace sluice::read
