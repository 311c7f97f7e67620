// Any .env file gives names without white space around them.
#include <cstdint>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/dotenv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& [name, value] : sluice::cli::parse_dotenv({reinterpret_cast<const char*>(data), size}))
    if (sluice::text::trim(name) != name) std::abort();
  return 0;
}
