// Shell completions and the manual page, made from the command line's own tables: what --help knows, they know.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace sluice::cli {

std::string bash_completion(const CLI::App& app);
std::string zsh_completion(const CLI::App& app);
std::string fish_completion(const CLI::App& app);
// sluice(1), in the man macros.
std::string manual_page(const CLI::App& app);

}  // namespace sluice::cli
