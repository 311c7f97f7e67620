// PostgreSQL 18's parser as it comes: text in, its parse tree as JSON out. Only parse*.cpp look at that tree.
#pragma once

#include <string>
#include <string_view>

namespace sluice::sql {

struct RawParse {
  std::string tree;   // JSON; empty when there is an error
  std::string error;  // PostgreSQL's message: syntax error at or near "x"
  int error_at = 0;   // byte offset of the error, from 0
};

// Never throws for wrong SQL, however wrong. Not from several threads at once: calls wait for each other.
RawParse raw_parse(std::string_view sql);

}  // namespace sluice::sql
