// SQL from the splitter to the rules: the text is reviewed as a migration after a small schema, and after itself.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "review/review.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::string_view before =
      "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE r (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, a "
      "text, m mood, "
      "r_id int REFERENCES r (id)); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t;";
  const std::string text(reinterpret_cast<const char*>(data), size);
  sluice::review::Options options;
  options.version = 13 + static_cast<int>(size % 6);
  options.supabase = size % 2 == 1;
  sluice::review::Reviewer reviewer(options);
  reviewer.pass(before);
  reviewer.review("0000_a.sql", text);
  reviewer.review("0001_b.sql", text);
  return 0;
}
