// A domain's constraint is checked in every table that uses the domain, while their writers wait.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (!step.as<sql::AlterDomain>()) return;
  std::vector<std::string> tables;
  for (const impact::Touched* table : busy(step, [](const impact::Touched& t) { return t.scan; }))
    tables.push_back(shown(table->relation));
  if (!tables.empty()) report.add("writes to " + list_of(tables) + " wait while the domain's values are checked");
}

}  // namespace

const Rule domain_constraint_blocks{
    "SL112",
    "domain-constraint-blocks",
    Level::error,
    "A domain's constraint is checked in every table that uses the domain, while their writers wait.",
    "ALTER DOMAIN … ADD CONSTRAINT … NOT VALID; then VALIDATE CONSTRAINT.",
    check};

}  // namespace sluice::review
