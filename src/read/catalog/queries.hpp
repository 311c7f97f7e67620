// The catalog queries. Each takes $1, the oids of the schemas to read, unless it says otherwise. Private to
// read/catalog.
#pragma once

#include <string>

namespace sluice::read::queries {

// oid, name of every schema that is not the system's or an extension's.
extern const char* const namespaces;
// schema, name, labels (JSON)
extern const char* const enums;
// schema, name, kind, row security, forced, options (JSON), access method, tablespace, definition, partition, inherits,
// unlogged
extern const char* const relations;
// schema, table, kind, name, type, dimensions, list, type kind, type name, type schema, of an extension, not null,
// default, identity, generated, collation
extern const char* const columns;
// schema, table, name, kind, columns (JSON), target schema, target table, target columns (JSON), on delete, on update,
// expression, deferrable, valid, no inherit, match full, nulls not distinct, columns set, includes
std::string constraints(int version);
// schema, table, name, unique, method, predicate, options (JSON), columns (JSON of {text, column, opclass, options}),
// includes, nulls not distinct, valid, collation
std::string indexes(int version);
// schema, name, start, increment, min, max, cache, cycle, owner schema, owner table, owner column, dependency, nextval
extern const char* const sequences;
// schema, table, name, permissive, command, roles (JSON), using, with check
extern const char* const policies;
// name, create db, create role, inherit, system (superuser, connected, pg_…); takes nothing
extern const char* const roles;
// Where Citus is: schema, table, method, replication model, column, group, shards unless as many as a new table gets,
// made by Citus itself
extern const char* const distribution;
// kind, schema, table, name, detail
extern const char* const not_covered;

}  // namespace sluice::read::queries
