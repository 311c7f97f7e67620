#include "server/server_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace sluice::server {

namespace {

ServerUser user_of(const passwd& entry) { return {entry.pw_uid, entry.pw_gid, entry.pw_name}; }

// Only system calls: runs between fork and exec.
bool become(const ServerUser& user) noexcept {
  return setgroups(0, nullptr) == 0 && setgid(user.group) == 0 && setuid(user.uid) == 0;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::optional<ServerUser> server_user() {
  if (geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"})
    if (const passwd* entry = getpwnam(name); entry && entry->pw_uid != 0) return user_of(*entry);
  ErrorContext context;
  context.hint = "Run sluice as an ordinary user, or create one: useradd --system postgres";
  throw Error("PostgreSQL cannot run as root, and there is no user \"postgres\" or \"nobody\"", context);
}

std::optional<ServerUser> owner_as_server_user(const fs::path& file) {
  struct stat info {};
  if (geteuid() != 0 || stat(file.c_str(), &info) != 0 || info.st_uid == 0) return server_user();
  if (const passwd* entry = getpwuid(info.st_uid)) return user_of(*entry);
  return ServerUser{info.st_uid, info.st_gid, std::to_string(info.st_uid)};
}

void give_to(const std::optional<ServerUser>& user, const fs::path& path) {
  if (user && lchown(path.c_str(), user->uid, user->group) != 0)
    throw Error("cannot give '" + path.string() + "' to the user " + user->name + ": " + std::strerror(errno));
}

bool can_access(const std::optional<ServerUser>& user, const fs::path& path, int mode) {
  if (!user) return access(path.c_str(), mode) == 0;
  pid_t pid = fork();
  if (pid < 0) throw Error(std::string("cannot start a process: ") + std::strerror(errno));
  if (pid == 0) _exit(become(*user) && access(path.c_str(), mode) == 0 ? 0 : 1);
  return wait_for(pid) == 0;
}

std::string utf8_locale() {
  locale_t utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", nullptr);
  if (utf8) freelocale(utf8);
  return utf8 ? "C.UTF-8" : "C";
}

void run_initdb(const Binaries& binaries, const fs::path& data, const std::optional<ServerUser>& user,
                const std::vector<std::string>& arguments) {
  std::vector<std::string> command{(binaries.directory / "initdb").string(),
                                   "-D",
                                   data.string(),
                                   "-U",
                                   "postgres",
                                   "--encoding=UTF8",
                                   "--locale=" + utf8_locale()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process::Options options;
  options.directory = "/";  // the user may not be able to enter ours
  options.environment = {"LC_ALL=C"};
  if (user) options.run_as = user->uid;
  process::Result result = process::run(command, options);
  interrupt::check();  // Ctrl-C also reached initdb
  if (result.exit_code == 0) return;
  ErrorContext context;
  context.detail = text::trim(result.err.empty() ? result.out : result.err);
  throw Error("initdb could not make the database directory '" + data.string() + "'", context);
}

PreparedProgram::PreparedProgram(std::vector<std::string> arguments, const std::optional<ServerUser>& user)
    : arguments_(std::move(arguments)), user_(user) {
  for (std::string& argument : arguments_) argv_.push_back(argument.data());
  argv_.push_back(nullptr);
  // PGPORT, PGDATA, PGOPTIONS … are meant for clients; postgres would take some of them for itself.
  for (char** e = environ; *e; e++)
    if (std::strncmp(*e, "PG", 2) != 0) environment_.push_back(*e);
  environment_.push_back(nullptr);
}

void PreparedProgram::execute(int log, int parent_death_signal) noexcept {
  pid_t parent = getppid();
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
  close_range(3, ~0U, 0);
  umask(077);
  bool ready = chdir("/") == 0 && (!user_ || become(*user_));
  if (ready && parent_death_signal) {
    prctl(PR_SET_PDEATHSIG, parent_death_signal);  // after become(), which would clear it
    ready = getppid() == parent;
  }
  // We may have been started with signals ignored or blocked; postgres wants to get them.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int s : {SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGHUP, SIGCHLD}) signal(s, SIG_DFL);
  if (ready) execve(argv_[0], argv_.data(), environment_.data());
  const char* reason = std::strerror(errno);
  for (const char* part : {"cannot run ", static_cast<const char*>(argv_[0]), ": ", reason, "\n"})
    if (write(2, part, std::strlen(part)) < 0) break;
  _exit(127);
}

pid_t start_detached(PreparedProgram& program, int log) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
  pid_t child = fork();
  if (child == 0) {
    setsid();
    pid_t grandchild = fork();
    if (grandchild == 0) program.execute(log, 0);
    bool told = write(pipe_ends[1], &grandchild, sizeof grandchild) == sizeof grandchild;
    _exit(told && grandchild > 0 ? 0 : 1);
  }
  pid_t pid = 0;
  close(pipe_ends[1]);
  ssize_t got = child > 0 ? read(pipe_ends[0], &pid, sizeof pid) : -1;
  close(pipe_ends[0]);
  if (child > 0) wait_for(child);
  if (got != sizeof pid || pid <= 0) throw Error("cannot start a process for PostgreSQL");
  return pid;
}

namespace {

// The letter after "(name)" in /proc/PID/stat, and the name; nothing if there is no such process.
struct ProcessState {
  char letter;
  std::string name;
};

std::optional<ProcessState> state_of(pid_t pid) {
  std::optional<std::string> stat;
  try {
    stat = files::read_if_exists("/proc/" + std::to_string(pid) + "/stat");
  } catch (const Error&) {
    return std::nullopt;  // it ended while we read (ESRCH)
  }
  if (!stat) return std::nullopt;
  size_t open_at = stat->find('('), close_at = stat->rfind(')');
  if (close_at == std::string::npos || close_at + 2 >= stat->size()) return std::nullopt;
  return ProcessState{(*stat)[close_at + 2], stat->substr(open_at + 1, close_at - open_at - 1)};
}

}  // namespace

bool process_alive(pid_t pid) {
  if (pid <= 0) return false;
  std::optional<ProcessState> state = state_of(pid);
  return state && state->letter != 'Z' && state->letter != 'X';
}

bool is_postgres_of(pid_t pid, const fs::path& data) {
  if (pid <= 0) return false;
  std::error_code error;
  std::optional<ProcessState> state = state_of(pid);
  if (!state || state->letter == 'Z' || state->letter == 'X' || state->name != "postgres") return false;
  fs::path at = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
  return !error && at == fs::weakly_canonical(data, error);
}

pid_t any_postgres_of(const fs::path& data) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
    std::string name = entry.path().filename().string();
    pid_t pid = 0;
    auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad == std::errc() && end == name.data() + name.size() && is_postgres_of(pid, data)) return pid;
  }
  return 0;
}

}  // namespace sluice::server
