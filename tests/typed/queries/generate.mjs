// The C++ sides of cases.txt as a program. node generate.mjs cases.txt out.cpp
import { readFileSync, writeFileSync } from 'node:fs';
import { readCases } from './read.mjs';

const [cases, out] = process.argv.slice(2);
const list = readCases(readFileSync(cases, 'utf8'));
writeFileSync(
  out,
  `// Made of cases.txt.
#include "main.hpp"

namespace tutoring {
namespace {
${list.map(({ cpp }, i) => `std::string case_${i}([[maybe_unused]] Database& db) { return printed([&] { ${/^\s*(auto|int|for|db\.(transaction|prepare)|return|condition|std::vector|constexpr)\b.*;/s.test(cpp) ? cpp : `return ${cpp};`} }()); }`).join('\n')}
constexpr query_case cases[] = {${list.map((_, i) => `case_${i}`).join(', ')}};
}  // namespace
}  // namespace tutoring

int main(int, char** argv) {
  sluice::pg::Database db(argv[1]);
  for (tutoring::query_case run : tutoring::cases) {
    std::string result;
    db.execute_script("BEGIN");
    try {
      result = run(db);
    } catch (const sluice::pg::Error& error) {
      result.clear();
      tutoring::put(result, "error " + error.sqlstate + " " + error.constraint + (error.sqlstate.empty() ? error.what() : ""));
    }
    db.execute_script("ROLLBACK");
    std::printf("%s\\n", result.c_str());
  }
}
`,
);
