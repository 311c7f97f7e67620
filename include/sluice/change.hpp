// insert, update and delete.
#pragma once

#include "sluice/select.hpp"

namespace sluice::pg {

// ---- what INSERT, UPDATE and DELETE give back -----------------------------------------------------------------------

/// A statement with RETURNING. It runs when its rows are asked for.
template <class Items>
class [[nodiscard]] returning_query {
 public:
  using reader = detail::row_reader<Items, tables<>>;
  returning_query(Database* database, fragment statement) : database_(database), statement_(std::move(statement)) {}
  auto all() const { return read(database_->run(statement_)); }
  /// The only row; Error if there is none, or another one.
  auto one() const {
    auto rows = all();
    if (rows.size() != 1) detail::not_one(rows.size());
    return std::move(rows.front());
  }
  /// The first row, or nothing: what ON CONFLICT DO NOTHING left out gives none.
  auto first() const {
    auto rows = all();
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
  }
  /// The first row; Error if there is none.
  auto front() const {
    auto rows = all();
    if (rows.empty()) detail::not_one(0);
    return std::move(rows.front());
  }
  const fragment& statement() const { return statement_; }
  static auto read(const result& r) { return detail::read_rows<reader>(r); }

 private:
  Database* database_;
  fragment statement_;
};

namespace detail {
template <class Table, class... C>
returning_query<items_of<C...>> returning(Database* database, fragment statement, const C&... items) {
  using tag = typename info<Table>::tag;
  constexpr bool own = (all_present<typename reads_of_item<typename item_of<C>::type>::type, tables<tag>> && ...);
  static_assert(own, "returning(): a column of another table");
  fragment list;
  (append_item(list, items), ...);
  statement.add(" RETURNING ").add(list);
  return {database, std::move(statement)};
}
template <class Table, class Column>
constexpr void check_assigned() {
  static_assert(std::is_same_v<typename Column::table, typename info<Table>::tag>, "set(): a column of another table");
}
}  // namespace detail

/// excluded(t.a): the value that was to be inserted, in on_conflict(…).do_update(…).
template <class Table, auto Spec>
auto excluded(column<Table, Spec>) {
  expr<typename decltype(Spec)::pg_type, !Spec.is_not_null, tables<>> out;
  out.add("excluded.").add_name(Spec.name.view());
  return out;
}

// ---- insert ---------------------------------------------------------------------------------------------------------

template <class Table>
class [[nodiscard]] insert_query {
 public:
  using I = info<Table>;
  using new_row = typename I::new_row;
  explicit insert_query(Database* database) : database_(database) {}

  /// One row: values({.a = 1, .b = "x"}), members in the order of the table. What is left out gets its default.
  insert_query values(const new_row& row) && {
    statement_ = detail::insert_one(I::schema, I::name, I::all, I::fields(row));
    return std::move(*this);
  }
  /// Several rows in one statement.
  insert_query values(std::initializer_list<new_row> rows) && { return std::move(*this).rows(rows); }
  template <class Rows>
  requires std::is_same_v<typename Rows::value_type, new_row> insert_query values(const Rows& rows) && {
    return std::move(*this).rows(rows);
  }
  /// One row in any order: set(t.b = "x", t.a = 1).
  template <class... C>
  insert_query set(const assignment<C>&... a) && {
    (detail::check_assigned<Table, C>(), ...);
    check_required<tables<C...>>(typename I::columns{});
    fragment names, list;
    (detail::append_to_list(names, fragment().add_name(C::name)), ...);
    (detail::append_to_list(list, a.value), ...);
    statement_.add("INSERT INTO ");
    detail::append_table(statement_, I::schema, I::name, "");
    statement_.add(" (").add(names).add(") VALUES (").add(list).add(")");
    return std::move(*this);
  }
  /// The rows of a query, for these columns.
  template <class Q, class... C>
  requires(sizeof...(C) > 0) insert_query select(const Q& query, C...) && {
    static_assert((std::is_same_v<typename C::table, typename I::tag> && ...), "insert: a column of another table");
    fragment names;
    (detail::append_to_list(names, fragment().add_name(C::name)), ...);
    statement_.add("INSERT INTO ");
    detail::append_table(statement_, I::schema, I::name, "");
    statement_.add(" (").add(names).add(") ").add(query.statement());
    return std::move(*this);
  }

  /// ON CONFLICT DO NOTHING, on any key or on one.
  template <class... C>
  insert_query on_conflict_do_nothing(C... columns) && {
    conflict(columns...);
    statement_.add(" DO NOTHING");
    return std::move(*this);
  }
  /// ON CONFLICT (columns): what follows is do_update(t.a = excluded(t.a), …).
  template <class... C>
  requires(sizeof...(C) > 0) insert_query on_conflict(C... columns) && {
    conflict(columns...);
    return std::move(*this);
  }
  template <class... C>
  insert_query do_update(const assignment<C>&... a) && {
    (detail::check_assigned<Table, C>(), ...);
    fragment list;
    (detail::append_assignment(list, C::name, a.value), ...);
    statement_.add(" DO UPDATE SET ").add(list);
    return std::move(*this);
  }
  /// Only update rows that meet the condition.
  template <class... T>
  insert_query where(const condition<T...>& c) && {
    constexpr bool own = detail::all_present<tables<T...>, tables<typename I::tag>>;
    static_assert(own, "where(): a column of another table");
    statement_.add(" WHERE ").add(c);
    return std::move(*this);
  }

  /// RETURNING every column.
  auto returning() && { return detail::returning<Table>(database_, std::move(statement_), Table{}); }
  /// RETURNING some.
  template <class... C>
  requires(sizeof...(C) > 0) auto returning(const C&... items) && {
    return detail::returning<Table>(database_, std::move(statement_), items...);
  }
  /// Runs it. The number of rows.
  std::size_t execute() && { return database_->run(statement_).affected(); }
  const fragment& statement() const { return statement_; }

 private:
  template <class Rows>
  insert_query rows(const Rows& rows) && {
    if (rows.size() == 0) throw Error("insert: no rows");
    statement_ = detail::insert_head(I::schema, I::name, I::all);
    for (const new_row& row : rows) detail::append_insert_row(statement_, I::fields(row), I::all);
    return std::move(*this);
  }
  template <class... C>
  void conflict(C...) {
    static_assert((std::is_same_v<typename C::table, typename I::tag> && ...),
                  "on_conflict(): a column of another table");
    fragment list;
    (detail::append_to_list(list, fragment().add_name(C::name)), ...);
    statement_.add(" ON CONFLICT");
    if (sizeof...(C) > 0) statement_.add(" (").add(list).add(")");
  }
  template <class Given, class Column>
  static constexpr void check_given() {
    constexpr bool must = Column::spec.is_not_null && !std::remove_cvref_t<decltype(Column::spec)>::has_default;
    static_assert(!must || detail::contains<Column, Given>,
                  "INSERT: this column is NOT NULL and has no default, so it must be given a value");
  }
  template <class Given>
  static constexpr void check_required(const typename I::columns& columns) {
    detail::members<I::count>::visit(columns, [](auto... c) { (check_given<Given, decltype(c)>(), ...); });
  }

  Database* database_;
  fragment statement_;
};

// ---- update, delete -------------------------------------------------------------------------------------------------

template <class Table>
class [[nodiscard]] update_query {
 public:
  using I = info<Table>;
  explicit update_query(Database* database) : database_(database) {}
  /// What changes: set(t.a = 1, t.b = std::nullopt, t.n = t.n + 1).
  template <class... C>
  requires(sizeof...(C) > 0) update_query set(const assignment<C>&... a) && {
    (detail::check_assigned<Table, C>(), ...);
    (detail::append_assignment(set_, C::name, a.value), ...);
    return std::move(*this);
  }
  /// Which rows; without it all of them.
  template <class... T>
  update_query where(const condition<T...>& c) && {
    constexpr bool own = detail::all_present<tables<T...>, tables<typename I::tag>>;
    static_assert(own, "where(): a column of another table (a subquery's is outer(column))");
    detail::append_and(where_, c);
    return std::move(*this);
  }
  auto returning() && { return detail::returning<Table>(database_, statement(), Table{}); }
  template <class... C>
  requires(sizeof...(C) > 0) auto returning(const C&... items) && {
    return detail::returning<Table>(database_, statement(), items...);
  }
  /// Runs it. The number of rows.
  std::size_t execute() && { return database_->run(statement()).affected(); }
  fragment statement() const {
    fragment out;
    out.add("UPDATE ");
    detail::append_table(out, I::schema, I::name, I::alias);
    out.add(" SET ").add(set_);
    if (!where_.sql.empty()) out.add(" WHERE ").add(where_);
    return out;
  }

 private:
  Database* database_;
  fragment set_, where_;
};

template <class Table>
class [[nodiscard]] delete_query {
 public:
  using I = info<Table>;
  explicit delete_query(Database* database) : database_(database) {}
  /// Which rows; without it all of them.
  template <class... T>
  delete_query where(const condition<T...>& c) && {
    constexpr bool own = detail::all_present<tables<T...>, tables<typename I::tag>>;
    static_assert(own, "where(): a column of another table (a subquery's is outer(column))");
    detail::append_and(where_, c);
    return std::move(*this);
  }
  auto returning() && { return detail::returning<Table>(database_, statement(), Table{}); }
  template <class... C>
  requires(sizeof...(C) > 0) auto returning(const C&... items) && {
    return detail::returning<Table>(database_, statement(), items...);
  }
  /// Runs it. The number of rows.
  std::size_t execute() && { return database_->run(statement()).affected(); }
  fragment statement() const {
    fragment out;
    out.add("DELETE FROM ");
    detail::append_table(out, I::schema, I::name, I::alias);
    if (!where_.sql.empty()) out.add(" WHERE ").add(where_);
    return out;
  }

 private:
  Database* database_;
  fragment where_;
};

template <any_table Table>
insert_query<Table> Database::insert(Table) {
  return insert_query<Table>(this);
}
template <any_table Table>
update_query<Table> Database::update(Table) {
  return update_query<Table>(this);
}
template <any_table Table>
delete_query<Table> Database::delete_from(Table) {
  return delete_query<Table>(this);
}

}  // namespace sluice::pg
