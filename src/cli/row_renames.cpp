#include "cli/row_renames.hpp"

namespace sluice::cli {

std::vector<model::RowRename> row_renames(const diff::Renames& renames) {
  auto type = [](diff::RenameKind kind) {
    switch (kind) {
      case diff::RenameKind::schema:
        return "schemas";
      case diff::RenameKind::enumeration:
        return "enums";
      case diff::RenameKind::sequence:
        return "sequences";
      case diff::RenameKind::role:
        return "roles";
      case diff::RenameKind::table:
        return "tables";
      case diff::RenameKind::column:
        return "columns";
    }
    return "";
  };
  std::vector<model::RowRename> out;
  for (const diff::Rename& rename : renames) out.push_back({type(rename.kind), rename.from, rename.to});
  return out;
}

}  // namespace sluice::cli
