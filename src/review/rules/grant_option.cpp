// Who may pass rights on decides from now on who has them.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* grant = step.as<sql::Grant>();
  if (grant && grant->grant && grant->with_grant_option)
    report.add(list_of(grant->grantees) + " may grant it to others");
}

}  // namespace

const Rule grant_option{"SL611",
                        "grant-option",
                        Level::warning,
                        "Who may pass rights on decides from now on who has them.",
                        "GRANT without WITH GRANT OPTION or WITH ADMIN OPTION.",
                        check};

}  // namespace sluice::review
