// A schema that is declared in C++, as the model that everything else works with.
#pragma once

#include "model/schema.hpp"
#include "sluice/schema.hpp"

namespace sluice::typed {

// Throws pg::Error for what the compiler could not see: two objects of one name, a reference to a column that is not
// there.
model::Schema to_model(const pg::schema_definition& schema);

}  // namespace sluice::typed
