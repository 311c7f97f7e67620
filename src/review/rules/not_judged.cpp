// What a DO block or a function does is not visible here.
#include <cctype>

#include "base/text.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/statements.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (!step.impact().opaque) return;
  if (!step.as<sql::DoBlock>()) return void(report.add("what the function does is not judged"));
  const sql::ParsedStatement& block = step.statement();
  if (block.unread.empty() && !block.inside.empty()) return;
  std::vector<std::string> losing;
  for (const std::string& piece : block.unread) {
    std::string plain = text::to_lower(piece);  // also what stands in the text of an EXECUTE
    for (char& c : plain)
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') c = ' ';
    plain = " " + plain + " ";
    for (const char* word : {" drop ", " delete ", " truncate ", " alter table ", " alter type "})
      if (plain.find(word) != std::string::npos) {
        losing.push_back(sql::one_line(piece, 60));
        break;
      }
  }
  if (losing.empty())
    report.add(block.inside.empty() ? "the DO block's statements are not judged"
                                    : "what the DO block does besides plain statements is not judged");
  else
    report.add("the DO block is not judged: " + list_of(losing)).level = Level::warning;
}

}  // namespace

const Rule not_judged{"SL506",
                      "not-judged",
                      Level::note,
                      "What a DO block or a function does is not visible here.",
                      "Read it with care; plain statements are judged.",
                      check};

}  // namespace sluice::review
