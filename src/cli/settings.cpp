#include "cli/settings.hpp"

#include <toml++/toml.h>
#include <string>

#include "base/error.hpp"
#include "base/files.hpp"

namespace sluice::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* known =
    "These are known:\n  [generate]\n  deferrable_cycles = true | false\n"
    "  [databases.NAME]\n  url = \"postgresql://…\" (may say ${VARIABLE})\n  protected = true | false\n"
    "  [review]\n  allow = [\"rule: reason\"]\n  fail_on = \"error\" | \"warning\" | \"note\" | \"never\"\n"
    "  server = 13 … 18\n  supabase = true | false\n"
    "  [seed]\n  command = \"tsx src/seed.ts\"\n  files = [\"seed.sql\"]\n  depends = [\"src/seed/*.ts\"]";

[[noreturn]] void refuse(const fs::path& file, const toml::source_region& at, const std::string& message,
                         const std::string& hint) {
  ErrorContext context;
  context.at = {file.string(), static_cast<int>(at.begin.line), 0};
  context.hint = hint;
  throw Error(message, context);
}

NamedDatabase read_database(const fs::path& file, const std::string& name, const toml::node& content) {
  const toml::table* keys = content.as_table();
  if (!keys) refuse(file, content.source(), "[databases." + name + "] is not a section", known);
  NamedDatabase database{name, "", name == "production" || name == "prod"};
  for (const auto& [key, value] : *keys) {
    if (key.str() == "url") {
      if (!value.is_string()) refuse(file, value.source(), "'url' must be a text", known);
      database.url = value.value_or(std::string());
    } else if (key.str() == "protected") {
      if (!value.is_boolean()) refuse(file, value.source(), "'protected' must be true or false", known);
      database.is_protected = value.value_or(false);
    } else {
      refuse(file, key.source(), "[databases." + name + "] has no key '" + std::string(key.str()) + "'", known);
    }
  }
  return database;
}

void read_generate(const fs::path& file, const std::string& name, const toml::source_region& at,
                   const toml::node& value, Settings& settings) {
  if (name != "deferrable_cycles") refuse(file, at, "[generate] has no key '" + name + "'", known);
  if (!value.is_boolean()) refuse(file, value.source(), "'" + name + "' must be true or false", known);
  settings.deferrable_cycles = value.value_or(false);
}

void read_review(const fs::path& file, const std::string& name, const toml::source_region& at, const toml::node& value,
                 ReviewSettings& review) {
  if (name == "supabase") {
    if (!value.is_boolean()) refuse(file, value.source(), "'supabase' must be true or false", known);
    review.supabase = value.value_or(false);
  } else if (name == "server") {
    const auto version = value.value<int64_t>();
    if (!version || *version < 13 || *version > 18) refuse(file, value.source(), "'server' must be 13 to 18", known);
    review.server = static_cast<int>(*version);
  } else if (name == "fail_on") {
    const auto level = value.value<std::string>();
    if (!level || (*level != "error" && *level != "warning" && *level != "note" && *level != "never"))
      refuse(file, value.source(), "'fail_on' must be a level or \"never\"", known);
    review.fail_on = *level;
  } else if (name == "allow") {
    const toml::array* list = value.as_array();
    if (!list) refuse(file, value.source(), "'allow' must be a list of texts", known);
    for (const toml::node& item : *list) {
      const std::string text = item.value_or(std::string());
      const size_t colon = text.find(':');
      const size_t reason = colon == std::string::npos ? colon : text.find_first_not_of(' ', colon + 1);
      if (reason == std::string::npos)
        refuse(file, item.source(), "'" + text + "' is not of the form \"rule: reason\"", known);
      review.allow.emplace_back(text.substr(0, colon), text.substr(reason));
    }
  } else {
    refuse(file, at, "[review] has no key '" + name + "'", known);
  }
}

std::vector<std::string> texts(const fs::path& file, const std::string& name, const toml::node& value) {
  if (value.is_string()) return {value.value_or(std::string())};
  const toml::array* list = value.as_array();
  if (!list || (!list->empty() && !list->is_homogeneous(toml::node_type::string)))
    refuse(file, value.source(), "'" + name + "' must be a text or a list of texts", known);
  std::vector<std::string> out;
  for (const toml::node& item : *list) out.push_back(item.value_or(std::string()));
  return out;
}

SeedSettings read_seed(const fs::path& file, const toml::table& keys) {
  SeedSettings seed;
  for (const auto& [key, value] : keys) {
    std::string name(key.str());
    if (name == "command") {
      if (!value.is_string()) refuse(file, value.source(), "'command' must be a text", known);
      seed.command = value.value_or(std::string());
    } else if (name == "files") {
      seed.files = texts(file, name, value);
    } else if (name == "depends") {
      seed.depends = texts(file, name, value);
    } else {
      refuse(file, key.source(), "[seed] has no key '" + name + "'", known);
    }
  }
  return seed;
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
    const std::string name(section.str());
    if (!keys || (name != "generate" && name != "databases" && name != "review" && name != "seed"))
      refuse(file, section.source(), "sluice.toml has no section [" + name + "]", known);
    if (name == "seed") settings.seed = read_seed(file, *keys);
    for (const auto& [key, value] : *keys) {
      if (name == "databases")
        settings.databases.push_back(read_database(file, std::string(key.str()), value));
      else if (name == "review")
        read_review(file, std::string(key.str()), key.source(), value, settings.review);
      else if (name == "generate")
        read_generate(file, std::string(key.str()), key.source(), value, settings);
    }
  }
  return settings;
}

Settings read_settings(const fs::path& directory) {
  fs::path file = directory / "sluice.toml";
  return fs::exists(file) ? parse_settings(files::read(file), file) : Settings{};
}

}  // namespace sluice::cli
