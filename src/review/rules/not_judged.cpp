// What a DO block or a function does is not visible here.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (step.impact().opaque)
    report.add(step.as<sql::DoBlock>() ? "the DO block's statements are not judged"
                                       : "what the function does is not judged");
}

}  // namespace

const Rule not_judged{"SL506",
                      "not-judged",
                      Level::note,
                      "What a DO block or a function does is not visible here.",
                      "Read it with care; plain statements are judged.",
                      check};

}  // namespace sluice::review
