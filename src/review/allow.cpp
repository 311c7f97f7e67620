#include "review/allow.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "review/rule.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

struct Comment {
  Allowance allowance;
  bool whole_file = false;
  int at = 0;
};

std::vector<Comment> comments(std::string_view text) {
  std::vector<Comment> out;
  constexpr std::string_view mark = "sluice:allow";
  for (size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
    const size_t line_start = text.rfind('\n', at) == std::string_view::npos ? 0 : text.rfind('\n', at) + 1;
    const size_t dashes = text.substr(line_start, at - line_start).rfind("--");
    if (dashes == std::string_view::npos) continue;
    if (!text::trim(text.substr(line_start + dashes + 2, at - line_start - dashes - 2)).empty()) continue;
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view rest = text.substr(at + mark.size(), end - at - mark.size());
    Comment comment;
    comment.at = static_cast<int>(line_start + dashes);
    if (rest.starts_with("-file")) {
      comment.whole_file = true;
      rest.remove_prefix(5);
    }
    rest = text::trim(rest);
    const size_t space = std::min(rest.find_first_of(" \t:"), rest.size());
    std::string_view reason = text::trim(rest.substr(space));
    while (!reason.empty() && (reason.front() == ':' || reason.front() == '-')) reason = text::trim(reason.substr(1));
    comment.allowance.rule = std::string(rest.substr(0, space));
    comment.allowance.reason = std::string(reason);
    out.push_back(std::move(comment));
  }
  return out;
}

// The statement that the comment is about: the one on whose lines it stands, else the next one.
int statement_of(const FileReview& file, std::string_view text, int at) {
  for (size_t i = 0; i < file.statements.size(); i++) {
    const sql::ParsedStatement& statement = *file.statements[i].statement;
    const size_t end = static_cast<size_t>(statement.at) + statement.text.size();
    const size_t line_end = std::min(text.find('\n', end), text.size());
    if (static_cast<size_t>(at) <= line_end) return static_cast<int>(i);
  }
  return -1;
}

// Of the statement, or of one inside the DO block that the statement is.
bool is_of(const FileReview& file, const Finding& finding, int number) {
  if (finding.statement == number || number < 0 || finding.statement < number) return finding.statement == number;
  const sql::ParsedStatement& block = *file.statements[static_cast<size_t>(number)].statement;
  const sql::ParsedStatement& inside = *file.statements[static_cast<size_t>(finding.statement)].statement;
  return inside.in_block && static_cast<size_t>(inside.at) < static_cast<size_t>(block.at) + block.text.size();
}

bool matches(const Finding& finding, const std::string& rule) {
  return rule == finding.rule->name || rule == finding.rule->code || rule == "all";
}

}  // namespace

void settle_allowances(FileReview& file, std::string_view text, std::vector<Allowance>& everywhere) {
  std::vector<Comment> found = comments(text);
  std::vector<Finding> about;
  auto complain = [&](const Rule& rule, const std::string& message, int at) {
    Finding finding;
    finding.rule = &rule;
    finding.level = rule.level;
    finding.message = message;
    finding.safe = rule.safe;
    finding.at = at;
    about.push_back(std::move(finding));
  };
  for (Comment& comment : found) {
    Allowance& allowance = comment.allowance;
    if (allowance.rule != "all" && !find_rule(allowance.rule)) {
      complain(allowance_unused, "there is no rule '" + allowance.rule + "'", comment.at);
      continue;
    }
    if (allowance.reason.empty()) {
      complain(allowance_without_reason, "sluice:allow " + allowance.rule + " gives no reason, so it allows nothing",
               comment.at);
      continue;
    }
    const int statement = comment.whole_file ? -1 : statement_of(file, text, comment.at);
    for (Finding& finding : file.findings)
      if (matches(finding, allowance.rule) && (comment.whole_file || is_of(file, finding, statement))) {
        finding.allowed = allowance.reason;
        allowance.used = true;
      }
    if (!allowance.used)
      complain(allowance_unused, "sluice:allow " + allowance.rule + " allows nothing: the rule finds nothing here",
               comment.at);
  }
  for (Allowance& allowance : everywhere)
    for (Finding& finding : file.findings)
      if (matches(finding, allowance.rule) && !finding.allowed) {
        finding.allowed = allowance.reason;
        allowance.used = true;
      }
  file.findings.insert(file.findings.end(), about.begin(), about.end());
  std::stable_sort(file.findings.begin(), file.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.at < b.at; });
}

}  // namespace sluice::review
