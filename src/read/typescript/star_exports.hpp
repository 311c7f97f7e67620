// Which files a module exports everything of: `export * from './users'`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::read {

// The specifiers of all `export * from '…'` statements, in order. Comments and texts are not looked into.
std::vector<std::string> star_exports(std::string_view source);

// The file that a relative import means, tried as TypeScript resolves it; empty if there is none.
std::filesystem::path resolve_relative(const std::filesystem::path& directory, const std::string& specifier);

}  // namespace sluice::read
