#include "read/typescript/shown_path.hpp"

#include <filesystem>

namespace sluice::read {

std::string shown_path(const std::string& path) {
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string() + "/";
  return !error && here.size() > 2 && path.starts_with(here) ? path.substr(here.size()) : path;
}

void show_paths(ErrorContext& context) {
  context.at.file = shown_path(context.at.file);
  for (Diagnostic& diagnostic : context.diagnostics) diagnostic.at.file = shown_path(diagnostic.at.file);
}

}  // namespace sluice::read
