// A SECURITY DEFINER function without a search_path of its own runs what a caller puts before it on the path.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* function = step.as<sql::CreateFunction>();
  if (function && function->security_definer && !function->sets_search_path)
    report.add("the function " + shown(function->function.name) + " takes its caller's search_path");
}

}  // namespace

const Rule security_definer_search_path{
    "SL607",
    "security-definer-search-path",
    Level::warning,
    "A SECURITY DEFINER function without a search_path of its own runs what a caller puts before it on the path.",
    "SET search_path = '' in the function, and schemas before names.",
    check};

}  // namespace sluice::review
