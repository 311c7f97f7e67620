// The parts that are embedded in the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::read::parts {

struct DrizzleVersion {
  std::string_view version;
  std::string_view image;  // memory of the engine with this version evaluated
};

std::string_view esbuild();   // the native program
std::string_view platform();  // scripts, for images that are made at run time
std::string_view registry();
std::string_view extract();
// Newest stable version last: it is used where a project has none of its own.
const std::vector<DrizzleVersion>& drizzle();
// Changes whenever anything changes that the result of a reading depends on: key of all caches.
const std::string& build_id();
// Identifies the embedded esbuild.
const std::string& esbuild_id();

}  // namespace sluice::read::parts
