// What migrations lean on and a scratch server does not have: Supabase's roles, schemas and tables, roles and
// extensions that they name and do not make, extensions that are not installed, and whatever a file of the project says
// ([verify] stand_ins of sluice.toml).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

// Makes what every Supabase project has before its first migration, in an empty scratch database: roles, the schemas
// auth, storage, realtime, vault … with the tables and functions that migrations name, the extensions of schema
// extensions. Gives the schemas that it made.
std::vector<std::string> make_supabase_whole(server::Connection& connection);

class StandIns {
 public:
  // Looks through the migrations' texts for what they need; `connection` is to the scratch server. With `of_supabase`
  // they lean on Supabase, whether they name something of it or not.
  StandIns(const Config& config, const std::vector<std::string>& migrations, server::Connection& connection,
           bool of_supabase = false);

  // Makes them in the empty database that `connection` leads to, which is used by other connections afterwards. Throws
  // Error with the file of the project that fails.
  void make(server::Connection& connection);
  // Schemas that are not the migrations' own.
  const std::set<std::string>& schemas() const { return schemas_; }
  // Extensions that the migrations make and this server does not have.
  const std::vector<std::string>& missing_extensions() const { return missing_; }
  // The text without CREATE EXTENSION of those and of Citus, and without indexes that need one: those are added to
  // `left_out`.
  std::string without_missing(std::string_view text, std::vector<std::string>& left_out);
  // True for an index that needs an extension that is not installed.
  bool lacks(const model::Index& index) const;
  // What stands for what, one phrase each, for a person.
  std::vector<std::string> describe() const;

 private:
  std::string missing_for_index(const std::vector<std::string>& tokens);

  const Config& config_;
  bool supabase_ = false, citus_ = false;
  std::string vector_schema_ = "public";  // where pgvector's types are to stand
  std::set<std::string> schemas_;
  std::vector<std::string> missing_, given_, roles_;
  std::set<std::string> methods_;  // with something missing: the access methods that there are
  std::set<std::string> indexes_;  // left out, so that there is nothing to drop
};

}  // namespace sluice::cli
