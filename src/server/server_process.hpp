// Running PostgreSQL's programs: as which user, from which installation, and which processes are alive. PostgreSQL
// refuses to run as root, so root becomes another user first. Private to this room.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/local.hpp"

namespace sluice::server {

namespace fs = std::filesystem;

struct ServerUser {
  uid_t uid;
  gid_t group;
  std::string name;
};

// The user that servers run as when we are root: "postgres", else "nobody". Nothing if we are not root.
std::optional<ServerUser> server_user();
// The same, for a file that has an owner already.
std::optional<ServerUser> owner_as_server_user(const fs::path& file);
// Gives `path` to the user; nothing happens without one.
void give_to(const std::optional<ServerUser>& user, const fs::path& path);
// access(2) with the rights of that user, or with ours.
bool can_access(const std::optional<ServerUser>& user, const fs::path& path, int mode);

// The best installation that fits and that the user can run. Throws Error with what was looked at.
Binaries require_binaries(const fs::path& project, std::optional<int> major, const std::optional<ServerUser>& user);

// "C.UTF-8", or "C" on a machine without it.
std::string utf8_locale();
// Runs initdb on an empty directory that belongs to the user, with the superuser "postgres".
void run_initdb(const Binaries& binaries, const fs::path& data, const std::optional<ServerUser>& user,
                const std::vector<std::string>& arguments);

// A program that is ready to be executed after fork(), when memory must no longer be allocated.
class PreparedProgram {
 public:
  PreparedProgram(std::vector<std::string> arguments, const std::optional<ServerUser>& user);
  PreparedProgram(const PreparedProgram&) = delete;
  PreparedProgram& operator=(const PreparedProgram&) = delete;
  // Only in a child: becomes the user, writes both outputs to `log`, closes all other files and executes. With
  // `parent_death_signal` the program gets that signal when the calling thread ends.
  [[noreturn]] void execute(int log, int parent_death_signal) noexcept;

 private:
  std::vector<std::string> arguments_;
  std::vector<char*> argv_, environment_;
  std::optional<ServerUser> user_;
};

// Starts it in a session of its own, so that it outlives us and never becomes our zombie. Gives its process id.
pid_t start_detached(PreparedProgram& program, int log);

// Not a zombie; false for 0.
bool process_alive(pid_t pid);
// True if the process is a postgres at work in this data directory: a number in a file may be another program's by now.
bool is_postgres_of(pid_t pid, const fs::path& data);
// Any postgres process at work in this data directory, such as a backend that outlived a killed server; 0 if none.
pid_t any_postgres_of(const fs::path& data);

}  // namespace sluice::server
