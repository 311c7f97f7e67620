// A schema that a program prints: one that is declared in C++ (include/sluice/schema.hpp) is compiled to such a
// program.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "model/schema.hpp"

namespace sluice::read {

// What `schema` in the configuration begins with when it names a program: "cpp:build/app_schema".
inline constexpr std::string_view program_prefix = "cpp:";

// Runs the program and reads the snapshot that it prints. Throws Error if there is none, if it fails (with what it
// said), or if it prints something else. It is run as it is: no compiler is started.
model::Schema program_schema(const std::filesystem::path& program);
// What such a program prints, as a schema; `name` is for errors.
model::Schema printed_schema(const std::string& printed, const std::string& name);

}  // namespace sluice::read
