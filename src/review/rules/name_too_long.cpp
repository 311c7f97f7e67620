// PostgreSQL cuts names to 63 bytes without an error: two of them can become the same.
#include <set>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/statements.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  constexpr size_t longest = 63;
  std::set<std::string> said;
  for (const std::string& word : sql::words_of(step.statement().text))
    if (word.size() > longest && word.find_first_of(" \n") == std::string::npos && said.insert(word).second) {
      const size_t at = step.statement().text.find(word);
      report.add("the name " + word + " has " + std::to_string(word.size()) + " bytes",
                 at == std::string_view::npos ? -1 : step.statement().at + static_cast<int>(at));
    }
}

}  // namespace

const Rule name_too_long{
    "SL408",           "name-too-long",
    Level::warning,    "PostgreSQL cuts names to 63 bytes without an error: two of them can become the same.",
    "A shorter name.", check};

}  // namespace sluice::review
