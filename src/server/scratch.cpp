// Scratch servers. Three processes: we, a keeper, and postgres. The keeper waits for the end of a pipe that we hold
// open; it comes when the Scratch is destroyed and also when we are killed, and the keeper then stops postgres and
// removes the directory. (PR_SET_PDEATHSIG alone would leave the directory, and it acts when the *thread* that started
// a server ends.) The directory, named sluice-scratch-…, holds the data, the socket, the log and a locked file that
// tells others it is in use.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "server/connection.hpp"
#include "server/scratch_template.hpp"
#include "server/server_process.hpp"

namespace sluice::server {

namespace {

using Clock = std::chrono::steady_clock;

const std::string prefix = "sluice-scratch-";
const std::string prefix_unfinished = "sluice-new-";

[[noreturn]] void fail(const std::string& what) { throw Error(what + ": " + std::strerror(errno)); }

// Memory if there is enough of it (a container's /dev/shm may have 64 MB), else the directory for temporary files.
fs::path memory_directory() {
  constexpr uint64_t needed = 100 << 20;
  struct statvfs info {};
  if (statvfs("/dev/shm", &info) == 0 && uint64_t{info.f_bavail} * info.f_frsize >= needed &&
      access("/dev/shm", W_OK | X_OK) == 0)
    return "/dev/shm";
  std::error_code error;
  fs::path temporary = fs::temp_directory_path(error);
  const size_t name = prefix.size() + sizeof "XXXXXX/.s.PGSQL.5432.lock";
  return error || temporary.string().size() + name >= sizeof(sockaddr_un::sun_path) ? "/tmp" : temporary;
}

// Directories of processes that were killed together with their keepers. Who works with one holds a lock in it.
void sweep(const fs::path& memory) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(memory, error)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with(prefix)) {
      int fd = open((entry.path() / "alive").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
      if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && !any_postgres_of(entry.path() / "data"))
        fs::remove_all(entry.path(), error);
      if (fd >= 0) close(fd);
    } else if (name.starts_with(prefix_unfinished) &&
               fs::file_time_type::clock::now() - entry.last_write_time(error) > std::chrono::minutes(10)) {
      fs::remove_all(entry.path(), error);
    }
  }
}

std::vector<std::string> server_command(const Binaries& binaries, const fs::path& directory) {
  std::vector<std::string> command{(binaries.directory / "postgres").string(),
                                   "-F",
                                   "-D",
                                   (directory / "data").string(),
                                   "-k",
                                   directory.string(),
                                   "-p",
                                   "5432"};
  // No durability, no background work; tables come and go by the thousand in one transaction.
  for (const char* setting : {"listen_addresses=",
                              "synchronous_commit=off",
                              "full_page_writes=off",
                              "autovacuum=off",
                              "wal_level=minimal",
                              "max_wal_senders=0",
                              "max_connections=50",
                              "shared_buffers=16MB",
                              "jit=off",
                              "max_worker_processes=0",
                              "max_logical_replication_workers=0",
                              "max_replication_slots=0",
                              "huge_pages=off",
                              "wal_buffers=64kB",
                              "update_process_title=off",
                              "bgwriter_lru_maxpages=0",
                              "checkpoint_timeout=1h",
                              "max_wal_size=1GB",
                              "min_wal_size=2MB",
                              "max_locks_per_transaction=1024",
                              "dynamic_shared_memory_type=mmap",
                              "log_min_messages=fatal",
                              "log_min_error_statement=panic"}) {
    command.emplace_back("-c");
    command.emplace_back(setting);
  }
  return command;
}

// The keeper's life, in a forked child of a process that may have threads: system calls and little more.
[[noreturn]] void keep(PreparedProgram& program, const std::string& directory, int life_line, int lock, int log) {
  setsid();  // Ctrl-C in the terminal is not for us
  if (chdir("/") != 0) _exit(1);
  for (int s : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) signal(s, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  // Whatever else we hold open could keep somebody waiting for its end: other keepers' pipes, the terminal.
  // First out of the way of each other, then to known numbers.
  life_line = fcntl(life_line, F_DUPFD, 10);
  lock = fcntl(lock, F_DUPFD, 10);
  log = fcntl(log, F_DUPFD, 10);
  dup2(life_line, 3);
  dup2(lock, 4);
  dup2(log, 5);
  close_range(6, ~0U, 0);
  for (int fd = 0; fd < 3; fd++) dup2(5, fd);
  fcntl(3, F_SETFD, FD_CLOEXEC);
  fcntl(4, F_SETFD, FD_CLOEXEC);

  pid_t server = fork();
  if (server == 0) program.execute(5, SIGQUIT);
  for (int status = 0; server > 0;) {
    pollfd end{3, POLLIN, 0};
    if (poll(&end, 1, 100) > 0) break;
    if (waitpid(server, &status, WNOHANG) == server) _exit(1);  // our parent reads the log and removes the directory
  }
  if (server > 0) {
    kill(server, SIGQUIT);
    waitpid(server, nullptr, 0);
  }
  std::error_code error;
  fs::remove_all(directory, error);
  _exit(0);
}

std::string percent_encoded(const std::string& path) {
  std::string result;
  for (char c : path) {
    bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
    if (plain) {
      result += c;
    } else {
      result += '%';
      result += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
      result += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
    }
  }
  return result;
}

// The socket's directory stands in the place of the host: both libpq and the drivers for node understand this.
std::string url_of(const fs::path& directory, const std::string& database) {
  return "postgresql://postgres@" + percent_encoded(directory.string()) + ":5432/" + database;
}

}  // namespace

Scratch::Scratch(const std::filesystem::path& project, std::optional<int> major) {
  try {
    start(require_binaries(project, major, server_user()));
    wait_until_ready();
  } catch (...) {
    stop();
    throw;
  }
}

Scratch::~Scratch() { stop(); }

void Scratch::start(const Binaries& binaries) {
  const std::optional<ServerUser> user = server_user();
  const fs::path memory = memory_directory();
  sweep(memory);
  std::string made = (memory / (prefix_unfinished + "XXXXXX")).string();
  if (!mkdtemp(made.data())) fail("cannot make a directory in '" + memory.string() + "'");
  directory_ = made;
  int log = open((directory_ / "log").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int lock = open((directory_ / "alive").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::array<int, 2> life{-1, -1};
  auto close_all = [&] {
    for (int fd : {log, lock, life[0]})
      if (fd >= 0) close(fd);
  };
  try {
    if (log < 0 || lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0 || pipe2(life.data(), O_CLOEXEC) != 0)
      fail("cannot prepare '" + made + "'");
    life_line_ = life[1];
    // Only now that it is locked under its final name: another process that sweeps must never find it unlocked.
    fs::path final_name = memory / (prefix + made.substr(made.size() - 6));
    fs::rename(directory_, final_name);
    directory_ = final_name;
    give_to(user, directory_);
    make_scratch_data(directory_ / "data", binaries, user, memory);
    PreparedProgram program(server_command(binaries, directory_), user);
    const std::string directory = directory_.string();
    keeper_ = fork();
    if (keeper_ == 0) keep(program, directory, life[0], lock, log);
    if (keeper_ < 0) fail("cannot start a process");
  } catch (...) {
    close_all();
    throw;
  }
  close_all();  // the keeper has its own; the lock lasts as long as it lives
}

void Scratch::wait_until_ready() {
  const fs::path socket = directory_ / ".s.PGSQL.5432";
  const auto deadline = Clock::now() + std::chrono::seconds(60);
  std::string problem = "it does not answer";
  while (Clock::now() < deadline) {
    interrupt::check();
    if (waitpid(keeper_, nullptr, WNOHANG) == keeper_) {
      keeper_ = 0;
      problem = "it ended at once";
      break;
    }
    if (access(socket.c_str(), F_OK) == 0) {
      try {
        connection_ = std::make_unique<Connection>(Target{url_of(directory_, "postgres")});
        return;
      } catch (const Error& error) {
        if (error.context.exit == Exit::interrupted) throw;
        problem = error.what();  // still starting
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ErrorContext context;
  context.detail = text::trim(files::read_if_exists(directory_ / "log").value_or(""));
  throw Error("the scratch PostgreSQL server did not start: " + problem, context);
}

void Scratch::stop() noexcept {
  connection_.reset();
  if (life_line_ >= 0) close(life_line_);
  if (keeper_ > 0) {
    while (waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  std::error_code error;  // done by the keeper, unless there was none
  if (!directory_.empty()) fs::remove_all(directory_, error);
}

std::string Scratch::create_database() {
  const std::string name = "scratch_" + std::to_string(++databases_);
  connection_->execute("CREATE DATABASE " + name);
  return url_of(directory_, name);
}

}  // namespace sluice::server
