#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::read {

// The import statements of a bundle in module form, written as calls of require(), so that the bundle can stand inside
// an async function: it may wait at top level then, and is smaller and faster than the form with getters. Works on what
// esbuild prints, not on any module: `imports` are the modules that it says the statements name, in their order; if the
// statements found are others, the result is nothing. As imports are, the calls come before everything else; they stand
// on the first line, so that lines stay where they are.
std::optional<std::string> imports_to_requires(std::string_view code, const std::vector<std::string>& imports);

// Where a file begins in a bundle.
struct ModulePlace {
  int line = 0;
  bool in_package = false;  // under node_modules
};

// Their beginnings, as the comments that esbuild puts there say them, in order. Neighbours of the same sort are one.
std::vector<ModulePlace> module_places(std::string_view code);

}  // namespace sluice::read
