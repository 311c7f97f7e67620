// Migrations of other tools, read from their folders: Supabase, Prisma, dbmate, golang-migrate, Flyway.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::history {

struct ForeignMigration {
  std::string version;  // as the tool's own table says it
  std::string name;     // without the version, fit for a file name
  std::string up, down;
  std::filesystem::path file;
};

enum class Tool { supabase, prisma, dbmate, golang_migrate, flyway };
std::string_view name_of(Tool tool);

struct ForeignFolder {
  Tool tool = Tool::supabase;
  std::vector<ForeignMigration> migrations;  // in the tool's order
  std::vector<std::string> left_out;         // files that are no versioned migrations
};

// Which tool it is follows from the names. Throws Error if no tool's names are there.
ForeignFolder read_foreign(const std::filesystem::path& folder);

}  // namespace sluice::history
