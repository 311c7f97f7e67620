// Deleting one row deletes others with it, in one transaction, however many there are.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  each_constraint(step, [&](const ddl::Name& table, const sql::Constraint& key, bool) {
    if (key.kind == sql::ConstraintKind::foreign_key && key.on_delete == 'c')
      report.add(
          "deleting a row of " + shown(step.before.resolve(key.references)) + " deletes its rows of " + shown(table),
          key.at, "", table);
  });
}

}  // namespace

const Rule cascade_deletes{"SL414",
                           "cascade-deletes",
                           Level::note,
                           "Deleting one row deletes others with it, in one transaction, however many there are.",
                           "ON DELETE RESTRICT where the rows matter by themselves; CASCADE for parts of a whole.",
                           check};

}  // namespace sluice::review
