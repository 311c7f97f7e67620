#include "read/typescript/parts.hpp"

#include "base/files.hpp"
#include "base/text.hpp"

// Written by cmake/typescript.cmake; the symbols come from the assembler's .incbin.
#define SLUICE_PART(name)                     \
  extern "C" const char sluice_part_##name[]; \
  extern "C" const char sluice_part_##name##_end[];
SLUICE_PART(esbuild)
SLUICE_PART(platform)
SLUICE_PART(registry)
SLUICE_PART(extract)
SLUICE_PART(drizzle_stable)
SLUICE_PART(drizzle_next)
SLUICE_PART(versions)
SLUICE_PART(sums)
#undef SLUICE_PART

namespace sluice::read::parts {

namespace {

std::string_view between(const char* begin, const char* end) { return {begin, size_t(end - begin)}; }

// Line `number` of the list of embedded versions.
std::string_view version(size_t number) {
  static const std::vector<std::string> lines =
      text::split(between(sluice_part_versions, sluice_part_versions_end), "\n");
  return lines.at(number);
}

}  // namespace

std::string_view esbuild() { return between(sluice_part_esbuild, sluice_part_esbuild_end); }
std::string_view platform() { return between(sluice_part_platform, sluice_part_platform_end); }
std::string_view registry() { return between(sluice_part_registry, sluice_part_registry_end); }
std::string_view extract() { return between(sluice_part_extract, sluice_part_extract_end); }

const std::vector<DrizzleVersion>& drizzle() {
  static const std::vector<DrizzleVersion> versions = {
      {version(1), between(sluice_part_drizzle_next, sluice_part_drizzle_next_end)},
      {version(0), between(sluice_part_drizzle_stable, sluice_part_drizzle_stable_end)},
  };
  return versions;
}

const std::string& build_id() {
  static const std::string id = files::sha256(between(sluice_part_sums, sluice_part_sums_end)).substr(0, 16);
  return id;
}

const std::string& esbuild_id() {
  static const std::string id = std::string(version(2)) + "-" + std::string(version(3));
  return id;
}

}  // namespace sluice::read::parts
