// docs/rules.md, made from the table of rules.
#pragma once

#include <string>

namespace sluice::review {

std::string rules_document();

}  // namespace sluice::review
