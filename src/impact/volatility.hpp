// Does an expression give the same value for every row of a statement? A default that does is kept once in the catalog
// by ADD COLUMN; one that does not is computed for every row, which rewrites the table.
#pragma once

#include "ddl/catalog.hpp"

namespace sluice::impact {

// True if it may give another value for each row. A function that nobody declared counts as such, as PostgreSQL's own
// default does. `function` is the one to blame.
struct Volatility {
  bool is_volatile = false, known = true;
  std::string function;
};
Volatility volatility(const ddl::Catalog& catalog, const sql::Expression& expression);

}  // namespace sluice::impact
