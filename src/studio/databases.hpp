// The databases that the studio shows, and connections to them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/connection.hpp"

namespace sluice::studio {

struct Database {
  std::string id;     // in requests
  std::string label;  // for people: "local", "production"
  std::string url;
  bool is_protected = false;
};

class Databases;

// A connection that goes back to where it came from.
class Lease {
 public:
  Lease(Databases& from, std::string id, std::unique_ptr<server::Connection> connection)
      : from_(from), id_(std::move(id)), connection_(std::move(connection)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  server::Connection& operator*() const { return *connection_; }
  server::Connection* operator->() const { return connection_.get(); }

 private:
  Databases& from_;
  std::string id_;
  std::unique_ptr<server::Connection> connection_;
};

class Databases {
 public:
  // `timeout_seconds` is for each statement; 0: none.
  Databases(std::vector<Database> databases, bool read_only, int timeout_seconds);

  const std::vector<Database>& all() const { return databases_; }
  // The one of that id, the first one for "". Throws Error if there is none.
  const Database& find(const std::string& id) const;
  // True if nothing may be changed there: the studio or the database is read-only.
  bool read_only(const std::string& id) const;
  // Throws Error (Exit::refused) if it is so.
  void refuse_read_only(const std::string& id) const;

  // A connection for one request.
  Lease open(const std::string& id);
  // One that nobody else gets afterwards: what a person runs on it may change its settings.
  std::unique_ptr<server::Connection> open_own(const std::string& id) const;

 private:
  friend class Lease;
  void give_back(const std::string& id, std::unique_ptr<server::Connection> connection);

  std::vector<Database> databases_;
  bool read_only_;
  int timeout_seconds_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::unique_ptr<server::Connection>>> idle_;
};

}  // namespace sluice::studio
