// Users of Supabase write their own user_metadata: a policy that reads it lets everybody in who says so.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* policy = step.as<sql::Policy>();
  if (!policy) return;
  for (const sql::Expression* expression : {&policy->using_expression, &policy->with_check})
    if (expression->text.find("user_metadata") != std::string::npos ||
        expression->text.find("raw_user_meta_data") != std::string::npos)
      return void(report.add("the policy " + policy->name + " believes what the user says of himself", expression->at,
                             "", step.before.resolve(policy->table.name)));
}

}  // namespace

const Rule policy_trusts_user_metadata{
    "SL615",
    "policy-trusts-user-metadata",
    Level::error,
    "Users of Supabase write their own user_metadata: a policy that reads it lets everybody in who says so.",
    "app_metadata, which only the server writes, or a table of roles.",
    check};

}  // namespace sluice::review
