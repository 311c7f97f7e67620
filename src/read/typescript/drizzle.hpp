// Which drizzle-orm a project is read with.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sluice::read {

struct Drizzle {
  std::string version;
  std::filesystem::path package;  // of the project; empty if it has none
  std::string_view image;         // memory of the engine with this version evaluated
  std::string made;               // holds the image if it is not an embedded one

  Drizzle() = default;
  Drizzle(Drizzle&&) = delete;  // `image` may point into `made`
};

// The package's folder and version as seen from a schema file, then from the project. Cheap: no image yet.
struct DrizzleChoice {
  std::string version;
  std::filesystem::path package;
};
DrizzleChoice choose_drizzle(const std::filesystem::path& schema_directory, const std::filesystem::path& project);

// Gives the image: embedded, from the cache, or made now (and kept if `use_cache`).
void load_drizzle(const DrizzleChoice& choice, bool use_cache, Drizzle& drizzle);

}  // namespace sluice::read
