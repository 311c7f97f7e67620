// What the server tells beside rows and errors, for those few who show SQL that a person typed.
#pragma once

#include <vector>

namespace sluice::server {

struct Details {
  int error_position = 0;              // where the statement is wrong: a character of its text, from 1; 0: nowhere
  std::vector<unsigned> column_types;  // pg_type.oid of each column of its rows
};

// Of the last statement that this thread has run, on whatever connection.
const Details& last_details();

}  // namespace sluice::server
