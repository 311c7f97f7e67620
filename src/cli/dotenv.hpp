// The environment that the configuration and the schema see: the process's, and what .env files add to it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::cli {

using Environment = std::map<std::string, std::string>;

// NAME=value lines as the npm package dotenv reads them: comments, `export`, quotes, \n in double quotes.
Environment parse_dotenv(std::string_view content);

// The process's environment wins. Then the .env files that the configuration file names itself (config({ path:
// '.env.local' }), which cannot be read inside the sandbox), then .env in `directory`, as drizzle-kit does; for a
// configuration that uses dotenv-mono or a monorepo's root, .env of the directories above.
Environment load_environment(const std::filesystem::path& directory,
                             const std::optional<std::filesystem::path>& config);

}  // namespace sluice::cli
