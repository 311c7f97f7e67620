// Any file is split into chunks and statements that lie inside it, in order; and so into what psql would make of it.
#include <cstdint>
#include <cstdlib>

#include "sql/psql.hpp"
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
  at = file.data();
  int line = 0;
  for (const sluice::sql::PsqlPart& part : sluice::sql::psql_parts(file)) {
    if (part.text.data() < at || part.line < line) std::abort();
    at = part.text.data() + part.text.size();
    line = part.line;
    if (part.kind == sluice::sql::PsqlPart::Kind::copy) {
      if (part.data.data() < at) std::abort();
      at = part.data.data() + part.data.size();
    }
    if (at > file.data() + size) std::abort();
  }
  return 0;
}
