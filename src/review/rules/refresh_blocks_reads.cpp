// REFRESH MATERIALIZED VIEW keeps readers of the view waiting until it is filled.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* refresh = step.as<sql::RefreshView>();
  if (!refresh || refresh->concurrently) return;
  const ddl::Name view = step.before.resolve(refresh->view.name);
  if (step.is_busy(view)) report.add("reads of " + shown(view) + " wait until it is filled", -1, "", view);
}

}  // namespace

const Rule refresh_blocks_reads{
    "SL115",
    "refresh-blocks-reads",
    Level::error,
    "REFRESH MATERIALIZED VIEW keeps readers of the view waiting until it is filled.",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY (needs a unique index on the view), and not in a migration.",
    check};

}  // namespace sluice::review
