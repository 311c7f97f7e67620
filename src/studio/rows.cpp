#include "studio/rows.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::studio {

namespace {

constexpr size_t longest_value = 1000;  // characters of a value in a list
constexpr size_t most_rows = 2000;

const Json& member(const Json& object, const char* name) {
  static const Json nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

std::optional<std::string> value_of(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// `%` and `_` of what a person searches for are letters.
std::string escaped_pattern(std::string value) {
  for (const char* special : {"\\", "%", "_"}) value = text::replace_all(value, special, std::string("\\") + special);
  return value;
}

std::string cast(const std::string& parameter, const ColumnInfo& column) { return parameter + "::" + column.type; }

std::string condition(Query& query, const TableInfo& table, const Json& filter) {
  const ColumnInfo& column = table.column(text_of(member(filter, "column")));
  const std::string op = text_of(member(filter, "operator")), name = sql::identifier(column.name);
  const std::optional<std::string> value = value_of(member(filter, "value"));
  if (op == "is null") return name + " IS NULL";
  if (op == "is not null") return name + " IS NOT NULL";
  if (!value) return name + (op == "<>" ? " IS NOT NULL" : " IS NULL");
  for (const char* plain : {"=", "<>", "<", "<=", ">", ">="})
    if (op == plain) {
      // json has no equality; its text has one.
      if (!column.can_be_sorted()) return name + "::text " + op + " " + query.add(value);
      return (op == "<>" ? name + " IS DISTINCT FROM " : name + " " + op + " ") + cast(query.add(value), column);
    }
  if (op == "contains" || op == "starts with" || op == "ends with" || op == "does not contain") {
    const std::string pattern =
        (op == "starts with" ? "" : "%") + escaped_pattern(*value) + (op == "ends with" ? "" : "%");
    const std::string like = name + "::text ILIKE " + query.add(pattern);
    return op == "does not contain" ? "(" + like + ") IS NOT TRUE" : like;
  }
  if (op == "in") {
    std::vector<std::string> list;
    for (const std::string& item : text::split(*value, ","))
      list.push_back(cast(query.add(std::string(text::trim(item))), column));
    return name + " IN (" + text::join(list, ", ") + ")";
  }
  throw Error("there is no filter '" + op + "'");
}

// What the rows are put in order by: a column that was asked for, then the key.
struct Order {
  std::vector<ColumnInfo> columns;
  bool descending = false;
  bool first_may_be_null = false;
  bool by_ctid = false;

  std::string sql() const {
    std::vector<std::string> parts;
    for (const ColumnInfo& column : columns)
      parts.push_back(sql::identifier(column.name) + (descending ? " DESC" : ""));
    if (by_ctid) parts.push_back(std::string("ctid") + (descending ? " DESC" : ""));
    return parts.empty() ? "" : " ORDER BY " + text::join(parts, ", ");
  }
};

Order order_of(const TableInfo& table, const Json& sort) {
  Order order;
  if (sort.is_object()) {
    const ColumnInfo& column = table.column(text_of(member(sort, "column")));
    if (!column.can_be_sorted()) throw Error("rows cannot be sorted by " + column.name + ": its type has no order");
    order.columns.push_back(column);
    order.descending = member(sort, "descending") == true;
    order.first_may_be_null = !column.not_null;
  }
  for (const std::string& name : table.key)
    if (order.columns.empty() || order.columns.front().name != name) order.columns.push_back(table.column(name));
  order.by_ctid = table.key.empty() && table.has_places();
  // Pages of a view are counted off: rows that are equal in what was asked for must not change places between them.
  if (sort.is_object() && table.key.empty() && !order.by_ctid)
    for (const ColumnInfo& column : table.columns)
      if (column.can_be_sorted() && column.name != order.columns.front().name && order.columns.size() < 8)
        order.columns.push_back(column);
  return order;
}

// Rows after the one whose values are `after`. A column that may be NULL comes with NULL last, or first when it is
// descending, as PostgreSQL's indexes have it.
std::string after_condition(Query& query, const Order& order, const Json& after) {
  std::vector<std::string> names, values;
  for (size_t i = 0; i < order.columns.size(); i++) {
    names.push_back(sql::identifier(order.columns[i].name));
    values.push_back(i == 0 && after.at(0).is_null() ? "NULL"
                                                     : cast(query.add(value_of(after.at(i))), order.columns[i]));
  }
  if (order.by_ctid) {
    names.emplace_back("ctid");
    values.push_back(query.add(value_of(after.at(order.columns.size()))) + "::tid");
  }
  auto compare = [&](size_t from) {
    const std::vector<std::string> left(names.begin() + static_cast<long>(from), names.end());
    const std::vector<std::string> right(values.begin() + static_cast<long>(from), values.end());
    return left.empty() ? std::string("false")
                        : "(" + text::join(left, ", ") + ")" + (order.descending ? " < " : " > ") + "(" +
                              text::join(right, ", ") + ")";
  };
  if (!order.first_may_be_null) return compare(0);
  if (after.at(0).is_null()) {
    const std::string among_nulls = "(" + names[0] + " IS NULL AND " + compare(1) + ")";
    return order.descending ? "(" + among_nulls + " OR " + names[0] + " IS NOT NULL)" : among_nulls;
  }
  return order.descending ? compare(0) : "(" + compare(0) + " OR " + names[0] + " IS NULL)";
}

// The value as a text that is not longer than what a list shows, by a little if it is.
std::string shortened(const ColumnInfo& column) {
  const std::string name = sql::identifier(column.name);
  if (!column.is_long()) return name;
  if (column.base == "bytea") return "substring(" + name + " from 1 for " + std::to_string(longest_value / 2 + 1) + ")";
  return "left(" + name + "::text, " + std::to_string(longest_value + 1) + ")";
}

size_t characters(const std::string& s) {
  return static_cast<size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string first_characters(const std::string& s, size_t count) {
  size_t at = 0;
  while (at < s.size() && count > 0) {
    at++;
    while (at < s.size() && (s[at] & 0xC0) == 0x80) at++;
    count--;
  }
  return s.substr(0, at);
}

Json json_of(const std::optional<std::string>& value) { return value ? Json(*value) : Json(nullptr); }

}  // namespace

std::string Query::add(std::optional<std::string> value) {
  parameters.push_back(std::move(value));
  return "$" + std::to_string(parameters.size());
}

std::string where(Query& query, const TableInfo& table, const Json& filters) {
  std::vector<std::string> parts;
  if (filters.is_array())
    for (const Json& filter : filters) parts.push_back(condition(query, table, filter));
  return parts.empty() ? "" : " WHERE " + text::join(parts, " AND ");
}

std::string condition_of_key(Query& query, const TableInfo& table, const Json& key) {
  if (!key.is_array() || key.size() != std::max<size_t>(table.key.size(), 1))
    throw Error("the key of the row is not that of " + table.name);
  if (table.key.empty()) return "ctid = " + query.add(value_of(key.at(0))) + "::tid";
  std::vector<std::string> parts;
  for (size_t i = 0; i < table.key.size(); i++)
    parts.push_back(sql::identifier(table.key[i]) + " = " +
                    cast(query.add(value_of(key.at(i))), table.column(table.key[i])));
  return text::join(parts, " AND ");
}

Json read_rows(server::Connection& connection, const TableInfo& table, const Json& request) {
  const Json& wanted = member(request, "columns");
  std::vector<const ColumnInfo*> columns;
  for (const ColumnInfo& column : table.columns)
    if (!wanted.is_array() || std::find(wanted.begin(), wanted.end(), column.name) != wanted.end())
      columns.push_back(&column);
  const size_t limit = std::min<size_t>(
      member(request, "limit").is_number_unsigned() ? member(request, "limit").get<size_t>() : 100, most_rows);
  const Order order = order_of(table, member(request, "sort"));
  const bool versions = table.is_table() && table.kind != 'f';

  std::vector<std::string> list;
  for (const ColumnInfo* column : columns) list.push_back(shortened(*column));
  const size_t key_at = list.size();
  for (const std::string& name : table.key) list.push_back(sql::identifier(name));
  if (order.by_ctid) list.emplace_back("ctid");
  const size_t order_at = list.size();
  for (const ColumnInfo& column : order.columns) list.push_back(sql::identifier(column.name));
  if (order.by_ctid) list.emplace_back("ctid");
  const size_t version_at = list.size();
  if (versions) list.emplace_back("xmin");
  if (list.empty()) list.emplace_back("NULL");

  Query query;
  std::string conditions = where(query, table, member(request, "filters"));
  const Json& after = member(request, "after");
  const bool keyset = !table.key.empty() || order.by_ctid;
  std::string skip;
  if (keyset && after.is_array()) {
    if (after.size() != version_at - order_at) throw Error("the page before was in another order");
    conditions += (conditions.empty() ? " WHERE " : " AND ") + after_condition(query, order, after);
  } else if (!keyset && after.is_number_unsigned()) {
    skip = " OFFSET " + std::to_string(after.get<size_t>());
  }
  query.sql = "SELECT " + text::join(list, ", ") + " FROM " + table.sql() + conditions + order.sql() + " LIMIT " +
              std::to_string(limit + 1) + skip;
  const server::Rows rows = connection.query(query.sql, query.parameters);

  Json out{{"columns", Json::array()}, {"rows", Json::array()}, {"next", nullptr}};
  for (const ColumnInfo* column : columns) out["columns"].push_back(column->name);
  out["key"] = table.key.empty() ? (order.by_ctid ? Json("ctid") : Json(nullptr)) : Json(table.key);
  const size_t count = std::min(limit, rows.size());
  for (size_t r = 0; r < count; r++) {
    Json row{{"values", Json::array()}};
    for (size_t c = 0; c < columns.size(); c++) {
      const std::optional<std::string>& value = rows.rows[r][c];
      if (value && columns[c]->is_long() && value->size() > longest_value && characters(*value) > longest_value) {
        row["cut"].push_back(c);
        row["values"].push_back(first_characters(*value, longest_value));
      } else {
        row["values"].push_back(json_of(value));
      }
    }
    if (order_at > key_at) {
      row["key"] = Json::array();
      for (size_t c = key_at; c < order_at; c++) row["key"].push_back(json_of(rows.rows[r][c]));
    }
    if (versions) row["version"] = json_of(rows.rows[r][version_at]);
    out["rows"].push_back(std::move(row));
  }
  if (rows.size() > limit) {
    if (keyset) {
      for (size_t c = order_at; c < version_at; c++) out["next"].push_back(json_of(rows.rows[limit - 1][c]));
    } else {
      out["next"] = (after.is_number_unsigned() ? after.get<size_t>() : 0) + limit;
    }
  }
  return out;
}

Json count_rows(server::Connection& connection, const TableInfo& table, const Json& request) {
  Query query;
  const std::string conditions = where(query, table, member(request, "filters"));
  {
    server::Transaction transaction(connection, "BEGIN TRANSACTION READ ONLY");
    connection.execute("SET LOCAL statement_timeout = '1500ms'");
    try {
      const server::Rows rows = connection.query("SELECT count(*) FROM " + table.sql() + conditions, query.parameters);
      transaction.commit();
      return {{"count", std::stoull(rows.text(0, 0))}, {"exact", true}};
    } catch (const Error& error) {
      if (error.context.sqlstate != "57014" || error.context.exit == Exit::interrupted) throw;
    }
  }
  const server::Rows plan =
      connection.query("EXPLAIN (FORMAT JSON) SELECT 1 FROM " + table.sql() + conditions, query.parameters);
  const Json parsed = Json::parse(plan.text(0, 0));
  return {{"count", parsed.at(0).at("Plan").at("Plan Rows")}, {"exact", false}};
}

Json read_value(server::Connection& connection, const TableInfo& table, const Json& request) {
  Query query;
  const ColumnInfo& column = table.column(text_of(member(request, "column")));
  const std::string condition = condition_of_key(query, table, member(request, "key"));
  const server::Rows rows = connection.query(
      "SELECT " + sql::identifier(column.name) + " FROM " + table.sql() + " WHERE " + condition, query.parameters);
  if (rows.empty()) throw Error("the row is gone: somebody deleted it or changed its key");
  return {{"value", json_of(rows.rows[0][0])}};
}

}  // namespace sluice::studio
