#include "sluice/query.hpp"

namespace sluice::pg::detail {

fragment whole(const select_parts& p) { return whole(p, p.items); }

fragment whole(const select_parts& p, const fragment& items) {
  fragment out;
  out.add(p.with);
  if (!p.set.sql.empty()) {
    out.add(p.set);
  } else {
    out.add("SELECT ").add(p.distinct).add(items);
    if (!p.from.sql.empty()) out.add(" FROM ").add(p.from);
    if (!p.where.sql.empty()) out.add(" WHERE ").add(p.where);
    if (!p.group_by.sql.empty()) out.add(" GROUP BY ").add(p.group_by);
    if (!p.having.sql.empty()) out.add(" HAVING ").add(p.having);
  }
  if (!p.order_by.sql.empty()) out.add(" ORDER BY ").add(p.order_by);
  return out.add(p.limit).add(p.lock);
}

void append_to_list(fragment& list, const fragment& item) {
  if (!list.sql.empty()) list.add(", ");
  list.add(item);
}

void append_and(fragment& conditions, const fragment& condition) {
  if (!conditions.sql.empty()) conditions.add(" AND ");
  conditions.add(condition);
}

void append_table(fragment& to, std::string_view schema, std::string_view table, std::string_view alias) {
  if (schema != "public") to.add_name(schema).add(".");
  to.add_name(table);
  if (!alias.empty()) to.add(" ").add_name(alias);
}

void append_columns(fragment& to, std::string_view schema, std::string_view table, std::string_view alias,
                    std::span<const column_info> columns) {
  for (const column_info& c : columns) {
    if (!to.sql.empty()) to.add(", ");
    append_column(to, schema, table, alias, c.name);
  }
}

void append_column_names(fragment& to, std::span<const column_info> columns) {
  for (const column_info& c : columns) {
    if (!to.sql.empty()) to.add(", ");
    to.add_name(c.name);
  }
}

void combine(select_parts& parts, std::string_view operation, const fragment& other) {
  select_parts left = std::move(parts);
  parts = {};
  std::swap(parts.with, left.with);
  parts.set.add("(").add(whole(left)).add(") ").add(operation).add(" (").add(other).add(")");
}

namespace {
bool is_computed(const column_info& c) { return !c.generated.empty() || (c.identity && c.identity_always); }
}  // namespace

// One row names the columns that it gives; several rows name all of them, and say DEFAULT.
fragment insert_one(std::string_view schema, std::string_view table, std::span<const column_info> columns,
                    std::span<const insert_field* const> fields) {
  fragment names, values;
  for (std::size_t i = 0; i < fields.size(); i++) {
    if (!fields[i]->given) continue;
    append_to_list(names, fragment().add_name(columns[i].name));
    append_to_list(values, fields[i]->value);
  }
  fragment out;
  out.add("INSERT INTO ");
  append_table(out, schema, table, "");
  if (names.sql.empty()) return std::move(out.add(" DEFAULT VALUES"));
  out.add(" (").add(names).add(") VALUES (").add(values).add(")");
  return out;
}

fragment insert_head(std::string_view schema, std::string_view table, std::span<const column_info> columns) {
  fragment out, names;
  for (const column_info& c : columns)
    if (!is_computed(c)) append_to_list(names, fragment().add_name(c.name));
  out.add("INSERT INTO ");
  append_table(out, schema, table, "");
  out.add(" (").add(names).add(") VALUES ");
  return out;
}

void append_insert_row(fragment& to, std::span<const insert_field* const> fields,
                       std::span<const column_info> columns) {
  to.add(to.sql.ends_with(")") ? ", (" : "(");
  bool first = true;
  for (std::size_t i = 0; i < fields.size(); i++) {
    if (is_computed(columns[i])) continue;
    if (!std::exchange(first, false)) to.add(", ");
    if (fields[i]->given)
      to.add(fields[i]->value);
    else
      to.add("DEFAULT");
  }
  to.add(")");
}

void append_assignment(fragment& list, std::string_view column, const fragment& value) {
  append_to_list(list, fragment().add_name(column).add(" = ").add(value));
}

void not_one(std::size_t rows) {
  throw Error(rows == 0 ? "one row was expected, and there is none"
                        : "one row was expected, and there are " + std::to_string(rows));
}

std::string copy_statement(std::string_view schema, std::string_view table,
                           std::initializer_list<std::string_view> columns, std::string_view direction) {
  fragment out, names;
  for (std::string_view c : columns) append_to_list(names, fragment().add_name(c));
  out.add("COPY ");
  append_table(out, schema, table, "");
  out.add(" (").add(names).add(") ").add(direction);
  return out.sql;
}

void append_copy_value(std::string& line, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '\\':
        line += "\\\\";
        break;
      case '\t':
        line += "\\t";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\r':
        line += "\\r";
        break;
      default:
        line += c;
    }
  }
}

std::vector<std::optional<std::string>> split_copy_line(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  std::vector<std::optional<std::string>> out;
  while (true) {
    std::size_t end = std::min(line.find('\t'), line.size());
    std::string_view cell = line.substr(0, end);
    if (cell == "\\N") {
      out.emplace_back();
    } else {
      std::string& text = out.emplace_back().emplace();
      for (std::size_t i = 0; i < cell.size(); i++) {
        if (cell[i] != '\\' || i + 1 == cell.size()) {
          text += cell[i];
          continue;
        }
        char c = cell[++i];
        text += c == 't'   ? '\t'
                : c == 'n' ? '\n'
                : c == 'r' ? '\r'
                : c == 'b' ? '\b'
                : c == 'f' ? '\f'
                : c == 'v' ? '\v'
                           : c;
      }
    }
    if (end == line.size()) return out;
    line.remove_prefix(end + 1);
  }
}

void copy_null(std::string_view column) {
  throw Error("column " + std::string(column) + " is NULL in the table, and NOT NULL in the program");
}

}  // namespace sluice::pg::detail
