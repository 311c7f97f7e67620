#include "cli/judgement.hpp"

#include <fmt/format.h>

#include "ddl/from_schema.hpp"
#include "review/rule.hpp"

namespace sluice::cli {

Json print_judgement(const model::Schema& before, const std::string& name, const std::string& text,
                     Terminal& terminal) {
  review::Options options;
  options.supabase = review::looks_like_supabase(text);
  review::Reviewer reviewer(options, ddl::from_schema(before));
  const review::FileReview reviewed = reviewer.review(name, text);
  Json list = Json::array();
  for (const review::Finding& finding : reviewed.findings) {
    if (finding.allowed || finding.level == review::Level::note) continue;
    const bool error = finding.level == review::Level::error;
    terminal.say(fmt::format("  {} line {}: {} [{}]", terminal.colored(error ? "✘" : "!", error ? "31;1" : "33"),
                             finding.line, finding.message, finding.rule->name));
    list.push_back({{"rule", finding.rule->name},
                    {"level", display(finding.level)},
                    {"line", finding.line},
                    {"message", finding.message},
                    {"safe", finding.safe}});
  }
  if (!list.empty()) terminal.detail("  sluice review says why, and what to do instead");
  return list;
}

}  // namespace sluice::cli
