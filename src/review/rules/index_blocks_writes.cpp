// Building an index keeps every writer of the table waiting until it is done.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateIndex>();
  if (!create || create->concurrently) return;
  // Of a materialised view only REFRESH waits.
  const ddl::Relation* of = step.before.find(step.before.resolve(create->table.name));
  if (of && of->kind == ddl::RelationKind::materialized_view) return;
  for (const impact::Touched* table : busy(step, [](const impact::Touched& t) { return t.index_of.empty() && t.scan; }))
    report.add("writes to " + shown(table->relation) + " wait while the index" +
                   (create->name.empty() ? "" : " " + create->name) + " is built",
               -1, "", table->relation);
}

}  // namespace

const Rule index_blocks_writes{
    "SL101",
    "index-blocks-writes",
    Level::error,
    "Building an index keeps every writer of the table waiting until it is done.",
    "CREATE INDEX CONCURRENTLY, in a migration of its own (it cannot stand in a transaction).",
    check};

}  // namespace sluice::review
