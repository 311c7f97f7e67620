// Before anything runs: are there rows that will make a pending migration fail?
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.hpp"
#include "ddl/catalog.hpp"
#include "history/folder.hpp"
#include "server/connection.hpp"

namespace sluice::cli {

struct Obstacle {
  std::string file;  // path of the migration
  int line = 1;      // of the statement
  std::string statement;
  std::string what;               // "NULL in sessions.duration"
  std::string count;              // of such rows; "" where only the server's error is known
  std::string error;              // of a cast that fails
  std::vector<std::string> rows;  // the first of them, column=value
  std::string query;
  std::string mend = {};  // Risk::mend
};

struct Preflight {
  std::vector<Obstacle> obstacles;
  size_t asked = 0;                  // queries
  std::vector<std::string> skipped;  // what could not be looked up before, and why
};

// The objects of a live database, all its schemas; or these, in the order in which names are looked for in them.
ddl::Catalog live_catalog(server::Connection& connection, const std::vector<std::string>& schemas = {});

// Asks, in a read-only transaction with time limits, for rows that the statements of the migrations cannot live with.
// What an earlier pending statement may have mended or made is left out.
Preflight preflight(server::Connection& connection, const std::vector<history::Migration>& pending,
                    const std::vector<std::string>& schemas = {});

// Throws Error with what was found, before anything has run. What cannot be looked up is a warning at most.
void refuse_obstacles(server::Connection& connection, const std::vector<history::Migration>& pending,
                      Terminal& terminal, const std::vector<std::string>& schemas = {});
// The same for the way back of a migration: what fails half-way would leave the database between two states.
void refuse_obstacles_of_way_back(server::Connection& connection, const history::Migration& down, Terminal& terminal,
                                  const std::vector<std::string>& schemas = {});

Diagnostic to_diagnostic(const Obstacle& obstacle);

}  // namespace sluice::cli
