// The head of a request from anywhere: read or refused, and never a guard that lets it through without the session.
#include <cstdint>
#include <cstdlib>

#include "studio/guard.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::studio;
  static const Guard guard(4983);
  const auto request = parse_head(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!request) return 0;
  if (request->path.starts_with("/api/") && request->path != "/api/session" && !guard.refuse(*request)) std::abort();
  if (!guard.refuse(*request) && request->header("host") != "127.0.0.1:4983" &&
      request->header("host") != "localhost:4983")
    std::abort();
  return 0;
}
