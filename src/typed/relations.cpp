#include "sluice/relations.hpp"

#include <map>
#include <optional>
#include <set>

namespace sluice::pg::detail {

namespace {

std::optional<key_values> key_of(const result& rows, std::size_t row, std::span<const std::size_t> columns) {
  key_values out;
  for (std::size_t column : columns) {
    auto value = rows.text(row, column);
    if (!value) return std::nullopt;
    out.push_back(std::move(*value));
  }
  return out;
}

// What a list of such values can be cast to: a cast to char or bit would cut them to one place.
std::string list_type(const column_info& c) {
  fragment out;
  if (c.enumeration != nullptr)
    out.add_name(c.enumeration->schema).add(".").add_name(c.enumeration->name);
  else
    out.add(c.sql_type == "char"          ? "bpchar"
            : c.sql_type == "bit"         ? "varbit"
            : c.sql_type == "smallserial" ? "smallint"
            : c.sql_type == "serial"      ? "integer"
            : c.sql_type == "bigserial"   ? "bigint"
                                          : c.sql_type);
  return out.sql + "[]";
}

std::string list_of(const std::vector<key_values>& keys, std::size_t part) {
  std::string list = "{";
  for (const key_values& key : keys) append_element(list, key[part], false);
  return list + "}";
}

}  // namespace

std::vector<key_values> distinct_keys(const result& rows, std::span<const std::size_t> columns) {
  std::set<key_values> out;
  for (std::size_t i = 0; i < rows.rows(); i++)
    if (auto key = key_of(rows, i, columns)) out.insert(std::move(*key));
  return {out.begin(), out.end()};
}

std::vector<std::vector<std::size_t>> parents_of_children(const result& parents,
                                                          std::span<const std::size_t> parent_columns,
                                                          const result& children,
                                                          std::span<const std::size_t> child_columns) {
  std::map<key_values, std::vector<std::size_t>> by_key;
  for (std::size_t i = 0; i < parents.rows(); i++)
    if (auto key = key_of(parents, i, parent_columns)) by_key[*key].push_back(i);
  std::vector<std::vector<std::size_t>> out(children.rows());
  for (std::size_t i = 0; i < out.size(); i++)
    if (auto key = key_of(children, i, child_columns))
      if (auto found = by_key.find(*key); found != by_key.end()) out[i] = found->second;
  return out;
}

fragment relation_query(std::string_view schema, std::string_view table, std::span<const column_info> columns,
                        std::span<const std::size_t> key, const std::vector<key_values>& keys,
                        const fragment& condition, const fragment& order, std::int64_t limit) {
  fragment from, key_names;
  for (std::size_t place : key) {
    fragment name;
    append_column(name, schema, table, "", columns[place].name);
    append_to_list(key_names, name);
  }
  from.add(" FROM ");
  append_table(from, schema, table, "");
  from.add(" WHERE ");
  if (key.size() == 1) {
    from.add(key_names).add(" = ANY(").add_parameter({list_of(keys, 0)}).add(")");
  } else {
    // One parameter for each column, however many keys there are.
    from.add("(").add(key_names).add(") IN (SELECT * FROM unnest(");
    for (std::size_t i = 0; i < key.size(); i++) {
      if (i > 0) from.add(", ");
      from.add("CAST(").add_parameter({list_of(keys, i)}).add(" AS ").add(list_type(columns[key[i]])).add(")");
    }
    from.add("))");
  }
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
  out.add(key_names);
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
