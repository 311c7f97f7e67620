// The project's own seed: what [seed] of sluice.toml says, or supabase/seed.sql where there is one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/config.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

struct ProjectSeed {
  fs::path directory;           // paths and the command are relative to it
  std::vector<fs::path> files;  // run first
  std::string command;          // run in a shell, with DATABASE_URL
  // Of the command, and of every file that it or `depends` names: a seeded copy is made again when it changes.
  std::string checksum;

  bool empty() const { return files.empty() && command.empty(); }
  std::string describe() const;  // "seed.sql, tsx src/seed.ts"
};

// Throws Error if a file that the settings name is not there.
ProjectSeed project_seed(const Config& config);

// Runs it on the database at `url`; what a command prints goes to our descriptor `out`. Each SQL file is one
// transaction. Throws Error with file and line, or with the exit code of the command.
void run_project_seed(const ProjectSeed& seed, const std::string& url, int out, Terminal& terminal);

// "PATH=…" with the programs of node_modules, as a package script has them.
std::string path_with_node_modules(const fs::path& directory);

}  // namespace sluice::cli
