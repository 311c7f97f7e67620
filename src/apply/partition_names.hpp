// The names that PostgreSQL gives the indexes of partitions, when it makes them itself.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/connection.hpp"

namespace sluice::apply {

// As ChooseIndexName() in PostgreSQL's indexcmds.c. What it has chosen counts as taken; what is `freed`, as free.
class PartNames {
 public:
  explicit PartNames(server::Connection& connection) : connection_(connection) {}

  void freed(const std::string& schema, const std::string& name) { free_.insert({schema, name}); }
  // For the index of `table`, a relation as SQL has it, on `columns`. `label`: idx, key or pkey.
  std::string choose(const std::string& table, const std::vector<std::string>& columns, const std::string& label);

 private:
  server::Connection& connection_;
  std::set<std::pair<std::string, std::string>> free_, taken_;
};

// The columns of an index as they are named now; expressions as PostgreSQL calls them.
std::vector<std::string> columns_of(server::Connection& connection, const std::string& index_oid);

// True if an index gets another name in `file`.
bool renames_index(std::string_view file, const std::string& index);

// What is to be run instead of ALTER INDEX … RENAME or RENAME CONSTRAINT, a statement of `file`: PostgreSQL renames
// that of the table alone. Where the file gives its name to another one, those of the partitions step aside; where it
// got the name of another one, they are named as if they had been made so. Nothing if it is another statement.
std::optional<std::string> rename_with_parts(server::Connection& connection, std::string_view statement,
                                             std::string_view file);

}  // namespace sluice::apply
