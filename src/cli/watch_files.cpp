#include "cli/watch_files.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"

namespace sluice::cli {

namespace {

constexpr std::uint32_t saved = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
constexpr std::uint32_t watched = saved | IN_CREATE;  // of a directory, which has to be watched too
constexpr int calm_ms = 120;

// Of what lies beside schema files, these decide about the schema.
bool is_source(std::string_view name) {
  for (const std::string_view ending : {".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".json", ".sql", ".toml"})
    if (name.ends_with(ending)) return true;
  return name.starts_with(".env");
}

void add_below(const fs::path& directory, std::set<fs::path>& out) {
  if (out.size() > 500 || !out.insert(directory).second) return;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory(error) && !entry.is_symlink(error) && name != "node_modules" && name.front() != '.')
      add_below(entry.path(), out);
  }
}

}  // namespace

FileWatch::FileWatch() : descriptor_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (descriptor_ < 0) throw Error(std::string("files cannot be watched: ") + std::strerror(errno));
}

FileWatch::~FileWatch() { close(descriptor_); }

void FileWatch::add(const std::set<fs::path>& directories) {
  for (const fs::path& directory : directories) {
    if (watched_.contains(directory)) continue;
    if (inotify_add_watch(descriptor_, directory.c_str(), watched) >= 0) {
      watched_.insert(directory);
    } else if (errno == ENOSPC) {
      ErrorContext context;
      context.hint = "Raise it: sysctl fs.inotify.max_user_watches=524288";
      throw Error("this user may watch no more directories", context);
    }
  }
}

bool FileWatch::wait() {
  for (bool changed = false;;) {
    pollfd fd{descriptor_, POLLIN, 0};
    if (interrupt::requested()) return false;
    if (poll(&fd, 1, changed ? calm_ms : 200) <= 0) {
      if (changed) return true;
      continue;
    }
    alignas(8) char buffer[1 << 14];
    const ssize_t size = ::read(descriptor_, buffer, sizeof buffer);
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      if (event->mask & saved ? event->len > 0 && is_source(event->name) : (event->mask & IN_ISDIR) != 0)
        changed = true;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

std::set<fs::path> source_directories(const Config& config) {
  std::set<fs::path> out;
  if (config.file) out.insert(config.file->parent_path());
  for (const std::string& pattern : config.schema)
    for (const fs::path& found : files::glob(config.directory, pattern))
      add_below(fs::is_directory(found) ? found : found.parent_path(), out);
  return out;
}

}  // namespace sluice::cli
