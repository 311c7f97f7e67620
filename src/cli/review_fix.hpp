// `sluice review --fix`: the newest migration in its safe form, as a difference, and with --write in the folder.
#pragma once

#include <string>

#include "cli/config.hpp"
#include "cli/terminal.hpp"
#include "ddl/catalog.hpp"
#include "review/fix.hpp"

namespace sluice::cli {

struct FixRequest {
  bool write = false, ignore_database = false;
  std::string lock_timeout;
};

// Shows what would change, or changes it: the file, its way back, snapshots, journal and checksums, and the migrations
// after it. `config` is empty for a file outside of a project, which is only shown. Throws Error (Exit::refused) if the
// migration is not the newest, is applied, or may be.
Json fix_migration(const Config* config, const Overrides& overrides, const fs::path& path, const std::string& text,
                   const review::FileReview& reviewed, const ddl::Catalog& before, const FixRequest& request,
                   Terminal& terminal);

}  // namespace sluice::cli
