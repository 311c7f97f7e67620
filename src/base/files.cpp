#include "base/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <system_error>

#include "base/error.hpp"
#include "base/interrupt.hpp"

namespace sluice::files {

namespace {

[[noreturn]] void fail(const std::string& what, const fs::path& path, int code) {
  ErrorContext context;
  context.at.file = path.string();
  if (code == EACCES || code == EPERM) context.hint = "Check the permissions of the file and its directories.";
  if (code == ENOSPC) context.hint = "The disk is full. Nothing was changed.";
  if (code == EROFS) context.hint = "The file system is mounted read-only.";
  throw Error(what + " '" + path.string() + "': " + std::strerror(code), context);
}

// Closes the descriptor when the scope ends.
struct Descriptor {
  int fd;
  explicit Descriptor(int descriptor) : fd(descriptor) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

std::string read_descriptor(int fd, const fs::path& path) {
  std::string content;
  struct stat info {};
  if (fstat(fd, &info) == 0) {
    if (S_ISDIR(info.st_mode)) fail("cannot read", path, EISDIR);
    content.reserve(static_cast<size_t>(info.st_size));
  }
  char buffer[65536];
  for (;;) {
    ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read", path, errno);
    if (n == 0) return content;
    content.append(buffer, static_cast<size_t>(n));
  }
}

enum class Flush { no, yes };

fs::path write_temporary(const fs::path& path, std::string_view content, Flush flush) {
  // The underscore: drizzle-kit takes every other file of its meta folder for a snapshot.
  std::string name =
      (path.parent_path() / ("_" + path.filename().string() + std::string(temporary_mark) + "XXXXXX")).string();
  Descriptor file(mkostemp(name.data(), O_CLOEXEC));
  if (file.fd < 0) fail("cannot write", path, errno);
  try {
    for (size_t done = 0; done < content.size();) {
      ssize_t n = ::write(file.fd, content.data() + done, content.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot write", path, errno);
      done += static_cast<size_t>(n);
    }
    // A file that is replaced keeps its mode; a new one gets what the umask allows.
    struct stat old {};
    mode_t mask = umask(0);
    umask(mask);
    mode_t mode = stat(path.c_str(), &old) == 0 ? old.st_mode & 07777 : 0666 & ~mask;
    if (fchmod(file.fd, mode) != 0 || (flush == Flush::yes && fsync(file.fd) != 0)) fail("cannot write", path, errno);
  } catch (...) {
    unlink(name.c_str());
    throw;
  }
  return name;
}

void sync_directory(const fs::path& directory) {
  Descriptor dir(open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir.fd >= 0) fsync(dir.fd);  // some file systems refuse; the rename itself is atomic all the same
}

}  // namespace

std::string read(const fs::path& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) fail("cannot read", path, errno);
  return read_descriptor(file.fd, path);
}

std::optional<std::string> read_if_exists(const fs::path& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (file.fd < 0) fail("cannot read", path, errno);
  return read_descriptor(file.fd, path);
}

void write_atomically(const fs::path& path, std::string_view content) {
  Batch batch;
  batch.add(path, content);
  batch.commit();
}

void write_quickly(const fs::path& path, std::string_view content) {
  const fs::path temporary = write_temporary(path, content, Flush::no);
  if (rename(temporary.c_str(), path.c_str()) == 0) return;
  const int code = errno;
  unlink(temporary.c_str());
  fail("cannot write", path, code);
}

std::optional<fs::path> cache_directory() {
  fs::path base;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg == '/') {
    base = xdg;
  } else if (const char* home = std::getenv("HOME"); home && *home == '/') {
    base = fs::path(home) / ".cache";
  } else {
    return std::nullopt;
  }
  fs::path ours = base / "sluice";
  std::error_code error;
  fs::create_directories(base, error);
  if (mkdir(ours.c_str(), 0700) != 0 && errno != EEXIST) return std::nullopt;
  // What is found there is executed or trusted later: it must be a directory of ours that nobody else can write to.
  struct stat info {};
  if (lstat(ours.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 022))
    return std::nullopt;
  if (access(ours.c_str(), W_OK) != 0) return std::nullopt;
  return ours;
}

fs::path data_directory() {
  if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg && *xdg == '/') return fs::path(xdg) / "sluice";
  const char* home = std::getenv("HOME");
  if (geteuid() == 0 || !home || *home != '/') return "/var/lib/sluice";
  return fs::path(home) / ".local/share/sluice";
}

DirectoryLock::DirectoryLock(const fs::path& directory)
    : descriptor_(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail("cannot open", directory, errno);
  while (flock(descriptor_, LOCK_EX) != 0) {
    if (errno == EINTR) {
      interrupt::check();
      continue;
    }
    break;  // a file system without locks: better unlocked than not at all
  }
}

DirectoryLock::~DirectoryLock() { close(descriptor_); }

Batch::~Batch() {
  for (const Pending& file : pending_) unlink(file.temporary.c_str());
}

void Batch::add(const fs::path& path, std::string_view content) {
  pending_.push_back({write_temporary(path, content, Flush::yes), path});
}

void Batch::commit() {
  std::set<fs::path> directories;
  while (!pending_.empty()) {
    const Pending& file = pending_.front();
    if (rename(file.temporary.c_str(), file.path.c_str()) != 0) fail("cannot write", file.path, errno);
    directories.insert(file.path.parent_path());
    pending_.erase(pending_.begin());
  }
  // Once for all: file systems keep the order of renames, and each name leads to content that is on the disk already.
  for (const fs::path& directory : directories) sync_directory(directory);
}

}  // namespace sluice::files
