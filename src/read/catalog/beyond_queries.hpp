// The queries of read/catalog/beyond. Each takes $1, the oids of the schemas to read. Private to read/catalog.
#pragma once

#include <string>

namespace sluice::read::queries {

// name, schema
extern const char* const extensions;
// schema, name, definition
extern const char* const collations;
// schema, name, type, collation, default, not null, checks (JSON of [name, definition])
extern const char* const domains;
// schema, name, attributes (JSON of [name, type])
extern const char* const composites;
// schema, name, definition
extern const char* const ranges;
// schema, name, kind, definition, arguments, result, defaults, follows relations
extern const char* const functions;
// schema, table, partition key, parents (JSON), unlogged, forced, options (JSON), tablespace, access method, replica
// identity, is partition, parent of the partition, bound
extern const char* const table_parts;
// schema, table, column, inherited, collation, storage, compression, statistics
std::string column_parts(int version);
// schema, table, name, kind, definition: constraints that drizzle has not all the words for
std::string constraint_parts(int version);
// schema, table, name: constraints that come from a parent table
extern const char* const inherited_constraints;
// schema, table, name, definition
std::string index_parts(int version);
// schema, table, name, definition, enabled
extern const char* const triggers;
// schema, table, name, definition
extern const char* const rules;
// schema, name, definition, relation, target
extern const char* const statistics;
// schema, name, type, owned by
extern const char* const sequence_parts;
// name, definition
extern const char* const event_triggers;
// name, definition
std::string publications(int version);
// schema, relation, name, text
extern const char* const comments;
// schema, relation, object, grantee, privileges (JSON), grantable (JSON)
extern const char* const grants;
// kind, schema, table, name, detail
extern const char* const beyond_not_covered;

}  // namespace sluice::read::queries
