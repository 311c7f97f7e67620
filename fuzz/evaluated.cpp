// What the engine says about a schema, whose code may have changed anything that makes it: understood or refused with
// an Error, and what is kept of it between runs is read back the same.
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "read/typescript/schema_result.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto locate = [](const std::string&) { return sluice::Location{}; };
  sluice::read::parse_kept(text);
  try {
    sluice::read::SchemaJson schema = sluice::read::parse_result(text, {"no/users.ts", "no/sessions.ts"}, locate);
    schema.json = text;
    std::string kept = sluice::read::print_kept(schema);
    auto again = sluice::read::parse_kept(kept);
    if (!again || sluice::read::print_kept(*again) != kept) std::abort();
  } catch (const sluice::Error&) {
  }
  return 0;
}
