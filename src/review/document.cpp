#include "review/document.hpp"

#include <map>

#include "review/rule.hpp"

namespace sluice::review {

std::string rules_document() {
  static const std::map<char, std::string> chapters = {{'1', "Locks and long work"},
                                                       {'2', "Data"},
                                                       {'3', "Code that still runs"},
                                                       {'4', "Design"},
                                                       {'5', "The migration itself"},
                                                       {'6', "Security"},
                                                       {'7', "Citus"},
                                                       {'9', "Allowances"}};
  std::string out =
      "# Rules of `sluice review`\n\n"
      "Made from the table of rules (`src/review/rules`); a test holds the two together.\n\n"
      "**error**: traffic stands still for a time that grows with the table, data is lost, the running code breaks, or "
      "the\n"
      "statement fails. **warning**: one of that under circumstances that only people know. **note**: style.\n\n"
      "A rule is judged with the objects that are there before the statement: what the same migration has created is "
      "empty, and\n"
      "nobody waits for it. `-- sluice:allow <rule> <reason>` before a statement allows what it finds there,\n"
      "`-- sluice:allow-file <rule> <reason>` in the whole file.\n";
  char chapter = 0;
  for (const Rule* rule : rules()) {
    const char first = rule->code[2];
    if (first != chapter) out += "\n## " + chapters.at(first) + "\n";
    chapter = first;
    out += "\n### " + std::string(rule->name) + "\n\n`" + rule->code + "`, " + std::string(display(rule->level)) +
           ". " + rule->reason + "\n\nInstead: " + rule->safe + "\n";
  }
  return out;
}

}  // namespace sluice::review
