// CREATE INDEX CONCURRENTLY waits for old transactions; a lock_timeout ends it there and leaves an invalid index
// behind.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateIndex>();
  const auto* reindex = step.as<sql::Reindex>();
  if (!(create && create->concurrently) && !(reindex && reindex->concurrently)) return;
  const sql::SetParameter* last = nullptr;
  for (int i = 0; i < step.number; i++) {
    const Judged& earlier = step.file.statements[static_cast<size_t>(i)];
    const auto* set = std::get_if<sql::SetParameter>(&earlier.statement->command);
    if (set && set->name == "lock_timeout" && !set->local) last = set;
  }
  if (last && !last->reset && last->value.find_first_not_of("0ms ") != std::string::npos)
    report.add("a lock_timeout of " + last->value + " is in force while the index is built");
}

}  // namespace

const Rule lock_timeout_breaks_concurrently{"SL122",
                                            "lock-timeout-breaks-concurrently",
                                            Level::warning,
                                            "CREATE INDEX CONCURRENTLY waits for old transactions; a lock_timeout ends "
                                            "it there and leaves an invalid index behind.",
                                            "SET lock_timeout = 0 before it; it blocks nobody while it waits.",
                                            check};

}  // namespace sluice::review
