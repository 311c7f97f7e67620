// A database to try things in, as like the target as can be had: on the target's own server, when that is on this
// machine and lets us; else on a scratch server, of the same version where it is installed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "server/connection.hpp"
#include "server/local.hpp"

namespace sluice::server {

class TrialDatabase {
 public:
  // `target` is where `connection` leads; `locks`: how many tables, indexes and sequences a transaction in it will
  // make, about. Throws Error if there is neither a right nor a server.
  TrialDatabase(Connection& connection, const Target& target, const std::filesystem::path& project, size_t locks);
  ~TrialDatabase();
  TrialDatabase(const TrialDatabase&) = delete;
  TrialDatabase& operator=(const TrialDatabase&) = delete;

  Connection& connection() { return *trial_; }
  // False if it is of another major version than the target: texts may be laid out in another way.
  bool same_version() const { return same_version_; }

 private:
  bool make_on_target(Connection& connection, const Target& target, size_t locks);

  Connection* target_ = nullptr;  // of the server that `name_` is on
  std::string name_;
  std::unique_ptr<Scratch> scratch_;
  std::unique_ptr<Connection> trial_;
  bool same_version_ = true;
};

}  // namespace sluice::server
