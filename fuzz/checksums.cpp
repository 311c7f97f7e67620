// Any meta/_sluice.sum is read, and what was read from an unbroken one prints the same lines.
#include <cstdint>
#include <cstdlib>

#include "history/checksums.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  int broken = 0;
  auto migrations = sluice::history::parse_checksums({reinterpret_cast<const char*>(data), size}, broken);
  int broken_now = 0;
  auto again = sluice::history::parse_checksums(sluice::history::print_checksums(migrations), broken_now);
  if (broken_now != 0 || again.size() != migrations.size()) std::abort();
  return 0;
}
