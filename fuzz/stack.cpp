// The stack of an exception is what the user's code says it is: any text gives a place in a file of the map, or none.
#include <cstdint>
#include <cstdlib>

#include "read/typescript/source_map.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // {"sources": ["users.ts"], "mappings": "AAAA,IAAI;;AACA"}
  static const sluice::read::SourceMap map = sluice::read::SourceMap::of_bundle(
      "x\n//# sourceMappingURL=data:application/json;base64,"
      "eyJzb3VyY2VzIjpbInVzZXJzLnRzIl0sIm1hcHBpbmdzIjoiQUFBQSxJQUFJOztBQUNBIn0=",
      "/project");
  std::string_view stack(reinterpret_cast<const char*>(data), size);
  sluice::Location at = sluice::read::locate_in_stack(stack, "schema.js", map);
  if (at.known() && (at.file != "/project/users.ts" || at.line < 1 || at.line > 2)) std::abort();
  return 0;
}
