// Attaching a partition reads it, and the default partition, while their readers and writers wait.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateTable>();
  if (create && create->partition_of && step.is_busy(step.before.resolve(create->partition_of->name))) {
    const ddl::Name parent = step.before.resolve(create->partition_of->name);
    std::string read;  // the default partition: it grows
    for (const impact::Touched& item : step.impact().touched)
      if (item.scan && !item.fresh && item.index_of.empty()) read = shown(item.relation);
    Finding& finding =
        report.add("all of " + shown(parent) + " is locked while the partition is made" +
                       (read.empty() ? "" : " and " + read + " is read"),
                   create->partition_of->at,
                   "CREATE TABLE … (LIKE parent INCLUDING ALL), then ALTER TABLE parent ATTACH PARTITION.", parent);
    // Without one the lock is short, if nobody keeps it waiting.
    if (read.empty() && step.before.find(parent)) finding.level = Level::warning;
  }
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
