// What is said of a column beside its definition, given to the column that takes its place: rights, comment, security
// labels, how it is stored and how much of it ANALYZE looks at. The schema in code knows little of it, so the server
// is asked when the migration runs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/schema.hpp"

namespace sluice::plan {

// Why review need not look into these blocks.
inline constexpr const char* carried = "not-judged it says of the new column what is said of the old one";

// A DO block: the rights that somebody has on all columns of `from`.
std::string carry_rights(const model::Key& table, const std::vector<std::string>& from, const std::string& to);

// A DO block for columns of one table, as {old, new}. What the schema `known` says of an old one itself is left out:
// the plan says it of the new one. `same_type`: also how the values are stored.
std::string carry_over(const model::Schema& known, const model::Key& table,
                       const std::vector<std::pair<std::string, std::string>>& columns, bool same_type);

// The index that is the table's REPLICA IDENTITY, and the one that it is CLUSTERed on: noted for the rest of the
// transaction, and said of the indexes that have these names then.
std::string note_marks(const model::Key& table);
std::string restore_marks(const model::Key& table);

}  // namespace sluice::plan
