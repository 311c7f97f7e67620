// esbuild: the native program that turns a tree of TypeScript files into one script. It is part of ours and is run as a
// child process.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace sluice::read {

struct BundleRequest {
  std::string entry;                // TypeScript; stands on esbuild's standard input
  std::filesystem::path directory;  // where imports of the entry resolve from; paths in messages are relative to it
  std::vector<std::string> flags;   // besides those that every bundle has
  bool small = false;               // a few files: threads would take longer to start than they save
};

struct Bundle {
  std::string code;
  std::vector<std::filesystem::path> inputs;  // absolute paths of all files that were read for it
  std::vector<std::string> imports;           // modules of the import statements left in the code, in their order
  // What a file's imports turned out to be: (file, specifier) → file. Without those that are left in the code.
  std::map<std::pair<std::filesystem::path, std::string>, std::filesystem::path> resolved;
};

class Esbuild {
 public:
  explicit Esbuild(std::filesystem::path program) : program_(std::move(program)) {}
  // Throws Error whose diagnostics are esbuild's messages with file and line.
  Bundle bundle(const BundleRequest& request) const;

 private:
  std::filesystem::path program_;
};

// The messages in what esbuild printed.
std::vector<Diagnostic> parse_esbuild_messages(std::string_view printed, const std::filesystem::path& directory);

}  // namespace sluice::read
