// The page's files, which are embedded in the program: made by studio/build.mjs, all but the page itself compressed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::studio {

struct Asset {
  std::string type;
  std::string_view content;
};

// The file of that path ("/index.html"); nothing if there is none.
std::optional<Asset> asset(const std::string& path);

// A path of the pack's table of contents: lines "path<TAB>type<TAB>bytes", an empty line, then the files one after the
// other. Nothing for a pack that is cut off.
std::optional<Asset> asset_in(std::string_view pack, const std::string& path);

}  // namespace sluice::studio
