// Servers that speak PostgreSQL's protocol and are something else, and those that are too old. Private to this room.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"

namespace sluice::server {

// What a server says of itself while one connects, without a query.
struct Greeting {
  std::string host;            // as it was connected to
  std::string server_version;  // the parameter: "15.8 (Debian 15.8-1)", "11.2-YB-2.20.1.0-b0"
  bool cockroach = false;      // it sent the parameter crdb_version
  int version = 0;             // 150008; 0: it did not say
};

// The oldest major version that the statements are written for.
inline constexpr int oldest_major = 13;

// What is wrong with it, or nothing (docs/engines.md).
std::optional<Error> unsuitable(const Greeting& greeting);

}  // namespace sluice::server
