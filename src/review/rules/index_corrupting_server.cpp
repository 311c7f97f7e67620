// PostgreSQL 14.0 to 14.3 leave rows out of indexes that are built CONCURRENTLY.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (step.options.server < 140000 || step.options.server > 140003) return;
  const auto* create = step.as<sql::CreateIndex>();
  const auto* reindex = step.as<sql::Reindex>();
  if ((create && create->concurrently) || (reindex && reindex->concurrently))
    report.add("the server is PostgreSQL 14." + std::to_string(step.options.server % 100) +
               ", whose concurrent builds can miss rows");
}

}  // namespace

const Rule index_corrupting_server{"SL123",
                                   "index-corrupting-server",
                                   Level::error,
                                   "PostgreSQL 14.0 to 14.3 leave rows out of indexes that are built CONCURRENTLY.",
                                   "Upgrade the server to 14.4 or newer first; REINDEX what was built before.",
                                   check};

}  // namespace sluice::review
