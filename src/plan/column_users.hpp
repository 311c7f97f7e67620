// What in a database stands on columns of a table, as PostgreSQL itself notes it: more than a schema knows.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/schema.hpp"

namespace sluice::plan {

// A SELECT of several lines, also for another query to read from. Its rows ("who": "view v", "policy p on table t") are
// what DROP COLUMN … RESTRICT would fail on, and generated columns, which PostgreSQL 13 and 14 drop along without a
// word. What goes with the columns by itself (indexes, constraints, statistics) is not among them. Also of the tables
// that inherit the columns. Without columns: of the table or view as a whole. Fails if the table is not there.
std::string column_users_sql(const model::Key& table, const std::vector<std::string>& columns);

// A regular expression (PostgreSQL's) for texts that say the name as a word.
std::string says_name(const std::string& name);

// A DO block that raises an error, with this hint, if something stands on the columns (also on those of partitions and
// heirs), or on one of the views, whose name is not among `known`.
std::string refuse_unknown_users(const model::Key& table, const std::vector<std::string>& columns,
                                 const std::vector<const model::View*>& views, const std::set<std::string>& known,
                                 const std::string& hint);

}  // namespace sluice::plan
