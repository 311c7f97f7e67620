// Policies do nothing until row-level security is on.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* policy = std::get_if<sql::Policy>(&judged.statement->command);
    if (!policy || !policy->create) continue;
    const ddl::Relation* table = whole.after.find(policy->table.name);
    if (table && table->is_table() && !table->row_security)
      report
          .add("the policy " + policy->name + " does nothing: " + shown(table->name) + " has row-level security off",
               policy->table.at, "", table->name)
          .statement = number;
  }
}

}  // namespace

const Rule policy_without_row_security{"SL604",
                                       "policy-without-row-security",
                                       Level::warning,
                                       "Policies do nothing until row-level security is on.",
                                       "ALTER TABLE … ENABLE ROW LEVEL SECURITY.",
                                       nullptr,
                                       check};

}  // namespace sluice::review
