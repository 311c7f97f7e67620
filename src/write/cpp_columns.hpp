// One column as C++. Private to `write`.
#pragma once

#include <string>

#include "write/cpp_names.hpp"

namespace sluice::write {

// What the types that sluice::pg does not know are called, by their SQL.
using CustomTypes = std::map<std::string, std::string>;

// varchar("email", 255).not_null(): without what are other objects of the model.
std::string cpp_column(const model::Column& column, CppNames& names, CustomTypes& custom);
// {.start_with = 5}: what is not the default for that type ("" for a sequence); empty if nothing is.
std::string cpp_sequence_options(const model::SequenceOptions& options, const std::string& type);
// True if the C++ values of both columns have the same type, so that one may refer to the other.
bool same_cpp_type(const model::Column& a, const model::Column& b);

}  // namespace sluice::write
