// Copies of the project's database on its own server: what `db fork`, `db reset`, `db snapshot` and `db switch` share.
// They are databases whose names say what they are:
//
//   sluice_template_<database>_<checksum>   migrated, and seeded; what copies are made from, closed to connections
//   sluice_fork_<database>_<8 digits>       for a test or an experiment
//   sluice_snapshot_<database>:<name>       the data of the database as it was
#pragma once

#include <functional>
#include <string>

#include "cli/config.hpp"
#include "cli/project_seed.hpp"
#include "cli/terminal.hpp"
#include "history/folder.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// A connection to the project's database. Throws Error (Exit::refused) if it is not on this machine.
server::Connection connect_local(const Config& config, const std::string& command);
// A connection to the same server that leaves the database `name` free to be copied, renamed or dropped.
server::Connection connect_beside(const Config& config, const std::string& name);
std::string current_database(server::Connection& connection);

std::string fork_prefix(const std::string& database);
std::string snapshot_prefix(const std::string& database);

struct ProjectTemplate {
  std::string name;
  bool built = false;  // by this call
};

// A template with every migration of the folder and, if `seed` has anything, the seed. Its name is made of their
// checksums: it is made again when they change, and older ones are dropped. `connection` is of connect_local(). Nothing
// of the project's database changes. `applying` hears of each migration that is run.
ProjectTemplate project_template(const Config& config, server::Connection& connection, const ProjectSeed& seed,
                                 const std::function<void(const history::Migration&)>& applying, Terminal& terminal);

// False if the migrations do something to the database as a whole (ALTER DATABASE, GRANT … ON DATABASE) that a copy
// under another name would not have.
bool can_be_template(const history::Folder& folder);

}  // namespace sluice::cli
