#include "read/typescript/drizzle.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "read/typescript/drizzle_image.hpp"
#include "read/typescript/engine.hpp"
#include "read/typescript/packages.hpp"
#include "read/typescript/parts.hpp"
#include "read/typescript/program.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;

constexpr size_t sum_size = 64;

// The version that a package.json names: the string of that key outside of all inner objects. drizzle-orm's file is
// large because of its list of exports; reading all of it takes longer than evaluating a small schema.
std::string version_in(std::string_view json) {
  int depth = 0;
  bool is_version = false;  // the last string was the key
  for (size_t at = 0; at < json.size(); at++) {
    const char c = json[at];
    if (c == '{' || c == '[') depth++;
    if (c == '}' || c == ']') depth--;
    if (c != '"') continue;
    const size_t start = at + 1;
    for (at = start; at < json.size() && json[at] != '"'; at++) at += json[at] == '\\' ? 1 : 0;
    const std::string_view text = json.substr(std::min(start, json.size()), at - start);
    if (is_version) return std::string(text);
    const size_t next = json.find_first_not_of(" \t\r\n", at + 1);
    is_version = depth == 1 && text == "version" && next != std::string_view::npos && json[next] == ':';
  }
  return {};
}

std::string version_of(const fs::path& package) {
  const auto text = files::read_if_exists(package / "package.json");
  return text ? version_in(*text) : std::string();
}

// A file in the cache is the image after its own checksum: a damaged image would run as damaged code.
fs::path cached_image(const fs::path& cache, const DrizzleChoice& choice) {
  const std::string where = files::sha256(fs::weakly_canonical(choice.package).string()).substr(0, 8);
  return cache / "drizzle" / (choice.version + "-" + where + "-" + parts::build_id() + ".image");
}

std::string read_image(const fs::path& file) {
  auto content = files::read_if_exists(file);
  if (!content || content->size() < sum_size) return {};
  const std::string_view image = std::string_view(*content).substr(sum_size);
  return files::sha256(image) == content->substr(0, sum_size) ? std::string(image) : std::string();
}

void keep_image(const fs::path& file, const std::string& image) {
  try {
    fs::create_directories(file.parent_path());
    files::write_quickly(file, files::sha256(image) + image);
    // Images of other builds of the program for the same package are of no use any more.
    const std::string name = file.filename().string(), package = name.substr(0, name.rfind('-') + 1);
    for (const auto& other : fs::directory_iterator(file.parent_path())) {
      const std::string candidate = other.path().filename().string();
      if (candidate.starts_with(package) && candidate != name) fs::remove(other.path());
    }
  } catch (const std::exception&) {
    // Only a cache: the next run makes it again.
  }
}

}  // namespace

DrizzleChoice choose_drizzle(const fs::path& schema_directory, const fs::path& project) {
  for (const fs::path& from : {schema_directory, project}) {
    const fs::path package = find_package(from, "drizzle-orm");
    if (package.empty()) continue;
    const std::string version = version_of(package);
    if (!version.empty()) return {version, package};
  }
  return {std::string(parts::drizzle().back().version), {}};
}

void load_drizzle(const DrizzleChoice& choice, bool use_cache, Drizzle& drizzle) {
  drizzle.version = choice.version;
  drizzle.package = choice.package;
  for (const parts::DrizzleVersion& embedded : parts::drizzle()) {
    if (embedded.version == choice.version) {
      drizzle.image = embedded.image;
      return;
    }
  }
  const auto cache = use_cache ? files::cache_directory() : std::nullopt;
  if (cache) drizzle.made = read_image(cached_image(*cache, choice));
  if (drizzle.made.empty()) {
    try {
      drizzle.made = make_drizzle_image(choice.package, esbuild_program(),
                                        {parts::platform(), parts::registry(), parts::extract()});
    } catch (const ScriptError& error) {
      throw Error("drizzle-orm " + choice.version + " cannot be loaded: " + error.what(),
                  {.detail = error.stack, .at = {(choice.package / "package.json").string(), 0, 0}});
    }
    if (cache) keep_image(cached_image(*cache, choice), drizzle.made);
  }
  drizzle.image = drizzle.made;
}

}  // namespace sluice::read
