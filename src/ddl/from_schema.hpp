// A Schema (a snapshot, a live database) as a catalog that statements can be folded over.
#pragma once

#include <string_view>

#include "ddl/catalog.hpp"
#include "model/schema.hpp"

namespace sluice::ddl {

Catalog from_schema(const model::Schema& schema);
// As far as the statements of `sql` can have to do with it: of the tables only those that it may name, by themselves or
// by what belongs to them, and those that these refer to, are referred to by, or are partitions of. Reading the
// definition of every table of a large schema takes longer than all the rest of a migration.
Catalog from_schema(const model::Schema& schema, std::string_view sql);

}  // namespace sluice::ddl
