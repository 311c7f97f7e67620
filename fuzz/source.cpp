// What is looked for in the text of a user's TypeScript file, which need not be TypeScript at all.
#include <cstdint>
#include <cstdlib>

#include "base/text.hpp"
#include "read/typescript/declaration.hpp"
#include "read/typescript/module_syntax.hpp"
#include "read/typescript/star_exports.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view source(reinterpret_cast<const char*>(data), size);
  const int lines = sluice::text::line_of(source, size);
  for (const char* name : {"users", "default", "$", ""})
    if (sluice::read::line_of_export(source, name) > lines) std::abort();
  if (sluice::read::line_of_any(source, {"email", "users"}, "users") > lines) std::abort();
  sluice::read::imports_to_requires(source, sluice::read::star_exports(source));
  sluice::read::imports_to_requires(source, {"drizzle-orm/pg-core"});
  return 0;
}
