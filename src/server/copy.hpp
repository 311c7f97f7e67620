// COPY whose rows are made while the server takes those before. Apart from connection.hpp, since nearly every file
// includes that and only one copies so.
#pragma once

#include <functional>
#include <string>

#include "server/connection.hpp"

namespace sluice::server {

// COPY … FROM STDIN: `sql` is the statement. `next` appends rows in COPY's text format to what it is given and says
// whether there are more. Gives the number of rows. What `next` throws ends the COPY and comes out again; Ctrl-C is
// obeyed between two calls of it, too.
size_t copy_in(Connection& connection, const std::string& sql, const std::function<bool(std::string& rows)>& next);

}  // namespace sluice::server
