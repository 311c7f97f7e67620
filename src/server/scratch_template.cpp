#include "server/scratch_template.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace sluice::server {

namespace {

// Raise it when what is done to a template changes.
constexpr const char* format = "2";

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw Error(what + " '" + path + "': " + std::strerror(errno));
}

struct Descriptor {
  int fd;
  explicit Descriptor(int descriptor) : fd(descriptor) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

void copy_file(int from_directory, int to_directory, const char* name, const std::optional<ServerUser>& user,
               std::vector<char>& buffer) {
  Descriptor in(openat(from_directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  Descriptor out(openat(to_directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (in.fd < 0 || out.fd < 0) fail("cannot copy", name);
  if (user && fchown(out.fd, user->uid, user->group) != 0) fail("cannot give away", name);
  for (;;) {
    ssize_t n = read(in.fd, buffer.data(), buffer.size());
    if (n < 0) fail("cannot read", name);
    if (n == 0) return;
    for (ssize_t done = 0; done < n;) {
      ssize_t written = write(out.fd, buffer.data() + done, static_cast<size_t>(n - done));
      if (written < 0) fail("cannot write", name);
      done += written;
    }
  }
}

// Plain files and directories only; there are no others in a data directory of ours. Descriptors instead of paths: this
// is most of the time that a scratch server takes.
void copy_tree(const std::string& from, const std::string& to, const std::optional<ServerUser>& user,
               std::vector<char>& buffer) {
  if (mkdir(to.c_str(), 0700) != 0) fail("cannot make", to);
  give_to(user, to);
  std::unique_ptr<DIR, int (*)(DIR*)> source(opendir(from.c_str()), closedir);
  Descriptor target(open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!source || target.fd < 0) fail("cannot open", from);
  while (const dirent* entry = readdir(source.get())) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entry->d_type == DT_DIR) {
      copy_tree(from + "/" + name, to + "/" + name, user, buffer);
    } else if (entry->d_type == DT_REG) {
      copy_file(dirfd(source.get()), target.fd, entry->d_name, user, buffer);
    }
  }
}

void copy_tree(const fs::path& from, const fs::path& to, const std::optional<ServerUser>& user) {
  std::vector<char> buffer(1 << 20);
  copy_tree(from.string(), to.string(), user, buffer);
}

process::Result run_as(const std::optional<ServerUser>& user, const std::vector<std::string>& command,
                       std::string_view input) {
  process::Options options;
  options.directory = "/";
  options.environment = {"LC_ALL=C"};
  options.input = input;
  if (user) options.run_as = user->uid;
  return process::run(command, options);
}

// What a scratch server does not need goes: template0, the space that initdb's updates left, and the log of it all.
void make_slim(const fs::path& data, const Binaries& binaries, const std::optional<ServerUser>& user) {
  const std::string commands =
      "UPDATE pg_database SET datistemplate = false WHERE datname = 'template0'\n"
      "DROP DATABASE template0\n"
      "VACUUM FULL\n"
      "VACUUM FREEZE\n"
      "CHECKPOINT\n";
  process::Result result = run_as(user,
                                  {(binaries.directory / "postgres").string(), "--single", "-D", data.string(), "-F",
                                   "-c", "min_wal_size=2MB", "-c", "max_wal_size=2MB", "template1"},
                                  commands);
  interrupt::check();
  if (result.exit_code != 0 || result.err.find("ERROR:") != std::string::npos) {
    ErrorContext context;
    context.detail = text::trim(result.err);
    throw Error("cannot prepare the template of scratch databases", context);
  }
  // Not in the npm packages; without it some megabytes more are copied.
  const fs::path reset = binaries.directory / "pg_resetwal";
  if (fs::exists(reset)) run_as(user, {reset.string(), "-f", "-D", data.string()}, "");
}

// In `memory`, since initdb on a disk takes seconds.
void make_template(const fs::path& result, const Binaries& binaries, const std::optional<ServerUser>& user,
                   const fs::path& memory, const std::optional<ServerUser>& owner) {
  std::string work = (memory / "sluice-template-XXXXXX").string();
  if (!mkdtemp(work.data())) fail("cannot make a directory in", memory.string());
  struct Remove {
    const std::string& path;
    ~Remove() {
      std::error_code error;
      fs::remove_all(path, error);
    }
  } remove{work};
  give_to(user, work);
  const fs::path data = fs::path(work) / "data";
  run_initdb(binaries, data, user, {"--auth=trust", "--no-sync", "--wal-segsize=1"});
  make_slim(data, binaries, user);
  copy_tree(data, result, owner);
}

// The template in the cache, made if it is not there yet. Other processes may want it at the same moment.
fs::path cached_template(const fs::path& cache, const Binaries& binaries, const std::optional<ServerUser>& user,
                         const fs::path& memory) {
  const std::string key = binaries.directory.string() + "\n" + binaries.version + "\n" + utf8_locale() + "\n" + format;
  fs::path path = cache / ("scratch-" + binaries.version + "-" + files::sha256(key).substr(0, 8));
  if (fs::exists(path / "PG_VERSION")) return path;
  Descriptor lock(open((cache / "scratch.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.fd < 0) fail("cannot open", (cache / "scratch.lock").string());
  while (flock(lock.fd, LOCK_EX) != 0) interrupt::check();
  if (fs::exists(path / "PG_VERSION")) return path;
  fs::path unfinished = path;
  unfinished += ".new";
  fs::remove_all(unfinished);  // of a process that was killed
  make_template(unfinished, binaries, user, memory, std::nullopt);
  fs::rename(unfinished, path);
  return path;
}

}  // namespace

void make_scratch_data(const fs::path& data, const Binaries& binaries, const std::optional<ServerUser>& user,
                       const fs::path& memory) {
  // Root's cache need not be readable for the server's user: root makes the copy.
  if (std::optional<fs::path> cache = files::cache_directory())
    return copy_tree(cached_template(*cache, binaries, user, memory), data, user);
  make_template(data, binaries, user, memory, user);
}

}  // namespace sluice::server
