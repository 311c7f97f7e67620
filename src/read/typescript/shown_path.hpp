// Paths as a person wants to see them.
#pragma once

#include <exception>
#include <string>

#include "base/error.hpp"

namespace sluice::read {

// Relative to the working directory if it is inside of it, else as it is.
std::string shown_path(const std::string& path);
void show_paths(ErrorContext& context);

}  // namespace sluice::read
