// Packages that a bundle leaves out: those that the engine answers itself.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::read {

// esbuild flags that leave drizzle-orm, configuration helpers and database drivers to the engine's require().
const std::vector<std::string>& external_flags();
// A JavaScript pattern of the packages that are answered with an object that does nothing.
const std::string& driver_pattern();

// node_modules/<name> in `from` or the nearest directory above it; empty if there is none.
std::filesystem::path find_package(const std::filesystem::path& from, const std::string& name);

}  // namespace sluice::read
