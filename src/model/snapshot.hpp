// A Schema as drizzle-kit's version-7 snapshot, and back. Versions 5 and 6 are read too (and come out as 7).
// The format is described in docs/formats.md; it was read off drizzle-kit 0.31.11.
#pragma once

#include <string>
#include <string_view>

#include "model/schema.hpp"

namespace sluice::model {

struct Snapshot {
  std::string id;       // uuid; empty in what the TypeScript reader gives
  std::string prev_id;  // id of the snapshot before; the first has the all-zero uuid
  std::string version = "7";
  Schema schema;
};

inline constexpr std::string_view first_prev_id = "00000000-0000-0000-0000-000000000000";

// Throws Error (with the line, and what was expected) if the text is not JSON or not such a snapshot.
// `name` is the file's name for messages.
Snapshot parse_snapshot(std::string_view text, const std::string& name);
// Byte for byte as JSON.stringify(snapshot, null, 2) would print it.
std::string print_snapshot(const Snapshot& snapshot);

}  // namespace sluice::model
