// Any sluice.toml is read or refused with an Error.
#include <cstdint>

#include "base/error.hpp"
#include "cli/settings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    sluice::cli::parse_settings({reinterpret_cast<const char*>(data), size}, "sluice.toml");
  } catch (const sluice::Error&) {
  }
  return 0;
}
