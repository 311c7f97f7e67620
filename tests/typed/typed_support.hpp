// Databases for the tests of the C++ library.
#pragma once

#include <string>

#include "sluice/schema.hpp"

namespace sluice::typed {

// A new database with everything that the schema declares, made by the plan that `generate` would write.
std::string database_with(const pg::schema_definition& schema);
// What the server has, read back, differs in nothing from the declaration: not even after one more plan.
void expect_read_back(const pg::schema_definition& schema, const std::string& url);

}  // namespace sluice::typed
