#include "sluice/version.hpp"

namespace sluice {

// SLUICE_VERSION is the version in CMakeLists.txt.
std::string_view version() { return SLUICE_VERSION; }

}  // namespace sluice
