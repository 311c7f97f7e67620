// Every permissive policy for the same role and command is evaluated for each row; one of them is enough to let it
// through.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* policy = std::get_if<sql::Policy>(&judged.statement->command);
    if (!policy || !policy->create || !policy->permissive) continue;
    const ddl::Relation* table = whole.after.find(policy->table.name);
    if (!table) continue;
    for (const sql::Policy& other : table->policies) {
      if (other.name == policy->name) break;  // the later ones are reported themselves
      const bool same_command = other.command == policy->command || other.command == "all" || policy->command == "all";
      if (!other.permissive || !same_command || other.roles != policy->roles) continue;
      report
          .add("the policies " + other.name + " and " + policy->name + " of " + shown(table->name) +
                   " are for the same role and command",
               judged.statement->at, "", table->name)
          .statement = number;
      break;
    }
  }
}

}  // namespace

const Rule policies_together{"SL617",
                             "policies-together",
                             Level::note,
                             "Every permissive policy for the same role and command is evaluated for each row; one of "
                             "them is enough to let it through.",
                             "One policy with OR.",
                             nullptr,
                             check};

}  // namespace sluice::review
