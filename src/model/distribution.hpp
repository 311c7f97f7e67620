// How Citus (https://github.com/citusdata/citus) spreads a table over servers. Table::distributed says it, one of
//   reference = true                        the whole table on every worker
//   by = column [, with = table] [, shards = n]   rows by the value of a column, beside those of another table
// `with` is the name (group_name) of the first table of those that lie together; that one itself has none. `shards` is
// there where it was said, or is not the server's default; it counts when the table is distributed and is not compared.
#pragma once

#include <map>
#include <set>
#include <string>

#include "model/schema.hpp"

namespace sluice::model {

std::string group_name(const Key& table);
// The text of an option of Table::distributed; "" if it is not said.
std::string distribution_option(const Table& table, std::string_view name);
// The column; "" for a table that is not spread: a reference table, or one that Citus knows nothing of.
inline std::string distribution_column(const Table& table) { return distribution_option(table, "by"); }
inline bool is_reference_table(const Table& table) { return !distribution_option(table, "reference").empty(); }
bool any_distributed(const Schema& schema);

// The tables that are spread, with the name of what each lies beside; the first of those has its own name.
std::map<Key, std::string> colocation(const Schema& schema);
// Names those that lie together after their first table. `groups`: table → anything that is the same for all of a
// group.
void set_colocation(Schema& schema, const std::map<Key, std::string>& groups);

// The tables of both schemas, under their names in the second, that are distributed in another way. Which tables lie
// together counts, not what their group is called.
std::set<Key> redistributed(const Schema& before, const Schema& after);

}  // namespace sluice::model
