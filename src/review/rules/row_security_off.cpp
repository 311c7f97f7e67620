// Rows that policies hid become visible to every role with a grant.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind == sql::Alter::disable_row_security && step.is_busy(table))
      report.add("every row of " + shown(table) + " becomes visible", action.at, "", table);
  });
}

}  // namespace

const Rule row_security_off{"SL606",
                            "row-security-off",
                            Level::error,
                            "Rows that policies hid become visible to every role with a grant.",
                            "Change the policies instead.",
                            check};

}  // namespace sluice::review
