// What a statement does to a catalog. Pure: no server, no files.
#pragma once

#include "ddl/catalog.hpp"
#include "sql/parse.hpp"

namespace sluice::ddl {

// The catalog after the statement, which is known as `number` in what it makes. A statement about something that is
// not there changes nothing: the server would refuse it, and saying so is the business of others.
void fold(Catalog& catalog, const sql::ParsedStatement& statement, int number);

// The transaction ends: enum values that were added in it can be used.
void commit(Catalog& catalog);

// Everything that was made by a numbered statement counts as there before: a new file begins.
void forget_numbers(Catalog& catalog);

}  // namespace sluice::ddl
