// [seed.generate] of sluice.toml, and --rows: how many rows, and what stands in them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "seed/seed.hpp"

namespace sluice::cli {

// Sets seed, rows and tables of `options`; the command line (`rows`: "500", "users=1000") wins over the file. Throws
// Error with the line of what is not known, and the nearest name.
void read_seed_settings(const std::filesystem::path& directory, const std::vector<std::string>& rows,
                        const model::Schema& schema, seed::Options& options);

}  // namespace sluice::cli
