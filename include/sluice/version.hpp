// The version of the library that is linked, for example "0.1.0".
#pragma once

#include <string_view>

namespace sluice {

std::string_view version();

}  // namespace sluice
