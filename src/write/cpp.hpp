// A Schema as the C++ that a person would have written for include/sluice/. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/schema.hpp"

namespace sluice::write {

struct Cpp {
  std::string header;               // schema.hpp
  std::vector<std::string> tables;  // what sluice_schema(… TABLES …) is given: everything, qualified
  std::vector<std::string> notes;   // what C++ has no word for, one sentence each
};

// What a schema program prints of the header is `schema` again.
Cpp cpp(const model::Schema& schema, const std::string& space = "db");

}  // namespace sluice::write
