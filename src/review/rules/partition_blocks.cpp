// Attaching a partition reads it, and the default partition, while their readers and writers wait.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateTable>();
  if (create && create->partition_of && step.is_busy(step.before.resolve(create->partition_of->name)))
    report.add(
        "all of " + shown(step.before.resolve(create->partition_of->name)) + " is locked while the partition is made",
        create->partition_of->at,
        "CREATE TABLE … (LIKE parent INCLUDING ALL), then ALTER TABLE parent ATTACH PARTITION.",
        step.before.resolve(create->partition_of->name));
  each_action(step, [&](const sql::AlterTable&, const sql::AlterAction& action, const ddl::Name&) {
    if (action.kind != sql::Alter::attach_partition) return;
    for (const impact::Touched* table :
         busy(step, [](const impact::Touched& t) { return t.scan && t.index_of.empty(); }))
      report.add("reads and writes of " + shown(table->relation) + " wait while it is read for the partition's bounds",
                 action.at, "", table->relation);
  });
}

}  // namespace

const Rule partition_blocks{
    "SL113",
    "partition-blocks",
    Level::error,
    "Attaching a partition reads it, and the default partition, while their readers and writers wait.",
    "Before: ADD CHECK with the partition's bounds (and IS NOT NULL) NOT VALID and VALIDATE it, on the default "
    "partition CHECK (NOT (…)). Then ATTACH reads nothing.",
    check};

}  // namespace sluice::review
