// The developer's server. Its directory holds:
//
//   sluice-server.json   the mark that it is ours, with the version and port; nothing without it is ever touched
//   data/                PGDATA, made as data.new/ and renamed when complete
//   run/                 the unix socket; only the server's user can enter, so connections there need no password
//   log                  what the server prints
//   archive/, backups/   after the first `sluice db backup`: its WAL, and copies of data/ (local_backup.cpp)
//
// A lock (flock) on the directory itself lets one process at a time start or stop the server.
#include "server/local.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "server/connection.hpp"
#include "server/local_server.hpp"

namespace sluice::server {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

void sleep_a_little() {
  interrupt::check();
  std::this_thread::sleep_for(milliseconds(20));
}

// Server and port from postmaster.pid: line 1 is the process, 4 the port, 8 the state.
struct Postmaster {
  pid_t pid = 0;  // as the file says, alive or not
  int port = 0;
  bool ready = false, stopping = false;
};

Postmaster read_postmaster(const Layout& layout) {
  Postmaster postmaster;
  std::vector<std::string> lines = text::split(files::read_if_exists(layout.pid_file).value_or(""), "\n");
  postmaster.pid = std::atoi(lines[0].c_str());
  if (lines.size() > 3) postmaster.port = std::atoi(lines[3].c_str());
  postmaster.ready = lines.size() > 7 && text::trim(lines[7]) == "ready";
  postmaster.stopping = lines.size() > 7 && text::trim(lines[7]) == "stopping";
  return postmaster;
}

void refuse_foreign_directory(const Layout& layout) {
  if (fs::exists(layout.marker) || fs::is_empty(layout.root)) return;
  ErrorContext context;
  context.hint = "Choose another directory, or remove it yourself if you do not need it.";
  throw Error("the directory '" + layout.root.string() + "' was not made by sluice, so it is left alone", context);
}

// Directories of other users' installations may lie in a place that the server's user cannot enter.
void check_reachable(const std::optional<ServerUser>& user, const fs::path& directory) {
  if (can_access(user, directory, R_OK | X_OK | W_OK)) return;
  ErrorContext context;
  context.hint = "Choose a directory outside of root's, such as /var/lib/sluice, or run sluice as an ordinary user.";
  throw Error("the user " + (user ? user->name : "") + ", which the server must run as, cannot enter '" +
                  directory.string() + "'",
              context);
}

void make_directory_for(const std::optional<ServerUser>& user, const fs::path& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    throw Error("cannot make the directory '" + directory.string() + "': " + std::strerror(errno));
  give_to(user, directory);
  check_reachable(user, directory);
}

void initialize(const Layout& layout, const Binaries& binaries, const std::optional<ServerUser>& user) {
  fs::remove_all(layout.unfinished);  // of a start that was killed
  make_directory_for(user, layout.unfinished);
  const fs::path password_file = layout.root / "password";
  files::write_atomically(password_file, "postgres\n");
  fs::permissions(password_file, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  run_initdb(binaries, layout.unfinished, user,
             {"--pwfile=" + password_file.string(), "--no-sync", "--auth-host=scram-sha-256", "--auth-local=trust"});
  fs::remove(password_file);
  // All of it at once instead of initdb's thousand single files, which take seconds on a busy disk.
  Descriptor written(open(layout.unfinished.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (written.get() >= 0) syncfs(written.get());
  fs::rename(layout.unfinished, layout.data);
}

int major_of(const Layout& layout) {
  return std::atoi(files::read_if_exists(layout.data / "PG_VERSION").value_or("0").c_str());
}

// The installation that fits the data: a data directory belongs to one major version.
Binaries binaries_for(const Layout& layout, const LocalOptions& options, const std::optional<ServerUser>& user) {
  int made_by = major_of(layout);
  if (!made_by) return require_binaries(options.project, options.major, user);
  const std::string version = "PostgreSQL " + std::to_string(made_by);
  const std::string start_over =
      "remove '" + layout.root.string() + "' to begin with an empty database (its data is lost)";
  if (options.major && *options.major != made_by) {
    ErrorContext context;
    context.hint = "Use another port for the other version, or " + start_over + ".";
    throw Error("the local database was made by " + version + ", not " + std::to_string(*options.major), context);
  }
  try {
    return require_binaries(options.project, made_by, user);
  } catch (Error& error) {
    error.context.hint += " Or " + start_over + ".";
    throw Error("the local database was made by " + version + ": " + error.what(), error.context);
  }
}

enum class Listener { none, postgres, other };

// Whatever answers on the port of one of localhost's addresses. PostgreSQL answers a request for TLS by S or N.
Listener listener_at(const sockaddr* address, socklen_t length) {
  Descriptor listening(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int on = 1;  // connections that linger after a stop are no reason to refuse
  setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (listening.get() < 0 || bind(listening.get(), address, length) == 0 || errno != EADDRINUSE) return Listener::none;
  Descriptor client(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const unsigned char tls_request[8] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
  char answer = 0;
  if (connect(client.get(), address, length) != 0 || send(client.get(), tls_request, 8, MSG_NOSIGNAL) != 8)
    return Listener::other;
  pollfd readable{client.get(), POLLIN, 0};
  if (poll(&readable, 1, 1000) <= 0 || recv(client.get(), &answer, 1, 0) != 1) return Listener::other;
  return answer == 'S' || answer == 'N' ? Listener::postgres : Listener::other;
}

void check_port(int port) {
  if (port < 1 || port > 65535) throw Error(std::to_string(port) + " is not a port");
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(static_cast<uint16_t>(port));
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = v4.sin_port;
  v6.sin6_addr = in6addr_loopback;
  Listener found = listener_at(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
  if (found == Listener::none) found = listener_at(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  if (found == Listener::none) return;
  ErrorContext context;
  context.hint = "Choose another port (--port " + std::to_string(port == 65535 ? port - 1 : port + 1) + ")";
  context.hint += found == Listener::postgres ? ", or use that server by its URL." : ", or stop that program.";
  throw Error("port " + std::to_string(port) + " is in use by another " +
                  (found == Listener::postgres ? "PostgreSQL server" : "program"),
              context);
}

// After a kill -9 or a power cut postmaster.pid stays. PostgreSQL cleans up after the dead server by what stands in it,
// but refuses if a process with that number exists: after a reboot that is often some other program, in a container a
// zombie. So the number becomes one that no process can have; all of PostgreSQL's own checks remain.
void disown_stale_pid_file(const Layout& layout, const std::optional<ServerUser>& user) {
  constexpr int never_a_pid = 4194304;  // the kernel's limit
  // Processes of a killed server end by themselves, but not at once.
  for (auto deadline = Clock::now() + seconds(20); pid_t pid = any_postgres_of(layout.data);) {
    if (Clock::now() > deadline)
      throw Error("a process of an earlier server is still at work in '" + layout.data.string() +
                  "': " + std::to_string(pid));
    sleep_a_little();
  }
  std::optional<std::string> content = files::read_if_exists(layout.pid_file);
  if (!content) return;
  if (fs::exists("/proc/" + std::to_string(read_postmaster(layout).pid))) {
    content->replace(0, content->find('\n'), std::to_string(never_a_pid));
    files::write_atomically(layout.pid_file, *content);
    give_to(user, layout.pid_file);
  }
  std::error_code error;  // the socket and its lock file, which has nothing but the number
  for (const fs::directory_entry& entry : fs::directory_iterator(layout.run, error)) fs::remove(entry.path(), error);
}

std::string url_of(int port) {
  return "postgresql://postgres:postgres@localhost:" + std::to_string(port) + "/postgres";
}

// Until the URL that we are going to print works.
void wait_until_ready(const Layout& layout, pid_t pid, int port, uintmax_t log_from) {
  auto fail = [&](const std::string& what) {
    ErrorContext context;
    context.detail = log_tail(layout, log_from);
    context.hint = "The whole log: " + layout.log.string();
    throw Error(what, context);
  };
  std::string last;
  for (auto deadline = Clock::now() + seconds(120); Clock::now() < deadline; sleep_a_little()) {
    if (!process_alive(pid)) fail("the local PostgreSQL server did not start");
    Postmaster postmaster = read_postmaster(layout);
    if (postmaster.pid != pid || !postmaster.ready) continue;
    try {
      Connection connection({url_of(port) + "?sslmode=disable&gssencmode=disable"});
      return;
    } catch (const Error& error) {
      if (error.context.sqlstate == "28P01") fail("the local server runs, but its password is no longer \"postgres\"");
      if (error.context.exit == Exit::interrupted) throw;
      last = error.what();
    }
  }
  fail("the local PostgreSQL server did not become ready: " + last);
}

// WAL segments go to the archive as they are filled; the same one twice is no failure.
std::string archive_command(const fs::path& archive) {
  std::string to = "'";
  for (char c : archive.string()) to += c == '\'' ? "'\\''" : c == '%' ? "%%" : std::string(1, c);
  to += "/%f";
  return "if test -f " + to + "'; then cmp -s %p " + to + "'; else cp %p " + to + ".tmp' && mv " + to + ".tmp' " + to +
         "'; fi";
}

void start_server(const Layout& layout, const Binaries& binaries, const std::optional<ServerUser>& user, int port,
                  bool archive) {
  std::vector<std::string> arguments{(binaries.directory / "postgres").string(),
                                     "-D",
                                     layout.data.string(),
                                     "-p",
                                     std::to_string(port),
                                     "-c",
                                     "listen_addresses=localhost",
                                     "-c"};
  const fs::path socket = layout.run / (".s.PGSQL." + std::to_string(port));
  bool fits = socket.string().size() < sizeof(sockaddr_un::sun_path);  // otherwise it works by TCP only
  arguments.push_back("unix_socket_directories=" + (fits ? layout.run.string() : std::string()));
  if (archive) {
    make_directory_for(user, layout.archive);
    for (const std::string& setting :
         {std::string("archive_mode=on"), "archive_command=" + archive_command(layout.archive)}) {
      arguments.emplace_back("-c");
      arguments.push_back(setting);
    }
  }
  PreparedProgram program(arguments, user);

  std::error_code error;
  uintmax_t log_size = fs::file_size(layout.log, error);
  if (error) log_size = 0;
  if (log_size > 10'000'000) {
    fs::rename(layout.log, layout.root / "log.1");
    log_size = 0;
  }
  Descriptor log(open(layout.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (log.get() < 0) throw Error("cannot write '" + layout.log.string() + "': " + std::strerror(errno));
  pid_t pid = start_detached(program, log.get());
  try {
    wait_until_ready(layout, pid, port, log_size);
  } catch (...) {
    if (process_alive(pid)) kill(pid, SIGINT);
    throw;
  }
}

bool stop_and_wait(pid_t pid, const fs::path& data, int how, seconds patience) {
  if (kill(pid, how) != 0 && errno != ESRCH)
    throw Error("cannot stop the local server (process " + std::to_string(pid) + "): " + std::strerror(errno));
  for (auto deadline = Clock::now() + patience; is_postgres_of(pid, data); sleep_a_little())
    if (Clock::now() > deadline) return false;
  return true;
}

}  // namespace

Layout local_layout(const LocalOptions& options) {
  fs::path root = options.data ? fs::absolute(*options.data).lexically_normal()
                               : files::data_directory() / ("local-" + std::to_string(options.port));
  if (!root.has_filename()) root = root.parent_path();  // "dir/"
  return {root,         root / "sluice-server.json",      root / "data",    root / "data.new", root / "run",
          root / "log", root / "data" / "postmaster.pid", root / "backups", root / "archive"};
}

int open_and_lock(const Layout& layout, bool create) {
  std::error_code error;
  if (create) {
    // Root makes them for another user, whatever root's own mask is.
    const mode_t mask = umask(geteuid() == 0 ? 022 : 077);
    fs::create_directories(layout.root.parent_path(), error);
    bool made = mkdir(layout.root.c_str(), 0777) == 0 || errno == EEXIST;
    umask(mask);
    if (!made) throw Error("cannot make the directory '" + layout.root.string() + "': " + std::strerror(errno));
  }
  int fd = open(layout.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw Error("cannot open the directory '" + layout.root.string() + "': " + std::strerror(errno));
  for (auto deadline = Clock::now() + seconds(120); flock(fd, LOCK_EX | LOCK_NB) != 0;) {
    if (Clock::now() > deadline || errno != EWOULDBLOCK) {
      close(fd);
      throw Error("another sluice is at work on the local server in '" + layout.root.string() + "'");
    }
    try {
      sleep_a_little();
    } catch (...) {
      close(fd);
      throw;
    }
  }
  return fd;
}

std::optional<Marker> read_marker(const Layout& layout) {
  std::optional<std::string> text = files::read_if_exists(layout.marker);
  if (!text) return std::nullopt;
  const nlohmann::json content = nlohmann::json::parse(*text, nullptr, false);
  Marker marker;
  if (!content.is_object()) return marker;
  marker.port = content.value("port", 0);
  marker.version = content.value("version", "");
  marker.binaries = content.value("binaries", "");
  marker.archive = content.value("archive", false);
  return marker;
}

void write_marker(const Layout& layout, const Marker& marker) {
  nlohmann::json content{{"made_by", "sluice db start"},
                         {"port", marker.port},
                         {"version", marker.version},
                         {"binaries", marker.binaries.string()}};
  if (marker.archive) content["archive"] = true;
  files::write_atomically(layout.marker, content.dump(2) + "\n");
}

std::string log_tail(const Layout& layout, uintmax_t from) {
  std::string log = files::read_if_exists(layout.log).value_or("");
  log.erase(0, static_cast<size_t>(from));
  std::vector<std::string> lines = text::split(text::trim(log), "\n");
  if (lines.size() > 20) lines.erase(lines.begin(), lines.end() - 20);
  return text::join(lines, "\n");
}

void start_local(const Layout& layout, const LocalOptions& options) {
  std::optional<ServerUser> user = owner_as_server_user(layout.data);
  Binaries binaries = binaries_for(layout, options, user);
  check_port(options.port);
  Marker marker = read_marker(layout).value_or(Marker{});
  marker.port = options.port;
  marker.version = binaries.version;
  marker.binaries = binaries.directory;
  write_marker(layout, marker);
  make_directory_for(user, layout.run);
  if (!major_of(layout)) initialize(layout, binaries, user);
  disown_stale_pid_file(layout, user);
  start_server(layout, binaries, user, options.port, marker.archive);
}

void stop_local(const Layout& layout, pid_t pid) {
  if (stop_and_wait(pid, layout.data, SIGINT, seconds(60))) return;
  if (stop_and_wait(pid, layout.data, SIGQUIT, seconds(10))) return;
  throw Error("the local server (process " + std::to_string(pid) + ") does not stop");
}

LocalStatus local_status(const LocalOptions& options) {
  Layout layout = local_layout(options);
  LocalStatus status;
  status.data = layout.root;
  status.log = layout.log;
  status.url = url_of(options.port);
  std::optional<Marker> marker = read_marker(layout);
  status.exists = marker && fs::exists(layout.data / "PG_VERSION");
  if (!status.exists) return status;
  status.version = marker->version;
  Postmaster postmaster = read_postmaster(layout);
  status.running = is_postgres_of(postmaster.pid, layout.data);
  if (!status.running) return status;
  status.pid = postmaster.pid;
  if (postmaster.port) status.url = url_of(postmaster.port);
  return status;
}

namespace {

// False if the server says that it is on its way up or down.
bool answers(int port) {
  try {
    Connection connection({url_of(port) + "?sslmode=disable&gssencmode=disable"});
    return true;
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    return error.context.sqlstate != "57P03";
  }
}

// A server that is there already comes up, since another process was faster; or goes down, since one that stopped it
// was killed. True if it is up, false if it is gone.
bool is_up_after_all(const Layout& layout, pid_t pid) {
  std::error_code error;
  const uintmax_t log_size = fs::file_size(layout.log, error);
  for (auto deadline = Clock::now() + seconds(70);
       read_postmaster(layout).stopping && is_postgres_of(pid, layout.data) && Clock::now() < deadline;)
    sleep_a_little();
  if (!is_postgres_of(pid, layout.data)) return false;
  try {
    wait_until_ready(layout, pid, read_postmaster(layout).port, log_size);
  } catch (const Error& failed) {
    if (failed.context.exit == Exit::interrupted || is_postgres_of(pid, layout.data)) throw;
    return false;
  }
  return true;
}

}  // namespace

LocalStatus local_start(const LocalOptions& options) {
  Layout layout = local_layout(options);
  if (LocalStatus status = local_status(options); status.running) {
    const Postmaster postmaster = read_postmaster(layout);
    if (postmaster.ready && answers(postmaster.port)) return status;
  }
  Descriptor lock(open_and_lock(layout, true));
  refuse_foreign_directory(layout);
  LocalStatus status = local_status(options);
  if (!status.running || !is_up_after_all(layout, status.pid)) start_local(layout, options);
  return local_status(options);
}

bool local_stop(const LocalOptions& options) {
  if (!local_status(options).running) return false;
  Layout layout = local_layout(options);
  Descriptor lock(open_and_lock(layout, false));
  LocalStatus status = local_status(options);
  if (!status.running) return false;
  stop_local(layout, status.pid);
  return true;
}

}  // namespace sluice::server
