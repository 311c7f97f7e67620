#include "read/typescript/drizzle_image.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "read/typescript/engine.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;

std::string js_string(const std::string& text) { return nlohmann::json(text).dump(); }

// An entry that imports every part that this version has and hands them to the registry. Files are named by their path:
// the package may be known here under another name than "drizzle-orm".
std::string registry_entry(const fs::path& drizzle, std::string_view registry) {
  std::string imports, members;
  int number = 0;
  for (const std::string& line : text::split(registry, "\n")) {
    const std::string name(text::trim(line));
    if (name.empty() || name.starts_with('#')) continue;
    const size_t slash = name.find('/');
    const std::string part = slash == std::string::npos ? "index" : name.substr(slash + 1);
    fs::path file;
    for (const char* end : {".js", "/index.js", ".mjs", "/index.mjs"})  // .mjs: before 0.29
      if (file.empty() && fs::exists(drizzle / (part + end))) file = drizzle / (part + end);
    if (file.empty()) continue;
    const std::string id = "m" + std::to_string(number++);
    imports += "import * as " + id + " from " + js_string(file.string()) + ";\n";
    members += "  " + js_string(name) + ": " + id + ",\n";
  }
  if (number == 0)
    throw Error("there is no drizzle-orm in " + drizzle.string(),
                {.hint = "install it again, in a current version: npm install drizzle-orm"});
  return imports + "__sluice.register({\n" + members + "});\n";
}

}  // namespace

std::string make_drizzle_image(const fs::path& drizzle, const Esbuild& esbuild, const ImageScripts& scripts) {
  BundleRequest request;
  request.entry = registry_entry(drizzle, scripts.registry);
  request.directory = drizzle;
  request.flags = {"--format=iife", "--minify-whitespace", "--minify-syntax"};
  const std::string registry = esbuild.bundle(request).code;
  std::string image;
  on_engine_stack([&] {
    Engine engine(EngineLimits{});
    engine.evaluate(scripts.platform, "platform.js");
    engine.evaluate(registry, "drizzle-orm.js");
    engine.evaluate(scripts.extract, "extract.js");
    engine.run_jobs();
    image = engine.save();
  });
  return image;
}

}  // namespace sluice::read
