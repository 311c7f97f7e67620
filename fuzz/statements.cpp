// Any file is split into chunks and statements that lie inside it, in order.
#include <cstdint>
#include <cstdlib>

#include "sql/statements.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view file(reinterpret_cast<const char*>(data), size);
  const char* at = file.data();
  for (const sluice::sql::Chunk& chunk : sluice::sql::chunks(file))
    for (const sluice::sql::Statement& statement : sluice::sql::statements(chunk)) {
      if (statement.text.data() < at || statement.text.data() + statement.text.size() > file.data() + size)
        std::abort();
      at = statement.text.data() + statement.text.size();
      sluice::sql::execution(statement);
      sluice::sql::one_line(statement.text, 40);
    }
  return 0;
}
