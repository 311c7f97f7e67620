// Prints what a TypeScript schema or configuration reads as. Used by tests/typescript.
//
//   print_schema [--no-cache] [--time-limit=MS] [--memory-limit=MB] PROJECT CASING FILE…    ("" for no casing)
//   print_schema [--no-cache] --config FILE
//
// The JSON goes to standard output, diagnostics to standard error; --sources adds where everything was declared,
// --runs=N reads N times. Exit code 1 if there were errors.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "read/typescript/typescript.hpp"

extern char** environ;

namespace {

using namespace sluice;

void print(const Diagnostic& d) {
  std::fprintf(stderr, "%s[%s] %s:%d:%d: %s\n", d.severity == Severity::error ? "error" : "warning", d.code.c_str(),
               d.at.file.c_str(), d.at.line, d.at.column, d.message.c_str());
  if (!d.hint.empty()) std::fprintf(stderr, "  hint: %s\n", d.hint.c_str());
}

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; entry++) {
    const std::string_view text = *entry;
    const size_t equal = text.find('=');
    if (equal != std::string_view::npos) result.emplace(text.substr(0, equal), text.substr(equal + 1));
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  read::TypeScriptOptions options;
  options.environment = environment();
  bool config = false, sources = false;
  int runs = 1;
  std::vector<std::string> words;
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    if (word == "--no-cache")
      options.use_cache = false;
    else if (word == "--config")
      config = true;
    else if (word == "--sources")
      sources = true;
    else if (word.starts_with("--runs="))
      runs = std::atoi(word.c_str() + 7);
    else if (word.starts_with("--time-limit="))
      options.time_limit_ms = std::atoi(word.c_str() + 13);
    else if (word.starts_with("--memory-limit="))
      options.memory_limit_mb = std::atoi(word.c_str() + 15);
    else
      words.push_back(word);
  }
  if (words.size() < (config ? 1U : 3U)) {
    std::fprintf(stderr, "usage: print_schema [options] PROJECT CASING FILE... | --config FILE\n");
    return 2;
  }
  try {
    if (config) {
      std::puts(read::config_json(words[0], options).c_str());
      return 0;
    }
    options.project = words[0];
    read::SchemaJson schema;
    for (int i = 0; i < runs; i++) schema = read::schema_json({words.begin() + 2, words.end()}, words[1], options);
    std::puts(schema.json.c_str());
    for (const Diagnostic& d : schema.diagnostics) print(d);
    if (schema.from_cache) std::fprintf(stderr, "from cache\n");
    if (sources) {
      for (const auto& [key, at] : schema.sources)
        std::fprintf(stderr, "%s at %s:%d\n", key.c_str(), at.file.c_str(), at.line);
    }
    if (sources) {
      for (const auto& [key, word] : schema.properties) {
        std::fprintf(stderr, "%s.%s.%s is called %s\n", key[0].c_str(), key[1].c_str(), key[2].c_str(), word.c_str());
      }
    }
    return 0;
  } catch (const Error& error) {
    if (error.context.diagnostics.empty()) {
      std::fprintf(stderr, "error: %s\n%s", error.what(), error.context.detail.c_str());
      if (!error.context.hint.empty()) std::fprintf(stderr, "  hint: %s\n", error.context.hint.c_str());
    }
    for (const Diagnostic& d : error.context.diagnostics) print(d);
    if (!error.context.diagnostics.empty()) std::fprintf(stderr, "%s", error.context.detail.c_str());
    return 1;
  }
}
