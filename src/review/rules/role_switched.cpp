// What the migration makes belongs to the other role, and later statements run with its rights.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* set = step.as<sql::SetParameter>();
  if (set && !set->reset && (set->name == "role" || set->name == "session_authorization") && set->value != "none")
    report.add("from here on the statements run as " + set->value);
}

}  // namespace

const Rule role_switched{
    "SL612",
    "role-switched",
    Level::warning,
    "What the migration makes belongs to the other role, and later statements run with its rights.",
    "Let the role that owns the schema run migrations; ALTER … OWNER TO for single objects.",
    check};

}  // namespace sluice::review
