// A backup is a directory of its own in backups/, made under another name and renamed when complete:
//
//   backups/2026-01-03T10-20-30Z/backup.json   when, timeline, positions
//   backups/2026-01-03T10-20-30Z/data/         PGDATA with its backup_label
//   replaced/2026-01-03T11-00-00Z/             PGDATA as it was before a restore
//
// The low-level API (pg_backup_start) serves instead of pg_basebackup, which not every installation brings.
#include "server/local_backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "server/connection.hpp"
#include "server/local_server.hpp"

namespace sluice::server {

namespace {

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
  throw Error(what + " '" + path.string() + "': " + std::strerror(errno));
}

std::string now() {
  std::time_t time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H-%M-%SZ", &utc)};
}

std::string as_time(std::string name) {
  for (size_t i = 10; i < name.size(); i++)
    if (name[i] == '-') name[i] = ':';
  return name;
}

// A name that is not there yet.
fs::path fresh(const fs::path& directory) {
  std::string name = now();
  fs::path path = directory / name;
  for (int i = 2; fs::exists(path); i++) path = directory / (name + "-" + std::to_string(i));
  return path;
}

std::uint64_t position(const std::string& lsn) {
  size_t slash = lsn.find('/');
  if (slash == std::string::npos) throw Error("'" + lsn + "' is not a position in the WAL");
  return (std::stoull(lsn.substr(0, slash), nullptr, 16) << 32) | std::stoull(lsn.substr(slash + 1), nullptr, 16);
}

// The first eight digits of a WAL file's name.
int timeline_of(const std::string& wal_file) { return std::stoi(wal_file.substr(0, 8), nullptr, 16); }

// What PostgreSQL's documentation says that a base backup leaves out; of the directories it wants their names.
const std::set<std::string, std::less<>> emptied{"pg_wal",       "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial",
                                                 "pg_snapshots", "pg_stat_tmp", "pg_subtrans", "pgsql_tmp"};
bool left_out(const std::string& name) {
  return name == "postmaster.pid" || name == "postmaster.opts" || name == "backup_label" || name == "tablespace_map" ||
         name == "backup_manifest" || name.starts_with("pg_internal.init") || name.starts_with("pgsql_tmp");
}

void give_like(const struct stat& like, const fs::path& path) {
  if (geteuid() == 0 && chown(path.c_str(), like.st_uid, like.st_gid) != 0) fail("cannot give away", path);
  if (chmod(path.c_str(), like.st_mode & 07777) != 0) fail("cannot set the mode of", path);
}

// A directory that a server works in (`live`): files come and go, and the WAL mends what was caught half-written.
void copy_data(const fs::path& from, const fs::path& to, bool live) {
  struct stat like {};
  if (lstat(from.c_str(), &like) != 0) {
    if (errno == ENOENT) return;
    fail("cannot read", from);
  }
  if (S_ISDIR(like.st_mode)) {
    if (mkdir(to.c_str(), 0700) != 0) fail("cannot make", to);
    give_like(like, to);
    if (live && emptied.contains(from.filename().string())) return;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(from, error))
      if (!live || !left_out(entry.path().filename().string()))
        copy_data(entry.path(), to / entry.path().filename(), live);
    if (error) throw Error("cannot read '" + from.string() + "': " + error.message());
    return;
  }
  if (!S_ISREG(like.st_mode)) return;  // sockets, and the tablespaces that were refused
  interrupt::check();
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error == std::errc::no_such_file_or_directory) return;
  if (error) throw Error("cannot copy '" + from.string() + "' to '" + to.string() + "': " + error.message());
  give_like(like, to);
}

std::optional<LocalBackup> read_backup(const fs::path& directory) {
  std::optional<std::string> text = files::read_if_exists(directory / "backup.json");
  if (!text) return std::nullopt;
  const nlohmann::json content = nlohmann::json::parse(*text, nullptr, false);
  if (!content.is_object()) return std::nullopt;
  return LocalBackup{directory,
                     content.value("taken_at", ""),
                     content.value("timeline", 1),
                     content.value("start", std::uint64_t{0}),
                     content.value("stop", std::uint64_t{0}),
                     content.value("first_wal", "")};
}

LocalStatus require_running(const LocalOptions& options) {
  LocalStatus status = local_status(options);
  if (status.running) return status;
  ErrorContext context;
  context.hint = status.exists ? "Start it with 'sluice db start'." : "Make one with 'sluice db start'.";
  throw Error(status.exists ? "the local server is stopped" : "there is no local server in " + status.data.string(),
              context);
}

// The branch that a timeline comes from ends here: parent, position. The file stands in pg_wal or in the archive.
std::vector<std::pair<int, std::uint64_t>> ancestors(const Layout& layout, int timeline) {
  char name[32];
  std::snprintf(name, sizeof name, "%08X.history", static_cast<unsigned>(timeline));
  std::optional<std::string> text = files::read_if_exists(layout.data / "pg_wal" / name);
  if (!text) text = files::read_if_exists(layout.archive / name);
  std::vector<std::pair<int, std::uint64_t>> out;
  for (const std::string& line : text::split(text.value_or(""), "\n")) {
    std::vector<std::string> fields = text::split(line, "\t");
    if (fields.size() >= 2 && !fields[0].empty() && fields[0][0] != '#')
      out.emplace_back(std::atoi(fields[0].c_str()), position(fields[1]));
  }
  return out;
}

std::string shell_quoted(const std::string& text) { return "'" + text::replace_all(text, "'", "'\\''") + "'"; }

// For postgresql.conf: the value of a setting.
std::string conf_quoted(const std::string& text) {
  return "'" + text::replace_all(text::replace_all(text, "\\", "\\\\"), "'", "''") + "'";
}

std::string recovery_settings(const Layout& layout, const std::string& point, int timeline) {
  std::string from = text::replace_all(shell_quoted(layout.archive.string()), "%", "%%") + "/%f";
  return "\nrestore_command = " + conf_quoted("cp " + from + " \"%p\"") +
         "\nrecovery_target_name = " + conf_quoted(point) + "\nrecovery_target_timeline = '" +
         std::to_string(timeline) + "'\nrecovery_target_action = 'promote'\n";
}

// Two directories change places, in one step where the file system can: at no moment there is none.
void exchange(const fs::path& one, const fs::path& other) {
  if (renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail("cannot move", one);
  fs::path between = one.string() + ".between";
  fs::rename(one, between);
  fs::rename(other, one);
  fs::rename(between, other);
}

// What is not needed any more goes, whether or not it can be removed.
struct Unfinished {
  fs::path directory;
  ~Unfinished() {
    std::error_code error;
    if (!directory.empty()) fs::remove_all(directory, error);
  }
};

// What a killed backup or restore left behind.
void remove_unfinished(const fs::path& directory) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".new") fs::remove_all(entry.path(), error);
}

void make_private_directory(const Layout& layout, const fs::path& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make", directory);
  give_to(owner_as_server_user(layout.data), directory);
}

}  // namespace

bool local_start_archiving(const LocalOptions& options) {
  LocalStatus status = require_running(options);
  if (Connection({status.url}).execute("SHOW archive_mode").text(0, 0) != "off") return false;
  Layout layout = local_layout(options);
  Descriptor lock(open_and_lock(layout, false));
  Marker marker = read_marker(layout).value_or(Marker{});
  marker.archive = true;
  write_marker(layout, marker);
  stop_local(layout, status.pid);
  start_local(layout, options);
  return true;
}

LocalBackup local_backup(const LocalOptions& options) {
  LocalStatus status = require_running(options);
  Layout layout = local_layout(options);
  Descriptor lock(open_and_lock(layout, false));
  Connection connection({status.url, "sluice db backup"});
  if (connection.execute("SHOW archive_mode").text(0, 0) == "off")
    throw Error("the local server does not archive its WAL");
  if (connection.execute("SELECT count(*) FROM pg_tablespace").text(0, 0) != "2")
    throw Error("the local server has tablespaces outside of its directory, which are not backed up");
  make_private_directory(layout, layout.backups);
  remove_unfinished(layout.backups);
  LocalBackup backup;
  backup.directory = fresh(layout.backups);
  backup.taken_at = as_time(backup.directory.filename().string());
  Unfinished unfinished{backup.directory.string() + ".new"};
  make_private_directory(layout, unfinished.directory);

  const bool old_names = connection.version() < 150000;
  Rows begun = connection.execute(
      std::string("SELECT l::text, pg_walfile_name(l) FROM ") +
      (old_names ? "pg_start_backup('sluice', true, false)" : "pg_backup_start('sluice', true)") + " AS l");
  backup.start = position(begun.text(0, 0));
  backup.first_wal = begun.text(0, 1);
  backup.timeline = timeline_of(backup.first_wal);
  const fs::path data = unfinished.directory / "data";
  copy_data(layout.data, data, true);
  // This waits until the WAL of the backup is in the archive.
  connection.execute("SET statement_timeout = '120s'");
  Rows ended = connection.execute(std::string("SELECT lsn::text, labelfile FROM ") +
                                  (old_names ? "pg_stop_backup(false)" : "pg_backup_stop()"));
  backup.stop = position(ended.text(0, 0));
  files::write_atomically(data / "backup_label", ended.text(0, 1));
  give_to(owner_as_server_user(layout.data), data / "backup_label");
  fs::permissions(data / "backup_label", fs::perms::owner_read | fs::perms::owner_write);
  files::write_atomically(unfinished.directory / "backup.json", nlohmann::json{{"taken_at", backup.taken_at},
                                                                               {"timeline", backup.timeline},
                                                                               {"start", backup.start},
                                                                               {"stop", backup.stop},
                                                                               {"first_wal", backup.first_wal}}
                                                                        .dump(2) +
                                                                    "\n");
  Descriptor written(open(unfinished.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (written.get() >= 0) syncfs(written.get());
  fs::rename(unfinished.directory, backup.directory);
  return backup;
}

std::vector<LocalBackup> local_backups(const LocalOptions& options) {
  std::vector<LocalBackup> out;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(local_layout(options).backups, error))
    if (entry.path().extension() != ".new")
      if (std::optional<LocalBackup> backup = read_backup(entry.path())) out.push_back(*backup);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.directory < b.directory; });
  return out;
}

size_t local_prune_backups(const LocalOptions& options, size_t keep) {
  Layout layout = local_layout(options);
  Descriptor lock(open_and_lock(layout, false));
  std::vector<LocalBackup> backups = local_backups(options);
  if (keep == 0 || backups.size() <= keep) return 0;
  size_t gone = backups.size() - keep;
  for (size_t i = 0; i < gone; i++) fs::remove_all(backups[i].directory);
  std::string first = backups[gone].first_wal;
  for (size_t i = gone; i < backups.size(); i++) first = std::min(first, backups[i].first_wal);
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(layout.archive, error)) {
    std::string name = entry.path().filename().string();
    // The first eight digits are the timeline, which says nothing about the age. The .history files stay.
    if (name.size() >= 24 && name.substr(8, 16) < first.substr(8, 16)) fs::remove(entry.path(), error);
  }
  return gone;
}

std::uint64_t local_backup_bytes(const LocalOptions& options) {
  Layout layout = local_layout(options);
  std::uint64_t bytes = 0;
  for (const fs::path& directory : {layout.backups, layout.archive}) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory, error))
      if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return bytes;
}

fs::path local_restore(const LocalOptions& options, const std::string& name, const std::string& lsn) {
  LocalStatus status = require_running(options);
  Layout layout = local_layout(options);
  Descriptor lock(open_and_lock(layout, false));
  int timeline = 1;
  {
    Connection connection({status.url, "sluice db restore"});
    // What is in the current segment must be in the archive too.
    std::string last = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").text(0, 0);
    timeline = timeline_of(last);
    for (auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
         !fs::exists(layout.archive / last);) {
      if (std::chrono::steady_clock::now() > deadline)
        throw Error("the server has not archived its WAL file " + last +
                    " within a minute, so nothing was changed; its log: " + layout.log.string());
      interrupt::check();
      usleep(20'000);
    }
  }
  const std::vector<std::pair<int, std::uint64_t>> before = ancestors(layout, timeline);
  const std::uint64_t target = position(lsn);
  std::optional<LocalBackup> from;
  for (const LocalBackup& backup : local_backups(options)) {
    bool ours = backup.timeline == timeline;
    for (const auto& [parent, end] : before) ours = ours || (backup.timeline == parent && backup.stop <= end);
    if (ours && backup.stop <= target) from = backup;
  }
  if (!from) {
    ErrorContext context;
    context.state = "Nothing was changed.";
    context.hint =
        "Only what happens after a 'sluice db backup' can be gone back to; 'sluice db backup --list' shows those.";
    throw Error("there is no backup from before " + name, context);
  }

  fs::path kept = layout.root / "replaced";
  make_private_directory(layout, kept);
  remove_unfinished(kept);
  fs::path replaced = fresh(kept);
  Unfinished unfinished{replaced.string() + ".new"};
  copy_data(from->directory / "data", unfinished.directory, false);
  fs::path conf = unfinished.directory / "postgresql.auto.conf", signal = unfinished.directory / "recovery.signal";
  files::write_atomically(conf, files::read_if_exists(conf).value_or("") + recovery_settings(layout, name, timeline));
  files::write_atomically(signal, "");
  for (const fs::path& file : {conf, signal}) {
    give_to(owner_as_server_user(layout.data), file);
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  }
  if (Descriptor written(open(unfinished.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); written.get() >= 0)
    syncfs(written.get());

  fs::rename(unfinished.directory, replaced);
  unfinished.directory = replaced;
  stop_local(layout, status.pid);
  exchange(layout.data, replaced);  // now the data that was there lies in `replaced`
  unfinished.directory.clear();
  try {
    start_local(layout, options);
    Connection connection({local_status(options).url, "sluice db restore"});
    // It answers queries before it has reached the point.
    while (connection.execute("SELECT pg_is_in_recovery()").text(0, 0) == "t") {
      interrupt::check();
      usleep(20'000);
    }
    for (const char* setting :
         {"restore_command", "recovery_target_name", "recovery_target_timeline", "recovery_target_action"})
      connection.execute("ALTER SYSTEM RESET " + std::string(setting));
    connection.execute("SELECT pg_reload_conf()");
  } catch (const Error& error) {
    if (LocalStatus now = local_status(options); now.running) stop_local(layout, now.pid);
    exchange(layout.data, replaced);
    unfinished.directory = replaced;
    start_local(layout, options);
    ErrorContext context = error.context;
    context.state = "Nothing was changed: the server runs with the data that it had.";
    throw Error("the restore from the backup of " + from->taken_at + " did not succeed: " + error.what(), context);
  }
  return replaced;
}

fs::path local_undo_restore(const LocalOptions& options) {
  Layout layout = local_layout(options);
  fs::path last;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(layout.root / "replaced", error))
    // A restore that was killed may have left a copy behind.
    if (entry.path().extension() != ".new" && !fs::exists(entry.path() / "recovery.signal"))
      last = std::max(last, entry.path());
  if (last.empty()) throw Error("nothing was restored here, so nothing can be undone");
  Descriptor lock(open_and_lock(layout, false));
  if (LocalStatus status = local_status(options); status.running) stop_local(layout, status.pid);
  exchange(layout.data, last);
  // Also when this fails, nothing is lost.
  start_local(layout, options);
  fs::path replaced = fresh(layout.root / "replaced");
  fs::rename(last, replaced);
  return replaced;
}

}  // namespace sluice::server
