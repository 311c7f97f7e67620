// The value a script threw, as the engine prints it.
#pragma once

#include <string>
#include <string_view>

namespace sluice::read {

struct ThrownValue {
  std::string message;  // "TypeError: text", or the thrown text itself
  std::string stack;
};

// Reads the engine's dump: a JSON object for an Error, any text for another value.
ThrownValue parse_thrown(std::string_view dump);

}  // namespace sluice::read
