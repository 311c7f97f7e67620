#include "sluice/expression.hpp"

#include "sluice/table.hpp"

namespace sluice::pg {

fragment& fragment::add(const fragment& other) {
  sql += other.sql;
  parameters.insert(parameters.end(), other.parameters.begin(), other.parameters.end());
  return *this;
}

fragment& fragment::add_parameter(parameter p) {
  sql += '\0';
  parameters.push_back(std::move(p));
  return *this;
}

fragment& fragment::add_name(std::string_view name) {
  sql += '"';
  for (char c : name) {
    if (c == '"') sql += '"';
    sql += c;
  }
  sql += '"';
  return *this;
}

namespace detail {

void append_ordering(fragment& to, const fragment& expression, bool ascending, std::string_view nulls) {
  to.add(expression).add(ascending ? " ASC" : " DESC");
  if (!nulls.empty()) to.add(" NULLS ").add(nulls == "first" ? "FIRST" : "LAST");
}

void append_column(fragment& to, std::string_view schema, std::string_view table, std::string_view alias,
                   std::string_view column) {
  if (!alias.empty()) {
    to.add_name(alias);
  } else {
    if (schema != "public") to.add_name(schema).add(".");
    to.add_name(table);
  }
  to.add(".").add_name(column);
}

void append_as_enum(fragment& to, const fragment& expression, const enum_info& base) {
  to.add("CAST(").add(expression).add(" AS ").add_name(base.schema).add(".").add_name(base.name).add(")");
}

void format_reader::next() {
  for (;;) {
    size_t at = rest.find_first_of("{}");
    if (at == std::string_view::npos || at + 1 >= rest.size())
      throw Error("more arguments than {} in: " + out.sql + std::string(rest));
    out.add(rest.substr(0, at));
    char first = rest[at], second = rest[at + 1];
    rest.remove_prefix(at + (first == second || second == '}' ? 2 : 1));
    if (first == '{' && second == '}') return;
    out.add(std::string_view(&first, 1));
  }
}

void format_reader::end() {
  while (!rest.empty()) {
    size_t at = std::min(rest.find_first_of("{}"), rest.size());
    out.add(rest.substr(0, at));
    rest.remove_prefix(at);
    if (rest.empty()) return;
    if (rest.starts_with("{}")) throw Error("fewer arguments than {} in: " + out.sql + std::string(rest));
    out.add(rest.substr(0, 1));
    rest.remove_prefix(rest.starts_with("{{") || rest.starts_with("}}") ? 2 : 1);
  }
}

}  // namespace detail

}  // namespace sluice::pg
