// toml++, always included through here: 3.3 relies on it that a name stands behind '[', and looks only by an assertion:
// `[ü]` would end the process, or in a release do anything. Here it is an exception, in every build.
#pragma once

namespace sluice::cli {

struct AssertionOfToml {};
constexpr void assert_for_toml(bool holds) {
  if (!holds) throw AssertionOfToml{};
}

}  // namespace sluice::cli

#undef NDEBUG
#define TOML_ASSERT(expression) ::sluice::cli::assert_for_toml(static_cast<bool>(expression))
#include <toml++/toml.h>
