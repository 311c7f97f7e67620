#include "sluice/relations.hpp"

#include <set>
#include <unordered_map>

namespace sluice::pg::detail {

std::vector<std::string> distinct_keys(const result& rows, std::size_t column) {
  std::set<std::string> out;
  for (std::size_t i = 0; i < rows.rows(); i++)
    if (auto key = rows.text(i, column)) out.insert(std::move(*key));
  return {out.begin(), out.end()};
}

std::vector<std::vector<std::size_t>> parents_of_children(const result& parents, std::size_t parent_column,
                                                          const result& children, std::size_t child_column) {
  std::unordered_map<std::string, std::vector<std::size_t>> by_key;
  for (std::size_t i = 0; i < parents.rows(); i++)
    if (auto key = parents.text(i, parent_column)) by_key[*key].push_back(i);
  std::vector<std::vector<std::size_t>> out(children.rows());
  for (std::size_t i = 0; i < out.size(); i++)
    if (auto key = children.text(i, child_column))
      if (auto found = by_key.find(*key); found != by_key.end()) out[i] = found->second;
  return out;
}

fragment relation_query(std::string_view schema, std::string_view table, std::span<const column_info> columns,
                        std::string_view key, const std::vector<std::string>& keys, const fragment& condition,
                        const fragment& order, std::int64_t limit) {
  std::string list = "{";
  for (const std::string& k : keys) append_element(list, k, false);
  fragment from;
  from.add(" FROM ");
  append_table(from, schema, table, "");
  from.add(" WHERE ");
  append_column(from, schema, table, "", key);
  from.add(" = ANY(").add_parameter({list + "}"}).add(")");
  if (!condition.sql.empty()) from.add(" AND ").add(condition);

  fragment out, names;
  out.add("SELECT ");
  if (limit < 0) {
    append_columns(names, schema, table, "", columns);
    out.add(names).add(from);
    if (!order.sql.empty()) out.add(" ORDER BY ").add(order);
    return out;
  }
  for (const column_info& c : columns) append_to_list(names, fragment().add_name(c.name));
  out.add(names).add(" FROM (SELECT ");
  fragment inner;
  append_columns(inner, schema, table, "", columns);
  out.add(inner).add(", row_number() OVER (PARTITION BY ");
  append_column(out, schema, table, "", key);
  if (!order.sql.empty()) out.add(" ORDER BY ").add(order);
  return std::move(out.add(") AS sluice_number")
                       .add(from)
                       .add(") AS sluice_related WHERE sluice_number <= ")
                       .add_parameter({std::to_string(limit)})
                       .add(" ORDER BY sluice_number"));
}

void missing_row(std::string_view table) {
  throw Error("a row refers to one of " + std::string(table) + " that is not there: there is no foreign key");
}

}  // namespace sluice::pg::detail
