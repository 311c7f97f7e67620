#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "read/typescript/cache.hpp"
#include "read/typescript/evaluate.hpp"
#include "read/typescript/packages.hpp"
#include "read/typescript/parts.hpp"
#include "read/typescript/shown_path.hpp"
#include "read/typescript/typescript.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void fail(const std::string& code, const std::string& message, const fs::path& file,
                       const std::string& hint) {
  const Location at{file.string(), 0, 0};
  throw Error(message,
              {.hint = hint, .at = at, .diagnostics = {{.code = code, .message = message, .at = at, .hint = hint}}});
}

std::string json_file(const fs::path& file) {
  const std::string text = files::read(file);
  const json value = json::parse(text, nullptr, false, true);
  if (!value.is_object()) fail("invalid-configuration", file.string() + " is not a JSON object", file, "");
  return value.dump();
}

// What a configuration gets for a file that it reads.
std::string file_as_json(const fs::path& file) {
  constexpr std::uintmax_t limit = 1 << 20;
  std::error_code error;
  if (!fs::exists(file, error)) return "null";
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > limit) return "true";
  const auto text = files::read_if_exists(file);
  if (!text) return "true";
  try {
    return json(*text).dump();
  } catch (const json::exception&) {
    return "true";  // not UTF-8
  }
}

// The default export, unwrapped from what interoperation puts around it; a promise of one is waited for.
constexpr const char* entry_end = R"js(
const common = globalThis["module"].exports;
let configuration = "default" in module ? module : Object.keys(common).length > 0 ? common : undefined;
while (configuration && typeof configuration === "object" && "default" in configuration)
  configuration = configuration.default;
if (typeof configuration === "function") configuration = configuration();
Promise.resolve(configuration).then((value) => { __sluice.configuration = value; }, __sluice.fail);
)js";

constexpr const char* finish = R"js(
const value = __sluice.configuration;
if (value === null || typeof value !== "object" || Object.keys(value).length === 0) return "";
return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : v));
)js";

std::string read_config(const fs::path& config_file, const TypeScriptOptions& options) {
  const fs::path file = fs::absolute(config_file).lexically_normal();
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    fail("no-such-file", "the configuration file " + config_file.string() + " does not exist", file, "");
  }
  if (file.extension() == ".json") return json_file(file);

  Script script;
  script.file = file;
  script.request = {"import * as module from " + json(file.string()).dump() + ";" + entry_end, file.parent_path(),
                    external_flags()};
  script.request.flags.push_back("--define:import.meta.url=" + json("file://" + file.string()).dump());
  script.request.flags.push_back("--define:import.meta.dirname=" + json(file.parent_path().string()).dump());
  script.request.flags.push_back("--define:import.meta.filename=" + json(file.string()).dump());
  // module.exports in a package of "type": "module": drizzle-kit takes it, and esbuild leaves such a file as it is.
  script.prepare = "globalThis.module={exports:{}};globalThis.exports=globalThis.module.exports";
  script.finish = finish;
  // The bundle is kept, not the result: that may hold secrets from the environment.
  const CacheEntry cache("config", file.string());
  const auto kept = options.use_cache ? cache.find({}) : std::nullopt;
  if (kept) {
    script.waits = kept->starts_with('w');
    script.code = kept->substr(1);
  } else {
    const auto inputs = bundle_script(script).inputs;
    if (options.use_cache) cache.keep((script.waits ? 'w' : '-') + script.code, inputs, std::set<std::string>(), {});
  }

  TypeScriptOptions here = options;
  if (here.project.empty()) here.project = file.parent_path();
  // It may read files, one after the other: each time it runs as far as the next that it wants.
  script.files.emplace();
  Outcome outcome = run_script(script, parts::drizzle().back().image, here);
  while (!outcome.wanted.empty()) {
    script.files->emplace(outcome.wanted, file_as_json(outcome.wanted));
    outcome = run_script(script, parts::drizzle().back().image, here);
  }
  if (outcome.value.empty()) {
    fail("no-default-export", "the configuration file " + config_file.string() + " has no default export", file,
         "write `export default defineConfig({ ... })`");
  }
  return outcome.value;
}

}  // namespace

std::string config_json(const fs::path& config_file, const TypeScriptOptions& options) {
  try {
    return read_config(config_file, options);
  } catch (Error& error) {
    show_paths(error.context);
    throw;
  }
}

}  // namespace sluice::read
