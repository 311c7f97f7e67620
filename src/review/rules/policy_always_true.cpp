// A policy that is always true lets every row through for its roles.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* policy = step.as<sql::Policy>();
  if (!policy || !policy->permissive) return;
  for (const std::string& role : policy->roles)
    if (role == "service_role" || role == "postgres" || role == "supabase_admin") return;
  const bool reads_only = policy->command == "select";
  if ((policy->using_expression.is_true && !reads_only) || policy->with_check.is_true)
    report.add("the policy " + policy->name + " lets " +
                   (policy->roles.empty() ? "everybody" : list_of(policy->roles)) +
                   // ALTER POLICY does not say for which command it is.
                   (policy->create || policy->with_check.is_true ? " write any row of " : " reach any row of ") +
                   shown(step.before.resolve(policy->table.name)),
               policy->using_expression.is_true ? policy->using_expression.at : policy->with_check.at, "",
               step.before.resolve(policy->table.name));
}

}  // namespace

const Rule policy_always_true{"SL602",
                              "policy-always-true",
                              Level::warning,
                              "A policy that is always true lets every row through for its roles.",
                              "A condition: (select auth.uid()) = user_id. For data that is public on purpose: FOR "
                              "SELECT only, and a sluice:allow with the reason.",
                              check};

}  // namespace sluice::review
