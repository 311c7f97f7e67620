#include "sluice/version.hpp"

namespace sluice {

// SLUICE_VERSION is the version in CMakeLists.txt; build_data() is in a source that cmake/build_data.cmake writes.
std::string_view version() { return SLUICE_VERSION; }

}  // namespace sluice
