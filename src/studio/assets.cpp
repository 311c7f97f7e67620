#include "studio/assets.hpp"

#include "base/text.hpp"
#include "studio/http.hpp"

// From the assembler's .incbin; see cmake/studio.cmake.
extern "C" const char sluice_studio_pack[];
extern "C" const char sluice_studio_pack_end[];

namespace sluice::studio {

std::optional<Asset> asset_in(std::string_view pack, const std::string& path) {
  const size_t end_of_table = pack.find("\n\n");
  if (end_of_table == std::string_view::npos) return std::nullopt;
  size_t at = end_of_table + 2;
  for (const std::string& line : text::split(pack.substr(0, end_of_table), "\n")) {
    const std::vector<std::string> fields = text::split(line, "\t");
    const std::optional<size_t> length = fields.size() == 3 ? parse_length(fields[2]) : std::nullopt;
    if (!length || at + *length > pack.size()) return std::nullopt;
    if (fields[0] == path) return Asset{fields[1], pack.substr(at, *length)};
    at += *length;
  }
  return std::nullopt;
}

std::optional<Asset> asset(const std::string& path) {
  static const std::string_view pack(sluice_studio_pack,
                                     static_cast<size_t>(sluice_studio_pack_end - sluice_studio_pack));
  return asset_in(pack, path);
}

}  // namespace sluice::studio
