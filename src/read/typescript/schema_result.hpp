// What the extractor says about a schema besides the schema itself, and how that is kept between runs. The user's code
// ran in the same engine and may have changed anything that makes this text, so it is read as input from outside.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "read/typescript/typescript.hpp"

namespace sluice::read {

// The place in the user's files that a stack trace speaks of.
using LocateStack = std::function<Location(const std::string& stack)>;

// Sources, properties and warnings from {problems, sources, properties}; the numbers of files in it count in `files`.
// Throws Error with the schema's errors, or if the text is not of that form.
SchemaJson parse_result(std::string_view result, const std::vector<std::filesystem::path>& files,
                        const LocateStack& locate);

// A line with all that is not the schema's JSON, then that JSON.
std::string print_kept(const SchemaJson& schema);
// Nothing if the text is not what print_kept() writes.
std::optional<SchemaJson> parse_kept(std::string_view text);

}  // namespace sluice::read
