// Whole databases of a server: copies, templates that copies are made from, dropping them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/connection.hpp"

namespace sluice::server {

struct Database {
  std::string name;
  std::int64_t bytes = 0;
  std::string comment;
};

// The databases whose names begin so, the oldest first.
std::vector<Database> databases(Connection& connection, const std::string& name_prefix);
bool database_exists(Connection& connection, const std::string& name);
// Ends all other sessions on that database that this role may end.
void end_sessions(Connection& connection, const std::string& database);

// CREATE DATABASE name TEMPLATE source. The copy belongs to `owner`, or to the role that is connected. Throws Error if
// somebody is connected to `source`; with `end_others`, their sessions are ended.
void copy_database(Connection& connection, const std::string& source, const std::string& name,
                   const std::string& owner = "", bool end_others = false);
void rename_database(Connection& connection, const std::string& from, const std::string& to);
// Ends the sessions on it. Nothing happens if there is none.
void drop_database(Connection& connection, const std::string& name);

struct Template {
  std::string name;
  std::string source = "template1";                 // what it is copied from before it is filled
  std::function<void(const std::string&)> fill;     // gets the name of the database to fill
  std::function<void(const std::string&)> waiting;  // called once if another process is filling it
};

// Sees to it that the database is there: filled completely, and closed to connections. Any number of processes that are
// connected to the same database may call it at once: one fills, under another name, the others wait. Gives true if
// this call has filled it.
bool ensure_template(Connection& connection, const Template& wanted);

}  // namespace sluice::server
