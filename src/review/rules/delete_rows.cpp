// Rows are deleted by a migration, without a way back.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  auto removed = [&](const sql::Target& target, bool some) {
    const ddl::Name table = step.before.resolve(target.name);
    if (!step.is_busy(table)) return;
    Finding& finding = report.add((some ? "rows of " : "all rows of ") + shown(table) + " are deleted", -1, "", table);
    if (!some) finding.level = Level::error;
    for (const impact::Loss& loss : step.impact().losses)
      if (loss.relation == table) finding.query = loss.query;
  };
  if (const auto* remove = step.as<sql::Delete>()) removed(remove->table, remove->has_where);
  if (const auto* merge = step.as<sql::Merge>(); merge && merge->deletes) removed(merge->table, true);
  for (const sql::Delete& also : step.statement().deletes) removed(also.table, also.has_where);
}

}  // namespace

const Rule delete_rows{"SL204",
                       "delete-rows",
                       Level::warning,
                       "Rows are deleted by a migration, without a way back.",
                       "Copy them to another table first, or delete in a job that can be watched.",
                       check};

}  // namespace sluice::review
