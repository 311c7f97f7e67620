// The rows stay as they are, but indexes on the column are built anew while readers and writers wait.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  for (const impact::Touched* index : busy(step, [](const impact::Touched& t) { return t.replaced && t.rebuild; })) {
    const ddl::Name table{index->relation.schema, index->index_of};
    const impact::Touched* touched = step.impact().find(table);
    if (touched && touched->rewrite) continue;  // that is the larger matter
    report.add(
        "reads and writes of " + shown(table) + " wait while the index " + index->relation.name + " is built anew", -1,
        "", table);
  }
}

}  // namespace

const Rule type_change_rebuilds_index{
    "SL111",
    "type-change-rebuilds-index",
    Level::error,
    "The rows stay as they are, but indexes on the column are built anew while readers and writers wait.",
    "A new column with an index built CONCURRENTLY, or drop the index CONCURRENTLY before and build it CONCURRENTLY "
    "after.",
    check};

}  // namespace sluice::review
