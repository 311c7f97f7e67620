// A Schema (a snapshot, a live database) as a catalog that statements can be folded over.
#pragma once

#include "ddl/catalog.hpp"
#include "model/schema.hpp"

namespace sluice::ddl {

Catalog from_schema(const model::Schema& schema);

}  // namespace sluice::ddl
