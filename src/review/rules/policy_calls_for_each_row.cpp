// auth.uid() and its like are called for each row that a query looks at.
#include "base/text.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* policy = step.as<sql::Policy>();
  if (!policy) return;
  for (const sql::Expression* expression : {&policy->using_expression, &policy->with_check}) {
    const std::string text = text::to_lower(expression->text);
    for (const char* call : {"auth.uid()", "auth.jwt()", "auth.role()", "current_setting("})
      for (size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
        const std::string_view before = text::trim(std::string_view(text).substr(0, at));
        if (before.ends_with("select")) continue;
        return void(report.add("the policy " + policy->name + " calls " + std::string(call) +
                                   (std::string_view(call).ends_with('(') ? ")" : "") + " for each row of " +
                                   shown(step.before.resolve(policy->table.name)),
                               expression->at, "", step.before.resolve(policy->table.name)));
      }
  }
}

}  // namespace

const Rule policy_calls_for_each_row{"SL613",
                                     "policy-calls-for-each-row",
                                     Level::note,
                                     "auth.uid() and its like are called for each row that a query looks at.",
                                     "(select auth.uid()): it is called once for the query.",
                                     check};

}  // namespace sluice::review
