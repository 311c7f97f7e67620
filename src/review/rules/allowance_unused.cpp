// It hides the finding that comes here next.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

const Rule allowance_unused{"SL902", "allowance-unused", Level::warning, "It hides the finding that comes here next.",
                            "Take the comment out."};

}  // namespace sluice::review
