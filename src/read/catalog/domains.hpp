// A live database with its domains: of all that drizzle has no word for, what a schema in C++ can say.
#pragma once

#include "read/catalog/catalog.hpp"

namespace sluice::read {

// As catalog() without CatalogOptions::beyond, and the domains of the same schemas.
Catalog catalog_with_domains(server::Connection& connection, const CatalogOptions& options);

}  // namespace sluice::read
