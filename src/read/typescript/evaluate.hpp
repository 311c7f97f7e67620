// Runs a bundle in the engine and turns every way in which that can fail into an Error about the user's file.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "read/typescript/esbuild.hpp"
#include "read/typescript/typescript.hpp"

namespace sluice::read {

struct Script {
  BundleRequest request;  // how the bundle was made: made again with a source map when something fails
  std::string code;
  std::filesystem::path file;  // the first of the user's files, for failures without a place
  std::string prepare;         // evaluated before the code
  std::string finish;          // statements that read the result; they end with `return <text>`
  bool waits = true;           // the code stands in an async function and may wait at top level
  // What the code may read, as JSON: a text, null for a file that is not there, true for what is no text. Without a map
  // it may read nothing.
  std::optional<std::map<std::string, std::string>> files = std::nullopt;
};

struct Outcome {
  std::string wanted;  // a file that the code reads and that is not among its `files`; then there is nothing else
  std::string value;
  std::string second;  // value of globalThis.__sluice.second, for results of two parts
  // The names of the environment variables that were read; nothing if all were looked at.
  std::optional<std::set<std::string>> names;
};

// Bundles the entry. `script` needs `request`, `file` and `finish`. Gives what esbuild says of it; the code is in the
// script.
Bundle bundle_script(Script& script);

// Throws Error with file and line.
Outcome run_script(const Script& script, std::string_view image, const TypeScriptOptions& options);

// The place in the user's files that a stack trace of the script speaks of. Bundles once more, so it is slow.
class StackReader {
 public:
  explicit StackReader(const Script& script) : script_(script) {}
  // `message`: of the exception, if there is one; it may say more than the trace.
  Location locate(std::string_view stack, const std::string& message = {});

 private:
  const Script& script_;
  std::optional<std::string> mapped_code_;
};

}  // namespace sluice::read
