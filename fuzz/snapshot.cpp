// A snapshot from anywhere: read or refused with an Error, and what was read prints and reads back the same.
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "model/snapshot.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    std::string printed = sluice::model::print_snapshot(sluice::model::parse_snapshot(text, "input"));
    if (sluice::model::print_snapshot(sluice::model::parse_snapshot(printed, "printed")) != printed) std::abort();
  } catch (const sluice::Error&) {
  }
  return 0;
}
