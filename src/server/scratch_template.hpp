// The data directory that scratch servers are copied from: made once for each PostgreSQL installation and kept in the
// user's cache, as small as it can be made. Private to this room.
#pragma once

#include <filesystem>
#include <optional>

#include "server/server_process.hpp"

namespace sluice::server {

// Makes `data` (which must not exist) a data directory that belongs to `user`, with the databases
// template1 and postgres. `memory` is a directory for temporary files.
void make_scratch_data(const fs::path& data, const Binaries& binaries, const std::optional<ServerUser>& user,
                       const fs::path& memory);

}  // namespace sluice::server
