// A live database → Schema, spelled as drizzle's snapshot spells it. The number of queries is fixed, however many
// tables there are. PostgreSQL 13 to 18.
#pragma once

#include <string>
#include <vector>

#include "model/schema.hpp"
#include "server/connection.hpp"

namespace sluice::read {

// Which roles belong to the schema, as drizzle.config's `entities.roles` says it. System roles, superusers and the role
// that is connected never do.
struct RoleFilter {
  bool all = false;                           // roles: true, or a provider
  std::vector<std::string> include, exclude;  // names; `include` counts when `all` is false
};

struct CatalogOptions {
  std::vector<std::string> schemas{"public"};  // exact names; empty: all but the system's and those of extensions
  std::vector<std::string> without_schemas;    // never these
  std::vector<std::string> tables;             // tablesFilter: globs for tables and views, "!glob" for what is left out
  RoleFilter roles;
  std::vector<model::Key> hidden;  // tables and views that belong to a tool, such as the ledger
  // Policies on these tables are kept apart, also where the tables themselves are not read: {schema, "", table}.
  std::vector<model::Key> policies_of;
  bool beyond = false;    // also what drizzle has no word for; else it is told as not covered
  bool domains = false;   // of that only the domains, which a schema in C++ can say
  bool tell_all = false;  // without `beyond`: also name what neither drizzle nor SQL as a schema language can say
};

// Something that the database has and the model cannot hold.
struct NotCovered {
  std::string kind;    // "function", "trigger", "exclusion constraint", …
  model::Key key;      // what it is, or the object that has it
  std::string detail;  // a few words for a person; may be empty
  // True if the model holds the object itself, and only this about it is missing: a table that is partitioned.
  bool partly = false;
};

struct Catalog {
  model::Schema schema;
  std::vector<NotCovered> not_covered;
  // Policies on the tables of CatalogOptions::policies_of, with `linked_to` empty and the table in their keys.
  std::vector<model::Policy> policies_elsewhere;
};

// Reads all of it in one read-only transaction, or in the one that is open. Throws Error as Connection does.
Catalog catalog(server::Connection& connection, const CatalogOptions& options = {});

// True if tablesFilter lets the table or view pass: some pattern says yes, and none no. As in drizzle-kit "!glob" says
// yes to all that glob does not match, and no to the rest; "glob" says nothing about the rest.
bool passes(const std::vector<std::string>& table_filter, const std::string& name);

}  // namespace sluice::read
