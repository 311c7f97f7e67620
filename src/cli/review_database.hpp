// A review with a database at hand: how large the tables are, and whether the rows that a statement fears are there.
#pragma once

#include "review/review.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// Raises and lowers the findings by what the database says: a lock on a table of a few pages is a note, rows that would
// make a statement fail are an error with their number, and none of them a note.
void weigh(review::FileReview& file, server::Connection& connection);

}  // namespace sluice::cli
