#include "sluice/version.hpp"

#include "base/sluice_build.hpp"

namespace sluice {

// SLUICE_VERSION is the version in CMakeLists.txt; cmake/build_data.cmake writes the others.
std::string_view version() { return SLUICE_VERSION; }

std::string_view build_data() {
  return "  revision " SLUICE_REVISION "\n  build    " SLUICE_BUILD "\n  parts    " SLUICE_PARTS;
}

}  // namespace sluice
