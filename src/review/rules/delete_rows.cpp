// Rows are deleted by a migration, without a way back.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* remove = step.as<sql::Delete>();
  if (!remove) return;
  const ddl::Name table = step.before.resolve(remove->table.name);
  if (!step.is_busy(table)) return;
  Finding& finding =
      report.add((remove->has_where ? "rows of " : "all rows of ") + shown(table) + " are deleted", -1, "", table);
  if (!remove->has_where) finding.level = Level::error;
  if (!step.impact().losses.empty()) finding.query = step.impact().losses.front().query;
}

}  // namespace

const Rule delete_rows{"SL204",
                       "delete-rows",
                       Level::warning,
                       "Rows are deleted by a migration, without a way back.",
                       "Copy them to another table first, or delete in a job that can be watched.",
                       check};

}  // namespace sluice::review
