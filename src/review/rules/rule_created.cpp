// Rules rewrite queries before they run: what a statement then does is hard to foresee, and COPY passes them by.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (const auto* made = step.as<sql::CreateRule>())
    report.add("queries of " + shown(step.before.resolve(made->table.name)) + " are rewritten by " + made->name,
               made->table.at);
}

}  // namespace

const Rule rule_created{
    "SL415",
    "rule-created",
    Level::note,
    "Rules rewrite queries before they run: what a statement then does is hard to foresee, and COPY passes them by.",
    "A trigger, or a view with INSTEAD OF triggers.",
    check};

}  // namespace sluice::review
