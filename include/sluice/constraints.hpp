// What stands beside the columns of a table: list(index("…").on(t.a), check("…", "…"), …).
#pragma once

#include "sluice/expression.hpp"

namespace sluice::pg {

// ---- plain data, filled by the functions below; names that are empty become those that drizzle-kit gives ------------

/// One column of an index, or an expression.
struct index_part {
  std::string text;
  bool is_expression = false, ascending = true;
  std::string nulls = "last", opclass;
};
/// An index, by its name and what follows: index("name").on(...).where("...").
struct index_definition {
  std::string name;
  bool is_unique = false;
  std::string method = "btree";
  std::vector<index_part> columns;
  std::string condition;
  bool is_concurrent = false;
  std::vector<std::pair<std::string, std::string>> options;

  /// Only rows that meet the condition.
  index_definition where(std::string sql) && {
    condition = std::move(sql);
    return std::move(*this);
  }
  /// A storage parameter: with("fillfactor", "70").
  index_definition with(std::string name_of_option, std::string value) && {
    options.emplace_back(std::move(name_of_option), std::move(value));
    return std::move(*this);
  }
  /// CREATE INDEX CONCURRENTLY.
  index_definition concurrently() && {
    is_concurrent = true;
    return std::move(*this);
  }
};
struct check_definition {
  std::string name, expression;
};
/// A unique constraint: unique("name").on(t.a, t.b).
struct unique_definition {
  std::string name;
  std::vector<std::string> columns;
  bool is_nulls_not_distinct = false;
  /// Two NULLs are the same.
  unique_definition nulls_not_distinct() && {
    is_nulls_not_distinct = true;
    return std::move(*this);
  }
};
struct primary_key_definition {
  std::string name;
  std::vector<std::string> columns;
};
/// A foreign key: foreign_key("name").on(t.a, t.b).references(other.a, other.b).on_delete(…).
struct foreign_key_definition {
  std::string name;
  std::vector<std::string> columns;
  std::string to_schema, to_table;
  std::vector<std::string> to_columns;
  pg::on_delete deleted{};
  pg::on_update updated{};
  foreign_key_definition on_delete(pg::on_delete action) && {
    deleted = action;
    return std::move(*this);
  }
  foreign_key_definition on_update(pg::on_update action) && {
    updated = action;
    return std::move(*this);
  }
};
/// A policy of row security: policy("name").for_("SELECT").to({"member"}).using_("…").
struct policy_definition {
  std::string name, as = "PERMISSIVE", command = "ALL";
  std::vector<std::string> roles{"public"};
  std::optional<std::string> using_expression, check_expression;
  policy_definition restrictive() && {
    as = "RESTRICTIVE";
    return std::move(*this);
  }
  /// SELECT, INSERT, UPDATE, DELETE; else ALL.
  policy_definition for_(std::string what) && {
    command = std::move(what);
    return std::move(*this);
  }
  policy_definition to(std::vector<std::string> names) && {
    roles = std::move(names);
    return std::move(*this);
  }
  policy_definition using_(std::string sql) && {
    using_expression = std::move(sql);
    return std::move(*this);
  }
  policy_definition with_check(std::string sql) && {
    check_expression = std::move(sql);
    return std::move(*this);
  }
};
/// Row security without a policy; policies switch it on by themselves.
struct row_security {};

struct extras {
  std::vector<index_definition> indexes;
  std::vector<check_definition> checks;
  std::vector<unique_definition> uniques;
  std::vector<primary_key_definition> primary_keys;
  std::vector<foreign_key_definition> foreign_keys;
  std::vector<policy_definition> policies;
  bool is_row_security = false;

  void add(index_definition x) { indexes.push_back(std::move(x)); }
  void add(check_definition x) { checks.push_back(std::move(x)); }
  void add(unique_definition x) { uniques.push_back(std::move(x)); }
  void add(primary_key_definition x) { primary_keys.push_back(std::move(x)); }
  void add(foreign_key_definition x) { foreign_keys.push_back(std::move(x)); }
  void add(policy_definition x) { policies.push_back(std::move(x)); }
  void add(row_security) { is_row_security = true; }
};
/// What a table has besides its columns.
template <class... E>
extras list(E... e) {
  extras out;
  (out.add(std::move(e)), ...);
  return out;
}

// ---- the functions: what can be checked about columns is checked here ----------------------------------------------

namespace detail {
template <class First, class... Rest>
inline constexpr bool one_table = (std::is_same_v<typename First::table, typename Rest::table> && ...);
template <class From, class To>
constexpr void check_types_of_key() {
  constexpr bool same = std::is_same_v<typename From::value, typename To::value>;
  SLUICE_CHECK(same, name_of<From>, "a foreign key's columns have the same types on both sides");
}
template <class... C>
std::vector<std::string> names_of() {
  return {std::string(C::name)...};
}
template <class P>
index_part part_of(const P& p) {
  if constexpr (std::is_convertible_v<P, std::string_view>)
    return {std::string(std::string_view(p)), true, true, "last", ""};
  else if constexpr (expression<P>)
    return {std::string(P::name), false, true, "last", ""};
  else
    return {p.column.empty() ? p.sql : std::string(p.column), p.column.empty(), p.ascending,
            p.nulls.empty() ? "last" : std::string(p.nulls), std::string(p.opclass)};
}
template <class P, class = void>
struct reads_of_part {
  using type = tables<>;
};
template <class P>
struct reads_of_part<P, std::void_t<typename P::reads>> {
  using type = typename P::reads;
};
template <class... P>
struct reads_of_parts {
  using type = tables<>;
};
template <class P, class... Rest>
struct reads_of_parts<P, Rest...> {
  using type = both_tables<typename reads_of_part<P>::type, typename reads_of_parts<Rest...>::type>;
};
template <class T>
inline constexpr std::size_t size_of_list = 0;
template <class... T>
inline constexpr std::size_t size_of_list<tables<T...>> = sizeof...(T);
}  // namespace detail

/// SQL as a part of an index that has an order: sql_part("lower(email)").desc().
struct sql_part {
  std::string sql;
  explicit sql_part(std::string s) : sql(std::move(s)) {}
  ordering<> asc() const { return ordered(true); }
  ordering<> desc() const { return ordered(false); }

 private:
  ordering<> ordered(bool ascending) const {
    ordering<> out;
    out.add(sql);
    out.ascending = ascending;
    return out;
  }
};

struct index_name {
  std::string name;
  bool is_unique = false;
  std::string method = "btree";
  /// gin, gist, hash, brin, hnsw …
  index_name using_(std::string how) && {
    method = std::move(how);
    return std::move(*this);
  }
  /// The columns: t.a, t.a.desc(), t.a.op("text_ops"), or SQL as a text.
  template <class... P>
  index_definition on(const P&... parts) const {
    using Reads = typename detail::reads_of_parts<P...>::type;
    SLUICE_CHECK(detail::size_of_list<Reads> <= 1, detail::name_of<Reads>, "an index covers columns of one table");
    return {name, is_unique, method, {detail::part_of(parts)...}, {}, false, {}};
  }
};
inline index_name index(std::string name = {}) { return {std::move(name)}; }
inline index_name unique_index(std::string name = {}) { return {std::move(name), true}; }
inline check_definition check(std::string name, std::string sql) { return {std::move(name), std::move(sql)}; }

struct unique_name {
  std::string name;
  template <class... C>
  unique_definition on(C...) const {
    SLUICE_CHECK(detail::one_table<C...>, detail::name_of<tables<C...>>,
                 "a unique constraint covers columns of one table");
    return {name, detail::names_of<C...>()};
  }
};
inline unique_name unique(std::string name = {}) { return {std::move(name)}; }

struct primary_key_name {
  std::string name;
  template <class... C>
  primary_key_definition on(C...) const {
    SLUICE_CHECK(detail::one_table<C...>, detail::name_of<tables<C...>>, "a primary key covers columns of one table");
    return {name, detail::names_of<C...>()};
  }
};
inline primary_key_name primary_key(std::string name = {}) { return {std::move(name)}; }

template <class... From>
struct foreign_key_from {
  std::string name;
  template <expression... To>
  foreign_key_definition references(To...) const {
    SLUICE_CHECK(sizeof...(To) == sizeof...(From), detail::name_of<tables<From...>>,
                 "a foreign key has as many columns on both sides");
    SLUICE_CHECK(detail::one_table<To...>, detail::name_of<tables<To...>>,
                 "a foreign key refers to columns of one table");
    if constexpr (sizeof...(To) == sizeof...(From)) (detail::check_types_of_key<From, To>(), ...);
    return [&]<class First, class... Rest>(tables<First, Rest...>) {
      return foreign_key_definition{name, detail::names_of<From...>(), std::string(First::table::schema),
                                    std::string(First::table::name), detail::names_of<To...>()};
    }(tables<To...>{});
  }
  /// By names: to a table that is declared below. An empty schema is that of this table.
  foreign_key_definition references(std::string schema, std::string table, std::vector<std::string> columns) const {
    return {name, detail::names_of<From...>(), std::move(schema), std::move(table), std::move(columns)};
  }
};
struct foreign_key_name {
  std::string name;
  template <class... C>
  foreign_key_from<C...> on(C...) const {
    SLUICE_CHECK(detail::one_table<C...>, detail::name_of<tables<C...>>, "a foreign key covers columns of one table");
    return {name};
  }
};
inline foreign_key_name foreign_key(std::string name = {}) { return {std::move(name)}; }

inline policy_definition policy(std::string name) {
  policy_definition out;
  out.name = std::move(name);
  return out;
}
inline row_security enable_row_security() { return {}; }

}  // namespace sluice::pg
