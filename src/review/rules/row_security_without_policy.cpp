// Row-level security without a policy lets nobody through but the owner and service roles.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command);
    if (!alter) continue;
    for (const sql::AlterAction& action : alter->actions) {
      if (action.kind != sql::Alter::enable_row_security) continue;
      const ddl::Relation* table = whole.after.find(alter->table.name);
      if (table && table->row_security && table->policies.empty())
        report.add("nobody but its owner sees rows of " + shown(table->name), action.at, "", table->name).statement =
            number;
    }
  }
}

}  // namespace

const Rule row_security_without_policy{
    "SL605",
    "row-security-without-policy",
    Level::note,
    "Row-level security without a policy lets nobody through but the owner and service roles.",
    "A policy for each role that should see rows; nothing, if that is meant.",
    nullptr,
    check};

}  // namespace sluice::review
