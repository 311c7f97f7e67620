#include "cli/settings.hpp"

#include <toml++/toml.h>
#include <string>

#include "base/error.hpp"
#include "base/files.hpp"

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* known = "These are known:\n  [generate]\n  deferrable_cycles = true | false";

[[noreturn]] void refuse(const fs::path& file, const toml::source_region& at, const std::string& message,
                         const std::string& hint) {
  ErrorContext context;
  context.at = {file.string(), static_cast<int>(at.begin.line), 0};
  context.hint = hint;
  throw Error(message, context);
}

}  // namespace

Settings parse_settings(std::string_view content, const fs::path& file) {
  Settings settings;
  toml::table all;
  try {
    all = toml::parse(content, file.string());
  } catch (const toml::parse_error& error) {
    refuse(file, error.source(), "sluice.toml cannot be read: " + std::string(error.description()),
           "See https://toml.io for how such a file is written.");
  }
  for (const auto& [section, body] : all) {
    const toml::table* keys = body.as_table();
    if (section.str() != "generate" || !keys)
      refuse(file, section.source(), "sluice.toml has no section [" + std::string(section.str()) + "]", known);
    for (const auto& [key, value] : *keys) {
      std::string name(key.str());
      if (name != "deferrable_cycles") refuse(file, key.source(), "[generate] has no key '" + name + "'", known);
      if (!value.is_boolean()) refuse(file, value.source(), "'" + name + "' must be true or false", known);
      settings.deferrable_cycles = value.value_or(false);
    }
  }
  return settings;
}

Settings read_settings(const fs::path& directory) {
  fs::path file = directory / "sluice.toml";
  return fs::exists(file) ? parse_settings(files::read(file), file) : Settings{};
}

}  // namespace sluice::cli
