// Rows that policies hid become visible to every role with a grant.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

// drizzle-kit disables it before each DROP TABLE.
bool goes(const Step& step, const ddl::Name& table) {
  for (const sql::ParsedStatement& later : step.file.parsed.statements) {
    const auto* drop = std::get_if<sql::Drop>(&later.command);
    if (!drop || drop->kind != sql::ObjectKind::table || later.at < step.statement().at) continue;
    for (const sql::Target& target : drop->objects)
      if (step.before.resolve(target.name) == table) return true;
  }
  return false;
}

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name& table) {
    if (action.kind != sql::Alter::disable_row_security || !step.is_busy(table)) return;
    const ddl::Relation* known = step.before.find(table);
    const bool was_off = known && !known->row_security && step.before.complete;
    if (!was_off && !goes(step, table))
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
