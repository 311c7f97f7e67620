// A superuser passes every check: policies, grants, schemas.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* role = step.as<sql::Role>();
  if (role && role->superuser) report.add(role->name + " becomes a superuser");
}

}  // namespace

const Rule superuser{"SL610",
                     "superuser",
                     Level::warning,
                     "A superuser passes every check: policies, grants, schemas.",
                     "The rights that are needed, by GRANT.",
                     check};

}  // namespace sluice::review
