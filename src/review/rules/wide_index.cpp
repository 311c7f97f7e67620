// An index on more than three columns helps few queries and costs every write.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateIndex>();
  if (create && !create->unique && create->keys.size() > 3)
    report.add("the index has " + std::to_string(create->keys.size()) + " columns");
}

}  // namespace

const Rule wide_index{"SL412",
                      "wide-index",
                      Level::note,
                      "An index on more than three columns helps few queries and costs every write.",
                      "The two or three columns that queries filter by.",
                      check};

}  // namespace sluice::review
