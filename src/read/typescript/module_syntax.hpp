#pragma once

#include <string>
#include <string_view>

namespace sluice::read {

// The import statements of a bundle in module form, written as calls of require(), so that the bundle can stand inside a
// function that waits. Works on what esbuild prints, not on any module. Lines stay where they are.
std::string imports_to_requires(std::string_view code);

}  // namespace sluice::read
