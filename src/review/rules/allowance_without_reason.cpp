// Who allows a finding says why, so that the next reader knows.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

const Rule allowance_without_reason{"SL901", "allowance-without-reason", Level::warning,
                                    "Who allows a finding says why, so that the next reader knows.",
                                    "-- sluice:allow rule reason"};

}  // namespace sluice::review
