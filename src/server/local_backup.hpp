// Going back in time with the local server: base backups beside its data, the WAL it archives from the first one on,
// and recovery to a restore point. The whole server goes back, all its databases. Nothing is thrown away: the data that
// a restore replaces is kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "server/local.hpp"

namespace sluice::server {

struct LocalBackup {
  std::filesystem::path directory;
  std::string taken_at;  // ISO 8601, UTC
  int timeline = 1;
  std::uint64_t start = 0, stop = 0;  // positions in the WAL: it can be brought to any after `stop`
  std::string first_wal;              // the archive is needed from this file on
};

// Makes the server archive its WAL, if it does not yet: it is started again for that (true).
bool local_start_archiving(const LocalOptions& options);
// Copies the data of the running server, while it is in use. Throws Error if it does not archive.
LocalBackup local_backup(const LocalOptions& options);
// Those that are there, the oldest first.
std::vector<LocalBackup> local_backups(const LocalOptions& options);
// Removes all but the last `keep` backups and the archived WAL that only those needed. Gives how many.
size_t local_prune_backups(const LocalOptions& options, size_t keep);
// Bytes of backups and archive.
std::uint64_t local_backup_bytes(const LocalOptions& options);

// Brings the server to the restore point `name`, which was written at position `lsn` ("0/3000060") of the running
// server's history: from the last backup before it. The data as it was is kept; gives where. When it fails, everything
// is as it was. Throws Error if there is no such backup.
std::filesystem::path local_restore(const LocalOptions& options, const std::string& name, const std::string& lsn);

// Exchanges the data with what the last restore replaced. Gives where the data now replaced is kept.
std::filesystem::path local_undo_restore(const LocalOptions& options);

}  // namespace sluice::server
