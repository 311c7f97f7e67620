#include "read/typescript/thrown_value.hpp"

#include <nlohmann/json.hpp>

namespace sluice::read {

ThrownValue parse_thrown(std::string_view dump) {
  const auto json = nlohmann::json::parse(dump, nullptr, false);
  if (!json.is_object()) return {std::string(dump), {}};
  const auto field = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::string name = field("name"), message = field("message");
  if (name.empty() && message.empty()) return {std::string(dump), field("stack")};
  return {name.empty() ? message : name + ": " + message, field("stack")};
}

}  // namespace sluice::read
