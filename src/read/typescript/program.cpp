#include "read/typescript/program.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/files.hpp"
#include "read/typescript/parts.hpp"

namespace sluice::read {

namespace {

namespace fs = std::filesystem;

// Ours, executable, whole. The directory belongs to us and nobody else can write to it.
bool usable(const fs::path& program) {
  struct stat info {};
  return lstat(program.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
         (info.st_mode & S_IXUSR) != 0 && size_t(info.st_size) == parts::esbuild().size() &&
         access(program.c_str(), X_OK) == 0;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(size_t(n));
  }
  return true;
}

// Writes the program beside its final name and renames it: two of us starting at once both end with a whole file.
bool extract(const fs::path& program) {
  std::string temporary = program.string() + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return false;
  bool done = write_all(fd, parts::esbuild()) && fchmod(fd, 0700) == 0;
  done = close(fd) == 0 && done;
  done = done && rename(temporary.c_str(), program.c_str()) == 0;
  if (!done) unlink(temporary.c_str());
  return done && usable(program);
}

// Stays open as long as the process: children open it by its name under /proc.
fs::path in_memory() {
  const int fd = memfd_create("esbuild", 0);
  if (fd < 0 || !write_all(fd, parts::esbuild())) {
    throw Error(std::string("cannot prepare esbuild: ") + std::strerror(errno),
                {.hint = "set HOME or XDG_CACHE_HOME to a directory that can be written to"});
  }
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd);
}

fs::path find() {
  if (const char* given = std::getenv("SLUICE_ESBUILD"); given != nullptr && *given != '\0') return given;
  if (const auto cache = files::cache_directory()) {
    const fs::path program = *cache / ("esbuild-" + parts::esbuild_id());
    if (usable(program) || extract(program)) return program;
  }
  return in_memory();
}

}  // namespace

const Esbuild& esbuild_program() {
  static const Esbuild program(find());
  return program;
}

}  // namespace sluice::read
