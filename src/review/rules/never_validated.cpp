// Rows that were there before the constraint may violate it: it was added NOT VALID and nobody has validated it.
#include <set>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  if (!whole.last) return;
  std::set<std::pair<ddl::Name, std::string>> here;  // added by this file: the next one may validate them
  for (const Judged& judged : whole.file.statements)
    if (const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command))
      for (const sql::AlterAction& action : alter->actions)
        if (action.kind == sql::Alter::add_constraint)
          if (const ddl::Relation* table = whole.after.find(alter->table.name))
            for (const ddl::Constraint& constraint : table->constraints)
              if (!constraint.valid &&
                  (action.constraint.name.empty() || constraint.definition.name == action.constraint.name))
                here.insert({table->name, constraint.definition.name});
  for (const auto& [name, table] : whole.after.relations())
    for (const ddl::Constraint& constraint : table.constraints)
      if (!constraint.valid && constraint.definition.enforced && !here.contains({name, constraint.definition.name}))
        report.add("the constraint " + constraint.definition.name + " of " + shown(name) + " was never validated", 0,
                   "ALTER TABLE " + shown(name) + " VALIDATE CONSTRAINT " + constraint.definition.name + ";", name);
}

}  // namespace

const Rule never_validated{
    "SL216",
    "never-validated",
    Level::warning,
    "Rows that were there before the constraint may violate it: it was added NOT VALID and nobody has validated it.",
    "ALTER TABLE … VALIDATE CONSTRAINT, in a migration after the one that added it.",
    nullptr,
    check};

}  // namespace sluice::review
