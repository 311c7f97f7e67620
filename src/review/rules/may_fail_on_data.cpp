// Rows that are there can make the statement fail.
#include <set>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  std::set<std::string> said;
  for (const impact::Risk& risk : step.impact().risks) {
    if (risk.any_row || !said.insert(risk.what).second) continue;
    Finding& finding = report.add("it fails if there are " + risk.what, -1, "", risk.relation);
    finding.query = risk.query.empty() ? risk.sample : risk.query;
  }
}

}  // namespace

const Rule may_fail_on_data{"SL208",
                            "may-fail-on-data",
                            Level::warning,
                            "Rows that are there can make the statement fail.",
                            "Look before: `sluice review --database URL` runs the query, `sluice migrate` does before "
                            "it begins. Mend the rows in a migration before.",
                            check};

}  // namespace sluice::review
