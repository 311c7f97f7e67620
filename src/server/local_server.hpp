// What starting, stopping, backing up and restoring the local server share: its directory, its lock, its process.
// Private to this room.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

#include "server/local.hpp"
#include "server/server_process.hpp"

namespace sluice::server {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Layout {
  fs::path root, marker, data, unfinished, run, log, pid_file, backups, archive;
};
Layout local_layout(const LocalOptions& options);

// Makes the directory if there is none and locks it. Everything after this is done by one process at a time.
int open_and_lock(const Layout& layout, bool create);

// The mark of a directory of ours.
struct Marker {
  int port = 0;
  std::string version;
  fs::path binaries;
  bool archive = false;  // the server keeps its WAL, for going back in time
};
std::optional<Marker> read_marker(const Layout& layout);
void write_marker(const Layout& layout, const Marker& marker);

// Starts the server whose data is there, and waits until it answers as its URL says; stops it again, or throws Error.
// The directory is locked.
void start_local(const Layout& layout, const LocalOptions& options);
void stop_local(const Layout& layout, pid_t pid);

// The last lines of the server's log after the first `from` bytes.
std::string log_tail(const Layout& layout, std::uintmax_t from);

}  // namespace sluice::server
