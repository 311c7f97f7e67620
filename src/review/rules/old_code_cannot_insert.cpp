// A new NOT NULL column without a default is unknown to code that still runs: its INSERTs fail.
#include <set>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  std::set<std::pair<ddl::Name, std::string>> added;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command);
    if (!alter || judged.impact.touched.empty() || judged.impact.touched.front().fresh) continue;
    const ddl::Name table = judged.impact.touched.front().relation;
    for (const sql::AlterAction& action : alter->actions) {
      if (action.kind == sql::Alter::add_column && action.column.find(sql::ConstraintKind::not_null) &&
          action.column.find(sql::ConstraintKind::default_value))
        added.insert({table, action.name});
      if (action.kind == sql::Alter::drop_default && added.contains({table, action.name}))
        report
            .add("code that does not know " + shown(table) + "." + action.name + " cannot insert any more", action.at,
                 "", table)
            .statement = number;
    }
  }
}

}  // namespace

const Rule old_code_cannot_insert{
    "SL305",
    "old-code-cannot-insert",
    Level::warning,
    "A new NOT NULL column without a default is unknown to code that still runs: its INSERTs fail.",
    "Keep the DEFAULT until the new code is deployed everywhere; drop it in a later migration.",
    nullptr,
    check};

}  // namespace sluice::review
