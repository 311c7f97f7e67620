// Renames in the words of drizzle-kit 1.0's snapshots.
#pragma once

#include <vector>

#include "diff/diff.hpp"
#include "model/rows.hpp"

namespace sluice::cli {

std::vector<model::RowRename> row_renames(const diff::Renames& renames);

}  // namespace sluice::cli
