// Makes a memory image of the engine in which one version of drizzle-orm has been evaluated, together with the platform
// and the extractor. Done at build time for the embedded versions, and at run time, once, for any other.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "read/typescript/esbuild.hpp"

namespace sluice::read {

struct ImageScripts {
  std::string_view platform;  // js/*.js, in the order of cmake/typescript.cmake
  std::string_view registry;  // js/registry.txt: which parts of drizzle-orm
  std::string_view extract;   // js/extract, bundled
};

// `drizzle` is the folder of the package. Throws Error, or ScriptError if it cannot be evaluated.
std::string make_drizzle_image(const std::filesystem::path& drizzle, const Esbuild& esbuild,
                               const ImageScripts& scripts);

}  // namespace sluice::read
