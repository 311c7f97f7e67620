// Expressions with parameters: drizzle-kit 0.31 writes eq(t.kind, 'a') of an index or a check as "t"."kind" = $1, and
// the value is lost.
#pragma once

#include <string_view>

namespace sluice::diff {

// True if the texts are the same where a parameter of one stands for a value of the other. What the value was nobody
// can tell: drizzle-kit itself sees no difference either.
bool same_but_for_parameters(std::string_view a, std::string_view b);

}  // namespace sluice::diff
