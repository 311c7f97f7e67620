// Points package scripts at sluice where they call drizzle-kit, and shows the difference.
#include <fmt/format.h>

#include <regex>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"

namespace sluice::cli {

namespace {

struct UpgradeOptions {
  Overrides overrides;
  bool dry_run = false;
};

struct Changed {
  fs::path file;
  std::string script, before, after;
};

// `npx drizzle-kit generate:pg --config=x` → `sluice generate --config=x`. What starts a program of node_modules goes:
// the shell of a package script finds it there, and on the PATH.
std::string without_drizzle_kit(const std::string& command) {
  static const std::string begin = R"re((^|[\s;&|("'`]))re", package = R"re(drizzle-kit(?:@[^\s"'`]+)?)re",
                           verb =
                               R"re((?:\s+--)?\s+(generate|migrate|push|pull|introspect|check|up|export|drop|studio))re"
                               R"re((:pg)?(?=$|[\s;&|)"'`])(?![^;&|"'`]*--dialect[=\s]+(?!postgresql)))re";
  static const std::regex call(
      begin + R"re((?:(?:npx|bunx|pnpx)(?:\s+(?:-y|--yes|--bun|(?:-p|--package)[\s=]+)re" + package +
      R"re())*\s+|(?:pnpm|yarn|npm|bun)\s+(?:exec|dlx|x)\s+(?:--\s+)?|(?:pnpm|yarn)\s+)?)re" + package + verb);
  // The package's own file, as run by node or another runtime.
  static const std::regex file(begin +
                               R"re((?:node|bun|tsx|deno)(?:\s+-[^\s]+|\s+tsx|\s+run|\s+esm)*\s+[^\s"'`]*)re"
                               R"re(node_modules/(?:\.bin/drizzle-kit|drizzle-kit/bin\.cjs))re" +
                               verb);
  return std::regex_replace(std::regex_replace(command, file, "$1sluice $2"), call, "$1sluice $2");
}

// package.json here and above it, up to the repository's root.
std::vector<fs::path> package_files(const fs::path& directory) {
  std::vector<fs::path> out;
  for (fs::path up = fs::absolute(directory).lexically_normal();; up = up.parent_path()) {
    if (fs::exists(up / "package.json")) out.push_back(up / "package.json");
    if (fs::exists(up / ".git") || up == up.parent_path()) return out;
  }
}

// Only the changed values are touched: order, indentation and everything else stay as they are.
std::string rewrite(const fs::path& file, std::string content, std::vector<Changed>& changes) {
  Json json;
  try {
    json = Json::parse(content);
  } catch (const Json::exception& error) {
    ErrorContext context;
    context.at.file = file.string();
    context.detail = error.what();
    throw Error("package.json is not JSON", context);
  }
  if (!json.is_object() || !json.contains("scripts") || !json["scripts"].is_object()) return content;
  for (const auto& [name, value] : json["scripts"].items()) {
    if (!value.is_string()) continue;
    const std::string before = value.get<std::string>(), after = without_drizzle_kit(before);
    if (before == after) continue;
    const std::string old_text = value.dump();
    const std::regex place(Json(name).dump().append("\\s*:\\s*"), std::regex::ECMAScript);
    size_t at = std::string::npos;
    for (std::sregex_iterator i(content.begin(), content.end(), place), end; i != end && at == std::string::npos; ++i) {
      const auto behind = static_cast<size_t>(i->position() + i->length());
      if (content.compare(behind, old_text.size(), old_text) == 0) at = behind;
    }
    if (at == std::string::npos) {
      ErrorContext context;
      context.at.file = file.string();
      context.state = "Nothing was changed.";
      context.hint = "Change it by hand: " + after;
      throw Error("the script '" + name + "' is written in a way that cannot be replaced", context);
    }
    content.replace(at, old_text.size(), Json(after).dump());
    changes.push_back({file, name, before, after});
  }
  return content;
}

// Scripts that call it all the same, in a way that is not understood or for another database.
std::vector<std::string> still_calling(const std::string& content) {
  std::vector<std::string> out;
  const Json json = Json::parse(content);
  if (!json.is_object() || !json.contains("scripts") || !json["scripts"].is_object()) return out;
  for (const auto& [name, value] : json["scripts"].items())
    if (value.is_string() && value.get<std::string>().find("drizzle-kit") != std::string::npos) out.push_back(name);
  return out;
}

bool lists_drizzle_kit(const std::string& content) {
  const Json json = Json::parse(content);
  for (const char* key : {"dependencies", "devDependencies"})
    if (json.contains(key) && json[key].is_object() && json[key].contains("drizzle-kit")) return true;
  return false;
}

Exit upgrade(const UpgradeOptions& options, Terminal& terminal) {
  const Config config = load_config(options.overrides, {});
  const std::vector<fs::path> packages = package_files(config.file ? config.file->parent_path() : config.directory);
  if (packages.empty())
    throw Error("there is no package.json in " + config.directory.string() + " or above it",
                {.hint = "Run the command in the directory of drizzle.config.ts."});
  std::vector<Changed> changes;
  std::vector<std::pair<fs::path, std::string>> results;
  bool listed = false;
  std::vector<std::string> left;
  for (const fs::path& file : packages) {
    const std::string content = files::read(file);
    const std::string changed = rewrite(file, content, changes);
    for (const std::string& script : still_calling(changed)) left.push_back(script);
    listed = listed || lists_drizzle_kit(content);
    if (changed != content) results.emplace_back(file, changed);
  }
  if (!options.dry_run)
    for (const auto& [file, content] : results) files::write_atomically(file, content);

  Json list = Json::array();
  fs::path shown;
  for (const Changed& change : changes) {
    if (change.file != shown) terminal.say(terminal.bold(fs::proximate(change.file).string()));
    shown = change.file;
    terminal.say("  " + terminal.colored(fmt::format("- \"{}\": {}", change.script, Json(change.before).dump()), "31"));
    terminal.say("  " + terminal.colored(fmt::format("+ \"{}\": {}", change.script, Json(change.after).dump()), "32"));
    list.push_back({{"file", change.file.string()},
                    {"script", change.script},
                    {"before", change.before},
                    {"after", change.after}});
  }
  if (changes.empty() && left.empty())
    terminal.say("No package script calls drizzle-kit");
  else if (changes.empty())
    terminal.say("No package script calls drizzle-kit in a way that can be changed");
  else if (options.dry_run)
    terminal.say("Dry run: nothing was changed");
  else
    terminal.success(
        fmt::format("{} scripts changed; schema, configuration and migrations stay as they are", changes.size()));
  if (!left.empty())
    terminal.warning(
        (left.size() == 1 ? "this script still names drizzle-kit: " : "these scripts still name drizzle-kit: ") +
        text::join(left, ", ") + "; look at it before the package goes");
  else if (listed && !changes.empty())
    terminal.detail("  drizzle-kit still stands in package.json; it may stay, or go: nothing calls it any more");
  if (terminal.json())
    terminal.answer({{"status", options.dry_run ? "dry_run" : "ok"}, {"changed", list}, {"left", left}});
  return Exit::done;
}

}  // namespace

void add_upgrade_from_drizzle_kit(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<UpgradeOptions>();
  CLI::App* command = add_command(app, chosen, "upgrade-from-drizzle-kit",
                                  "Let the package scripts that call drizzle-kit call sluice, and show the difference",
                                  "  sluice upgrade-from-drizzle-kit --dry-run\n  sluice upgrade-from-drizzle-kit");
  add_location_options(command, options->overrides, false);
  command->add_flag("--dry-run", options->dry_run, "show the difference, change nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return upgrade(*options, terminal); }; });
}

}  // namespace sluice::cli
