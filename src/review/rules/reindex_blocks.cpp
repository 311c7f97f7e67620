// REINDEX keeps writers of the table waiting, and readers that would use the index.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* reindex = step.as<sql::Reindex>();
  if (!reindex || reindex->concurrently) return;
  if (reindex->kind != sql::ObjectKind::index && reindex->kind != sql::ObjectKind::table) {
    report.add("every table waits for its turn of REINDEX");
    return;
  }
  for (const impact::Touched* table : busy(step, [](const impact::Touched& t) { return t.index_of.empty() && t.scan; }))
    report.add("writes to " + shown(table->relation) + " wait until its indexes are built", -1, "", table->relation);
}

}  // namespace

const Rule reindex_blocks{"SL103",
                          "reindex-blocks",
                          Level::error,
                          "REINDEX keeps writers of the table waiting, and readers that would use the index.",
                          "REINDEX … CONCURRENTLY, outside of a transaction.",
                          check};

}  // namespace sluice::review
