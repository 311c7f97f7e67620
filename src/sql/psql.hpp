// A file as psql reads it: SQL, behind a COPY … FROM STDIN its rows up to a line \., and commands of psql's own.
#pragma once

#include <string_view>
#include <vector>

namespace sluice::sql {

struct PsqlPart {
  enum class Kind { statements, copy, command };
  Kind kind = Kind::statements;
  std::string_view text;  // of a command: its line
  int line = 1;           // where the text begins
  std::string_view data;  // of a COPY: its rows
  int data_line = 1;      // where they begin
};

// In the order of the file. What pg_dump writes around its output (\restrict, \unrestrict) is left out.
std::vector<PsqlPart> psql_parts(std::string_view file);

}  // namespace sluice::sql
