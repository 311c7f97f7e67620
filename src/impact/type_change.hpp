// What ALTER COLUMN … TYPE does to the rows: PostgreSQL's own rules (parse_coerce.c, ATColumnChangeRequiresRewrite and
// the support functions that leave out a cast that changes nothing), for versions 13 to 18.
#pragma once

#include <string>

#include "ddl/catalog.hpp"

namespace sluice::impact {

enum class TypeChange {
  metadata,     // the catalog only
  index,        // indexes on the column are built anew, the rows stay
  rewrite,      // the table is rewritten, and every index with it
  needs_using,  // refused without USING; with it a rewrite
  impossible,   // no cast, with or without USING
};

struct TypeVerdict {
  TypeChange change = TypeChange::rewrite;
  bool can_fail = false;    // on values that are there: too long, out of range, not a number …
  bool can_lose = false;    // values may be rounded or cut without an error
  std::string unindexable;  // the new type has no default btree operators: indexes of the column refuse it
};

// `utc`: the session's TimeZone is UTC, where timestamp and timestamptz have the same bytes.
TypeVerdict judge_type_change(const ddl::Catalog& catalog, const sql::TypeName& from, const sql::TypeName& to,
                              int version, bool utc);

// True if a column of the type checks each value: a domain with a constraint, at any depth.
bool is_constrained_domain(const ddl::Catalog& catalog, const sql::TypeName& type);
// The type under the domains.
sql::TypeName base_type(const ddl::Catalog& catalog, const sql::TypeName& type);

}  // namespace sluice::impact
