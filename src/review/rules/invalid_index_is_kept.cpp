// CREATE INDEX CONCURRENTLY that failed leaves an invalid index; IF NOT EXISTS then keeps it and says nothing.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateIndex>();
  if (create && create->concurrently && create->if_not_exists)
    report.add("an invalid " + (create->name.empty() ? "index" : create->name) +
               " left by a failed run would be kept as it is");
}

}  // namespace

const Rule invalid_index_is_kept{
    "SL104",
    "invalid-index-is-kept",
    Level::warning,
    "CREATE INDEX CONCURRENTLY that failed leaves an invalid index; IF NOT EXISTS then keeps it and says nothing.",
    "Leave IF NOT EXISTS out; before a retry, DROP INDEX CONCURRENTLY an index with pg_index.indisvalid = false.",
    check};

}  // namespace sluice::review
