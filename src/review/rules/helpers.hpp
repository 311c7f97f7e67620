// What several rules ask.
#pragma once

#include "review/rule.hpp"

namespace sluice::review {

// True if an index begins with these columns, in any order: it finds the rows of a foreign key.
bool has_prefix_index(const ddl::Relation& table, const std::vector<std::string>& columns);
// True if a view or a foreign key of another table hangs on one of the objects.
bool depends_on(const Step& step, const sql::Drop& drop);
// The column by which Citus spreads the table's rows; "" if it does not.
std::string spread_by(const Step& step, const ddl::Name& table);

}  // namespace sluice::review
