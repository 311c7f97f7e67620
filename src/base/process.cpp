#include "base/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.hpp"
#include "base/text.hpp"

namespace sluice::process {

namespace {

struct Pipe {
  std::array<int, 2> end{-1, -1};
  Pipe() {
    if (pipe2(end.data(), O_CLOEXEC) != 0) throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(size_t i) {
    if (end[i] >= 0) close(end[i]);
    end[i] = -1;
  }
};

// Everything the child needs is prepared before the fork: between fork and exec only system calls are safe.
struct Child {
  std::vector<char*> argv, environment;
  std::string directory;
  std::optional<unsigned> user;
  gid_t group = 0;
};

[[noreturn]] void exec_child(const char* program, Child& child, int in, int out, int err, Pipe& failure) {
  auto give_up = [&] {
    int code = errno;
    [[maybe_unused]] ssize_t n = write(failure.end[1], &code, sizeof code);
    _exit(127);
  };
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  if (child.user) {
    if (setgroups(0, nullptr) != 0 || setgid(child.group) != 0 || setuid(*child.user) != 0) give_up();
  }
  if (!child.directory.empty() && chdir(child.directory.c_str()) != 0) give_up();
  execve(program, child.argv.data(), child.environment.data());
  give_up();
  _exit(127);
}

// Feeds `input` and drains both outputs at once, so that neither side can block the other.
void pump(std::string_view input, Pipe& in, Pipe& out, Pipe& err, Result& result) {
  fcntl(in.end[1], F_SETFL, O_NONBLOCK);
  if (input.empty()) in.close_end(1);
  while (out.end[0] >= 0 || err.end[0] >= 0) {
    std::array<pollfd, 3> fds{pollfd{out.end[0], POLLIN, 0}, pollfd{err.end[0], POLLIN, 0},
                              pollfd{in.end[1], POLLOUT, 0}};
    if (poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) continue;
      throw Error(std::string("poll: ") + std::strerror(errno));
    }
    auto drain = [&](const pollfd& fd, Pipe& pipe, std::string& into) {
      if (!fd.revents) return;
      std::array<char, 65536> buffer;
      ssize_t n = read(fd.fd, buffer.data(), buffer.size());
      if (n > 0) into.append(buffer.data(), static_cast<size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) pipe.close_end(0);
    };
    drain(fds[0], out, result.out);
    drain(fds[1], err, result.err);
    if (fds[2].revents) {
      ssize_t n = write(fds[2].fd, input.data(), input.size());
      if (n > 0) input.remove_prefix(static_cast<size_t>(n));
      if (input.empty() || (n < 0 && errno != EINTR && errno != EAGAIN)) in.close_end(1);
    }
  }
}

// Everything that run() and run_visibly() do before the fork.
Child prepare(const std::vector<std::string>& argv, const Options& options) {
  Child child;
  for (const std::string& a : argv) child.argv.push_back(const_cast<char*>(a.c_str()));
  child.argv.push_back(nullptr);
  for (char** e = environ; *e; e++) {
    std::string_view entry = *e;
    bool replaced = false;
    for (const std::string& ours : options.environment)
      replaced = replaced || entry.starts_with(ours.substr(0, ours.find('=') + 1));
    if (!replaced) child.environment.push_back(*e);
  }
  for (const std::string& ours : options.environment) child.environment.push_back(const_cast<char*>(ours.c_str()));
  child.environment.push_back(nullptr);
  child.directory = options.directory.string();
  if (options.run_as && geteuid() == 0) {
    child.user = options.run_as;
    const passwd* entry = getpwuid(*options.run_as);
    child.group = entry ? entry->pw_gid : *options.run_as;
  }
  return child;
}

int wait_for_exit(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::filesystem::path require_program(const std::string& name) {
  std::optional<std::filesystem::path> program = find_program(name);
  if (!program) throw Error("the program '" + name + "' was not found in PATH");
  return *program;
}

}  // namespace

int run_visibly(const std::vector<std::string>& argv, int out, const Options& options) {
  std::filesystem::path program = require_program(argv.at(0));
  Child child = prepare(argv, options);
  Pipe in, failure;
  in.close_end(1);
  pid_t pid = fork();
  if (pid < 0) throw Error(std::string("cannot start '") + argv[0] + "': " + std::strerror(errno));
  if (pid == 0) exec_child(program.c_str(), child, in.end[0], out, 2, failure);
  failure.close_end(1);
  int code = 0;
  ssize_t failed = read(failure.end[0], &code, sizeof code);
  int exit_code = wait_for_exit(pid);
  if (failed > 0) throw Error("cannot start '" + program.string() + "': " + std::strerror(code));
  return exit_code;
}

Result run(const std::vector<std::string>& argv, const Options& options) {
  std::filesystem::path program = require_program(argv.at(0));
  Child child = prepare(argv, options);
  Pipe in, out, err, failure;
  pid_t pid = fork();
  if (pid < 0) throw Error(std::string("cannot start '") + argv[0] + "': " + std::strerror(errno));
  if (pid == 0) exec_child(program.c_str(), child, in.end[0], out.end[1], err.end[1], failure);
  in.close_end(0), out.close_end(1), err.close_end(1), failure.close_end(1);
  int code = 0;
  ssize_t failed = read(failure.end[0], &code, sizeof code);
  Result result;
  if (failed <= 0) pump(options.input, in, out, err, result);
  result.exit_code = wait_for_exit(pid);
  if (failed > 0) throw Error("cannot start '" + program.string() + "': " + std::strerror(code));
  return result;
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return std::filesystem::path(name);
  const char* path = std::getenv("PATH");
  for (const std::string& directory : text::split(path ? path : "/usr/local/bin:/usr/bin:/bin", ":")) {
    std::filesystem::path candidate = std::filesystem::path(directory.empty() ? "." : directory) / name;
    std::error_code error;
    if (access(candidate.c_str(), X_OK) == 0 && !std::filesystem::is_directory(candidate, error)) return candidate;
  }
  return std::nullopt;
}

std::filesystem::path self() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace sluice::process
