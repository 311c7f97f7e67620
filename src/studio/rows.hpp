// The rows of a table or view, a page at a time: after the last row of the page before (keyset paging), so that the
// thousandth page costs what the first one does.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "studio/objects.hpp"

namespace sluice::studio {

using Json = nlohmann::json;

// SQL with its parameters $1 ….
struct Query {
  std::string sql;
  std::vector<std::optional<std::string>> parameters;

  // Adds a parameter and gives its place: "$3".
  std::string add(std::optional<std::string> value);
};

// [{"column", "operator", "value"}]: what the rows must be. " WHERE …", or "" for none. Throws Error for a column or an
// operator that there is not.
std::string where(Query& query, const TableInfo& table, const Json& filters);

// A page of rows. `request`: {"filters", "sort": {"column", "descending"}, "after": what the answer before called
// "next", "limit", "columns": names, or all}. The answer: {"columns": names, "key": names or "ctid", "rows": [{"key",
// "version", "values", "cut": places of values that are longer}], "next": null at the end}.
Json read_rows(server::Connection& connection, const TableInfo& table, const Json& request);

// {"count", "exact"}: counted if that takes no longer than a moment, else the planner's estimate.
Json count_rows(server::Connection& connection, const TableInfo& table, const Json& request);

// One value in full: {"value"}. `request`: {"key", "column"}.
Json read_value(server::Connection& connection, const TableInfo& table, const Json& request);

// The condition that finds the row of `key`, a list of texts; for tables without a key, of one ctid.
std::string condition_of_key(Query& query, const TableInfo& table, const Json& key);

}  // namespace sluice::studio
