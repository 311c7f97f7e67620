#include "review/review.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "ddl/fold.hpp"
#include "review/allow.hpp"
#include "review/rule.hpp"
#include "sql/wishes.hpp"

namespace sluice::review {

size_t FileReview::count(Level level) const {
  return static_cast<size_t>(std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return !finding.allowed && finding.level == level;
  }));
}

Reviewer::Reviewer(Options options, ddl::Catalog catalog) : options_(std::move(options)), catalog_(std::move(catalog)) {
  session_.version = options_.version;
  session_.utc = options_.utc;
}

void Reviewer::pass(std::string_view text) {
  ddl::forget_numbers(catalog_);
  sql::ParsedFile parsed = sql::parse(text);
  if (!parsed.failures.empty()) catalog_.complete = false;
  int number = 0;
  for (const sql::ParsedStatement& statement : parsed.statements) {
    for (const sql::ParsedStatement& inside : statement.inside) ddl::fold(catalog_, inside, number);
    ddl::fold(catalog_, statement, number++);
  }
  ddl::forget_numbers(catalog_);
}

// The rules, on the last statement.
void Reviewer::check(FileReview& file) const {
  const int number = static_cast<int>(file.statements.size()) - 1;
  const Step step{file, file.statements.back(), number, catalog_, options_};
  for (const Rule* rule : rules()) {
    Report report(file, *rule, number);
    if (rule->step) rule->step(step, report);
  }
}

FileReview Reviewer::review(const std::string& name, std::string_view text, bool last) {
  FileReview file;
  file.name = name;
  file.parsed = sql::parse(text);
  ddl::forget_numbers(catalog_);
  impact::Session session = session_;
  int transaction = 0;
  const std::set<ddl::Name> functions = catalog_.function_names();
  size_t end_of_last = 0;
  bool after_backfill = false;
  for (const sql::ParsedStatement& statement : file.parsed.statements) {
    const int number = static_cast<int>(file.statements.size());
    const auto at = static_cast<size_t>(statement.at);
    const sql::Wishes wishes =
        at > end_of_last ? sql::wishes_in(text.substr(end_of_last, at - end_of_last)) : sql::Wishes{};
    end_of_last = at + statement.text.size();
    const bool was_backfill = std::exchange(after_backfill, wishes.backfill);
    if (wishes.cuts() || was_backfill) {
      transaction++;
      ddl::commit(catalog_);
    }
    impact::follow(session, statement);
    impact::Impact impact = impact::judge(catalog_, statement, session);
    // sluice migrate ends the transaction around what stands alone and before an enum's new value is used.
    const bool enum_wait = impact.refused.starts_with("unsafe use of new value");
    const bool apart = impact.outside_transaction || enum_wait;
    if (apart) {
      transaction++;
      ddl::commit(catalog_);
      if (enum_wait) impact.refused.clear();
    }
    file.statements.push_back({&statement, std::move(impact), transaction});
    if (file.statements.back().impact.outside_transaction || file.statements.back().impact.ends_transaction)
      transaction++;
    check(file);
    ddl::fold(catalog_, statement, number);
    // Whether it runs is not known, and so not whether it is refused.
    for (const sql::ParsedStatement& inside : statement.inside) {
      impact::Impact effect = impact::judge(catalog_, inside, session);
      effect.refused.clear();
      file.statements.push_back({&inside, std::move(effect), transaction});
      check(file);
      ddl::fold(catalog_, inside, static_cast<int>(file.statements.size()) - 1);
    }
  }
  const Whole whole{file, text, catalog_, options_, functions, last};
  for (const Rule* rule : rules()) {
    Report report(file, *rule, -1);
    if (rule->whole) rule->whole(whole, report);
  }
  if (!file.parsed.failures.empty()) catalog_.complete = false;

  std::stable_sort(file.findings.begin(), file.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.at != b.at ? a.at < b.at : a.level > b.level; });
  settle_allowances(file, text, options_.allowed);
  sql::Positions positions(text);
  for (Finding& finding : file.findings) {
    const sql::Position position = positions.of(finding.at);
    finding.line = position.line;
    finding.column = position.column;
    const size_t at = std::min(static_cast<size_t>(std::max(finding.at, 0)), text.size());
    size_t end = std::min(text.find('\n', at), text.size());
    if (finding.statement >= 0) {
      const sql::ParsedStatement& statement = *file.statements[static_cast<size_t>(finding.statement)].statement;
      end = std::min(end, static_cast<size_t>(statement.at) + statement.text.size());
    }
    finding.length = static_cast<int>(end > at ? end - at : 1);
  }
  return file;
}

std::vector<Allowance> Reviewer::unused() const {
  std::vector<Allowance> out;
  for (const Allowance& allowance : options_.allowed)
    if (!allowance.used) out.push_back(allowance);
  return out;
}

bool looks_like_supabase(std::string_view text) {
  for (std::string_view sign :
       {"auth.uid()", "auth.users", "auth.jwt()", "storage.objects", "storage.buckets", "service_role",
        "to authenticated", "TO authenticated", "to anon", "TO anon", "\"authenticated\"", "\"anon\"", "supabase_"})
    if (text.find(sign) != std::string_view::npos) return true;
  return false;
}

}  // namespace sluice::review
