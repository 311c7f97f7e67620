// SQL from the splitter to the rules: the text is reviewed as a migration after a small schema, rewritten into its safe
// form, and reviewed after itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "review/fix.hpp"
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
  const sluice::ddl::Catalog catalog = reviewer.catalog();
  const sluice::review::FileReview reviewed = reviewer.review("0000_a.sql", text);
  // The safe form of what can be read can be read, and its way back too.
  sluice::review::Fix fix = sluice::review::fix(catalog, reviewed, text, {size % 3 ? "" : "3s", "a"});
  if (reviewed.parsed.failures.empty()) {
    for (const sluice::review::FixedFile& file : fix.files) {
      if (!sluice::sql::parse(file.text).failures.empty()) std::abort();
      for (const std::string& statement : file.down)
        if (!sluice::sql::parse(statement).failures.empty()) std::abort();
    }
    if (!sluice::sql::parse(sluice::review::fixed_down(text, fix)).failures.empty()) std::abort();
  }
  reviewer.review("0001_b.sql", text, true);
  return 0;
}
