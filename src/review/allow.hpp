// "-- sluice:allow rule reason" before a statement or at the end of one of its lines, "-- sluice:allow-file rule
// reason" anywhere in the file. A reason is required; what allows nothing is reported.
#pragma once

#include <string_view>
#include <vector>

#include "review/review.hpp"

namespace sluice::review {

// Marks what is allowed, and adds findings about the allowances themselves.
void settle_allowances(FileReview& file, std::string_view text, std::vector<Allowance>& everywhere);

}  // namespace sluice::review
