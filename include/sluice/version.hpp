// The version of the library that is linked, for example "0.1.0".
#pragma once

#include <string_view>

namespace sluice {

std::string_view version();

// What the library was built from and with, for a person, in lines: the git revision
// ("unknown" in a copy without git, "+" if files were changed), the kind of build and the compiler, and the versions of
// the parts that are inside.
std::string_view build_data();

}  // namespace sluice
