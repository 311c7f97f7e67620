// `sluice seed --generate`: data from the schema alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct GenerateData {
  std::uint64_t seed = 1;
  std::vector<std::string> rows;  // "500", "users=1000"
  bool truncate = false;
};

// Reads the schema from the database, makes rows for every table and loads them with COPY, in one transaction. Throws
// Error if a table has rows already and `truncate` is not given.
Exit generate_data(const Config& config, const GenerateData& options, Terminal& terminal);

}  // namespace sluice::cli
