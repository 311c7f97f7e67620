// A journal from anywhere: read or refused with an Error, and what was read prints and reads back the same.
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "history/journal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    std::string printed = sluice::history::print_journal(sluice::history::parse_journal(text, "input"));
    if (sluice::history::print_journal(sluice::history::parse_journal(printed, "printed")) != printed) std::abort();
  } catch (const sluice::Error&) {
  }
  return 0;
}
