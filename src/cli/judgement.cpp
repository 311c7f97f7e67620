#include "cli/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/review_database.hpp"
#include "review/rule.hpp"

namespace sluice::cli {

bool has_supabase(const fs::path& directory) {
  std::error_code error;
  for (fs::path at = fs::absolute(directory, error);; at = at.parent_path()) {
    if (fs::exists(at / "supabase" / "config.toml", error)) return true;
    if (!at.has_relative_path()) return false;
  }
}

review::Options review_options(const Config& config, const std::vector<std::string_view>& texts) {
  review::Options options;
  const ReviewSettings& settings = config.settings.review;
  if (settings.server) options.version = *settings.server;
  for (const auto& [rule, reason] : settings.allow) {
    if (!review::find_rule(rule))
      throw Error("sluice.toml allows '" + rule + "', and there is no such rule",
                  {.hint = "sluice review --rules lists them."});
    options.allowed.push_back({rule, reason, false});
  }
  options.supabase = settings.supabase.value_or(
      has_supabase(config.out) ||
      std::any_of(texts.begin(), texts.end(), [](std::string_view text) { return review::looks_like_supabase(text); }));
  return options;
}

Json print_findings(const review::FileReview& reviewed, Terminal& terminal) {
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
  return list;
}

Json Judgement::print(const std::string& name, const std::string& text, server::Connection* connection,
                      Terminal& terminal) {
  review::FileReview reviewed = reviewer_.review(name, text);
  if (connection) weigh(reviewed, *connection);
  return print_findings(reviewed, terminal);
}

}  // namespace sluice::cli
