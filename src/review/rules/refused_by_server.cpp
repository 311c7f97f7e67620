// PostgreSQL will refuse the statement, and the migration stops there.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (!step.impact().refused.empty())
    report.add("PostgreSQL " + std::to_string(step.options.version) + " refuses it: " + step.impact().refused);
}

}  // namespace

const Rule refused_by_server{"SL501",
                             "refused-by-server",
                             Level::error,
                             "PostgreSQL will refuse the statement, and the migration stops there.",
                             "What the message says.",
                             check};

}  // namespace sluice::review
