// A snapshot from anywhere: read or refused with an Error, and what was read prints and reads back the same. With what
// stands beside it as {"snapshot": …, "beyond": …}: that too.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "model/beyond.hpp"

using namespace sluice;
using Json = nlohmann::ordered_json;

namespace {

void both(const Json& input) {
  auto text = [&](const char* name) {
    return input.value(name, Json::object()).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  model::Snapshot snapshot = model::parse_snapshot(text("snapshot"), "snapshot"), carried = snapshot;
  model::carry_beyond(carried, text("beyond"), "beyond");
  model::read_beyond(snapshot, text("beyond"), "beyond");
  const std::string printed = model::print_snapshot(snapshot), beyond = model::print_beyond(snapshot, true);
  model::Snapshot again = model::parse_snapshot(printed, "printed");
  model::read_beyond(again, beyond, "printed");
  if (model::print_beyond(again, true) != beyond) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Json input = Json::parse(text, nullptr, false);
    if (input.is_object() && input.contains("beyond")) {
      both(input);
      return 0;
    }
    std::string printed = model::print_snapshot(model::parse_snapshot(text, "input"));
    if (model::print_snapshot(model::parse_snapshot(printed, "printed")) != printed) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
