#include "read/typescript/esbuild.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace sluice::read {

namespace {

// A file that exists only in memory. esbuild can write to it by its name under /proc and nothing is left behind.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(memfd_create(name, 0)) {
    if (fd_ < 0) throw Error(std::string("cannot make a file in memory: ") + std::strerror(errno));
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
  std::string content() const {
    std::string text;
    std::array<char, 65536> buffer;
    off_t at = 0;
    for (;;) {
      const ssize_t n = pread(fd_, buffer.data(), buffer.size(), at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return text;
      text.append(buffer.data(), size_t(n));
      at += n;
    }
  }

 private:
  int fd_;
};

// Reads esbuild's description of what it did.
void describe(Bundle& bundle, const std::string& metafile, const std::filesystem::path& directory) {
  const auto json = nlohmann::json::parse(metafile, nullptr, false);
  if (!json.is_object() || !json.contains("inputs") || !json.contains("outputs")) return;
  for (const auto& [name, input] : json["inputs"].items()) {
    // "(disabled):…" and the entry itself are not files.
    if (name == "<stdin>" || name == "sluice-entry.ts" || name.starts_with('(')) continue;
    const std::filesystem::path file = (directory / name).lexically_normal();
    bundle.inputs.push_back(file);
    for (const auto& import : input.value("imports", nlohmann::json::array())) {
      if (import.value("external", false) || !import.contains("original")) continue;
      bundle.resolved[{file, import.value("original", "")}] = (directory / import.value("path", "")).lexically_normal();
    }
  }
  for (const auto& output : json["outputs"]) {
    for (const auto& import : output.value("imports", nlohmann::json::array())) {
      if (import.value("kind", "") == "import-statement") bundle.imports.push_back(import.value("path", ""));
    }
  }
}

std::string name_of_package(const std::filesystem::path& directory) {
  const auto text = files::read_if_exists(directory / "package.json");
  const auto json = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  return json.is_object() && json.contains("name") && json["name"].is_string() ? json["name"].get<std::string>() : "";
}

// Do the "workspaces" of a package.json lead to a package of that name?
bool has_workspace(const std::filesystem::path& root, const nlohmann::json& json, const std::string& package) {
  if (!json.is_object() || !json.contains("workspaces")) return false;
  const auto& said = json["workspaces"];
  const auto& patterns = said.is_object() && said.contains("packages") ? said["packages"] : said;
  if (!patterns.is_array()) return false;
  for (const auto& pattern : patterns)
    if (pattern.is_string())
      for (const auto& file : files::glob(root, pattern.get<std::string>() + "/package.json"))
        if (name_of_package(file.parent_path()) == package) return true;
  return false;
}

// Does the package.json nearest to a file say that a package stands in the same workspace, or that of the workspace?
bool of_workspace(const std::string& package, const std::filesystem::path& file) {
  for (std::filesystem::path at = file.parent_path(); !at.empty(); at = at.parent_path()) {
    if (const auto text = files::read_if_exists(at / "package.json")) {
      const auto json = nlohmann::json::parse(*text, nullptr, false);
      for (const char* kind : {"dependencies", "devDependencies", "peerDependencies"}) {
        if (!json.is_object() || !json.contains(kind) || !json[kind].is_object()) continue;
        const auto found = json[kind].find(package);
        if (found == json[kind].end() || !found->is_string()) continue;
        const std::string version = found->get<std::string>();
        if (version.starts_with("workspace:") || version.starts_with("file:") || version.starts_with("link:"))
          return true;
      }
      if (has_workspace(at, json, package)) return true;
    }
    if (at == at.root_path()) break;
  }
  return false;
}

// esbuild's own advice speaks of its flags and plugins; ours speaks of what the person can do.
std::string hint_for(const std::string& message, const std::string& file = {}) {
  static const std::regex unresolved(R"re(^Could not resolve "([^"]+)")re");
  std::smatch match;
  if (!std::regex_search(message, match, unresolved)) return {};
  const std::string name = match[1];
  if (name.starts_with('.') || name.starts_with('/')) return "the file does not exist; check the path";
  if (name.starts_with("~") || name.starts_with("@/") || name.starts_with('#')) {
    return "check \"paths\" in tsconfig.json (or \"imports\" in package.json): nothing there leads to this file";
  }
  const size_t scope = name.starts_with('@') ? name.find('/') : std::string::npos;
  const size_t end = name.find('/', scope == std::string::npos ? 0 : scope + 1);
  const std::string package = name.substr(0, end);
  if (!file.empty() && of_workspace(package, file))
    return package + " is a package of this workspace: install there (pnpm install, npm install …) links it";
  return "install it: npm install " + package;
}

}  // namespace

std::vector<Diagnostic> parse_esbuild_messages(std::string_view printed, const std::filesystem::path& directory) {
  static const std::regex place(R"(^    (.+):(\d+):(\d+):$)");
  static constexpr std::string_view error_mark = "[ERROR] ";
  std::vector<Diagnostic> diagnostics;
  bool placed = false;
  for (const std::string& line : text::split(printed, "\n")) {
    if (const size_t at = line.find(error_mark); at != std::string::npos && at <= 8) {
      Diagnostic diagnostic;
      diagnostic.message = line.substr(at + error_mark.size());
      diagnostic.hint = hint_for(diagnostic.message);
      diagnostic.code = diagnostic.message.starts_with("Could not resolve") ? "unresolved-import" : "typescript-syntax";
      diagnostics.push_back(std::move(diagnostic));
      placed = false;
      continue;
    }
    std::smatch match;
    if (!diagnostics.empty() && !placed && std::regex_match(line, match, place)) {
      Location& location = diagnostics.back().at;
      location.file = (directory / match[1].str()).lexically_normal().string();
      location.line = std::stoi(match[2]);
      location.column = std::stoi(match[3]) + 1;
      diagnostics.back().hint = hint_for(diagnostics.back().message, location.file);
      placed = true;
    }
  }
  return diagnostics;
}

Bundle Esbuild::bundle(const BundleRequest& request) const {
  const MemoryFile code("bundle"), metafile("metafile");
  std::vector<std::string> argv = {program_.string(),
                                   "--bundle",
                                   "--target=es2022",
                                   "--platform=node",
                                   "--legal-comments=none",
                                   "--log-level=error",
                                   "--log-limit=50",
                                   "--color=false",
                                   "--loader=ts",
                                   "--sourcefile=sluice-entry.ts",
                                   "--outfile=" + code.path(),
                                   "--metafile=" + metafile.path()};
  argv.insert(argv.end(), request.flags.begin(), request.flags.end());
  process::Options options;
  options.input = request.entry;
  options.directory = request.directory;
  if (request.small) options.environment.emplace_back("GOMAXPROCS=1");
  const process::Result result = process::run(argv, options);
  if (result.exit_code == 0) {
    Bundle bundle{code.content(), {}, {}, {}};
    describe(bundle, metafile.content(), request.directory);
    return bundle;
  }

  ErrorContext context;
  context.diagnostics = parse_esbuild_messages(result.err, request.directory);
  if (context.diagnostics.empty()) {
    context.detail = result.err;
    throw Error("esbuild failed with exit code " + std::to_string(result.exit_code), context);
  }
  context.at = context.diagnostics.front().at;
  context.hint = context.diagnostics.front().hint;
  const std::string message = context.diagnostics.front().message;
  throw Error(message, std::move(context));
}

}  // namespace sluice::read
