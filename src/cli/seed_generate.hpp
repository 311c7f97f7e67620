// `sluice seed --generate`: data from the schema alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct GenerateData {
  std::optional<std::uint64_t> seed;
  std::vector<std::string> rows;  // "500", "users=1000"
  bool truncate = false, append = false;
  size_t connections = 0;  // 0: as it likes
};

// Reads the schema from the database, makes rows for every table and loads them with COPY. Throws Error if a table has
// rows already and neither `truncate` nor `append` is given. Exit::findings if a table could not be filled.
Exit generate_data(const Config& config, const GenerateData& options, Terminal& terminal);

}  // namespace sluice::cli
