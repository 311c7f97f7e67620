// Child processes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::process {

struct Result {
  int exit_code = 0;  // 128 + signal when killed by one
  std::string out, err;
};

struct Options {
  std::string_view input;                // given to the child's standard input
  std::filesystem::path directory;       // working directory; empty: ours
  std::optional<unsigned> run_as;        // user id to change to (only when we are root)
  std::vector<std::string> environment;  // "NAME=value" added to ours
};

// Runs argv[0] (looked up in PATH) and waits for it. Throws Error if it cannot be started.
Result run(const std::vector<std::string>& argv, const Options& options = {});
// Runs it with our own standard error, and its standard output on our descriptor `out`: for what people watch. Gives
// the exit code, 128 + signal when killed by one.
int run_visibly(const std::vector<std::string>& argv, int out, const Options& options = {});
// The full path of a program in PATH, or nothing.
std::optional<std::filesystem::path> find_program(std::string_view name);
// The path of the running executable.
std::filesystem::path self();

}  // namespace sluice::process
