// What migrations lean on and a scratch server does not have: Supabase's roles, schemas and tables, roles that they
// name and do not make, extensions that are not installed, and whatever a file of the project says ([verify] stand_ins
// of sluice.toml).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

class StandIns {
 public:
  // Looks through the folder for what it needs; `connection` is to the scratch server.
  StandIns(const Config& config, const history::Folder& folder, server::Connection& connection);

  // Makes them in the empty database that `connection` leads to, which is used by other connections afterwards. Throws
  // Error with the file of the project that fails.
  void make(server::Connection& connection);
  // Schemas that are not the migrations' own.
  const std::set<std::string>& schemas() const { return schemas_; }
  // Extensions that the migrations make and this server does not have.
  const std::vector<std::string>& missing_extensions() const { return missing_; }
  // The text without CREATE EXTENSION of those, and without indexes that need one: those are added to `left_out`.
  std::string without_missing(std::string_view text, std::vector<std::string>& left_out);
  // True for an index that needs an extension that is not installed.
  bool lacks(const model::Index& index) const;
  // What stands for what, one phrase each, for a person.
  std::vector<std::string> describe() const;

 private:
  std::string missing_for_index(const std::vector<std::string>& tokens);

  const Config& config_;
  bool supabase_ = false;
  std::set<std::string> schemas_;
  std::vector<std::string> missing_, roles_;
  std::set<std::string> methods_;  // with something missing: the access methods that there are
  std::set<std::string> indexes_;  // left out, so that there is nothing to drop
};

}  // namespace sluice::cli
