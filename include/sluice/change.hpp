// insert, update and delete.
#pragma once

#include "sluice/select.hpp"

namespace sluice::pg {

// ---- what INSERT, UPDATE and DELETE give back -----------------------------------------------------------------------

/// A statement with RETURNING. It runs when its rows are asked for.
template <class Items, class Nullable = tables<>>
class [[nodiscard]] returning_query {
 public:
  using reader = detail::row_reader<Items, Nullable>;
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
  /// The statement as a CTE: its rows are what it gives back. For db.with(…), and then from() and joins.
  template <fixed_string Name>
  auto cte() const {
    typename detail::derived_from<Name, Items, Nullable>::type out;
    out.query = statement_;
    out.is_cte = true;
    return out;
  }
  const fragment& statement() const { return statement_; }
  static auto read(const result& r) { return detail::read_rows<reader>(r); }

 private:
  Database* database_;
  fragment statement_;
};

namespace detail {
template <class Reads, class Present>
constexpr void check_returned() {
  constexpr bool own = all_present<Reads, Present>;
  SLUICE_CHECK(own, (absent<Reads, Present>), "returning(): a column of another table");
}
template <class Present, class Nullable, class... C>
returning_query<items_of<C...>, Nullable> returning(Database* database, fragment statement, const C&... items) {
  (check_returned<typename reads_of_item<typename item_of<C>::type>::type, Present>(), ...);
  fragment list;
  (append_item(list, items), ...);
  statement.add(" RETURNING ").add(list);
  return {database, std::move(statement)};
}
template <class Column, class Reads, class Present>
constexpr void check_value() {
  constexpr bool known = all_present<Reads, Present>;
  SLUICE_CHECK(known, name_of<Column>, "set(): this column's value reads a table that the statement does not have");
}
// The items of a query are what the columns take; whole tables among them are not looked at.
template <class Column, class Value>
constexpr void check_given_value() {
  constexpr bool may_be_null = is_optional<Value>;
  constexpr bool fits = [] {
    if constexpr (is_optional<Value>)
      return same_values<typename Column::value, typename Value::value_type>;
    else
      return same_values<typename Column::value, Value>;
  }();
  SLUICE_CHECK(fits, Column::spec.name, "insert().select(): the query's value is of another type than the column's");
  SLUICE_CHECK(!fits || !may_be_null || !Column::spec.is_not_null, Column::spec.name,
               "insert().select(): this column is NOT NULL, and the query's value may be null");
}
template <class... C, class... Items, class Value>
constexpr void check_inserted(tables<Items...>, std::type_identity<Value>) {
  if constexpr ((expression<Items> && ...)) {
    SLUICE_CHECK(sizeof...(C) == sizeof...(Items), (name_of<tables<C...>>),
                 "insert().select(): as many columns as the query has items");
    if constexpr (sizeof...(C) == sizeof...(Items) && sizeof...(C) == 1)
      (check_given_value<C, Value>(), ...);
    else if constexpr (sizeof...(C) == sizeof...(Items))
      []<class... V>(std::type_identity<std::tuple<V...>>) {
        (check_given_value<C, V>(), ...);
      }(std::type_identity<Value>{});
  }
}
template <class Table, class Column>
constexpr void check_assigned() {
  constexpr bool own = std::is_same_v<typename Column::table, typename info<Table>::tag>;
  SLUICE_CHECK(own, (absent<tables<Column>, tables<>>), "a column of another table");
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
  explicit insert_query(Database* database, fragment with = {}) : database_(database), with_(std::move(with)) {}

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
  template <class... C, class... R>
  insert_query set(const assignment<C, R>&... a) && {
    (detail::check_assigned<Table, C>(), ...);
    (detail::check_value<C, R, tables<>>(), ...);
    check_required<C...>(typename I::columns{});
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
    (detail::check_assigned<Table, C>(), ...);
    detail::check_inserted<C...>(typename Q::items{}, std::type_identity<typename Q::reader::value>{});
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
  template <class... C, class... R>
  insert_query do_update(const assignment<C, R>&... a) && {
    (detail::check_assigned<Table, C>(), ...);
    (detail::check_value<C, R, tables<typename I::tag>>(), ...);
    fragment list;
    (detail::append_assignment(list, C::name, a.value), ...);
    statement_.add(" DO UPDATE SET ").add(list);
    return std::move(*this);
  }
  /// Only update rows that meet the condition.
  template <class... T>
  insert_query where(const condition<T...>& c) && {
    constexpr bool own = detail::all_present<tables<T...>, tables<typename I::tag>>;
    SLUICE_CHECK(own, (detail::absent<tables<T...>, tables<typename I::tag>>), "where(): a column of another table");
    statement_.add(" WHERE ").add(c);
    return std::move(*this);
  }

  /// RETURNING every column.
  auto returning() && { return detail::returning<tables<typename I::tag>, tables<>>(database_, statement(), Table{}); }
  /// RETURNING some.
  template <class... C>
  requires(sizeof...(C) > 0) auto returning(const C&... items) && {
    return detail::returning<tables<typename I::tag>, tables<>>(database_, statement(), items...);
  }
  /// Runs it. The number of rows.
  std::size_t execute() && { return database_->run(statement()).affected(); }
  fragment statement() const {
    fragment out = with_;
    return std::move(out.add(statement_));
  }

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
  template <class Column, class... Given>
  static constexpr void check_given() {
    constexpr bool must = Column::spec.is_not_null && !std::remove_cvref_t<decltype(Column::spec)>::has_default;
    SLUICE_CHECK(!must || (std::is_same_v<Column, Given> || ...), Column::spec.name,
                 "INSERT: this column is NOT NULL and has no default, so it must be given a value");
  }
  template <class... Given>
  static constexpr void check_required(const typename I::columns& columns) {
    detail::members<I::count>::visit(columns, [](auto... c) { (check_given<decltype(c), Given...>(), ...); });
  }

  Database* database_;
  fragment with_, statement_;
};

// ---- update, delete -------------------------------------------------------------------------------------------------

namespace detail {
// FROM of an UPDATE and USING of a DELETE: other tables, and what is joined to them.
struct other_tables {
  fragment list;
  template <class S>
  void add(const S& s) {
    fragment f;
    source<S>::append(f, s);
    append_to_list(list, f);
  }
  template <class Known, class S, class... T>
  void join(std::string_view kind, const S& s, const condition<T...>& on) {
    constexpr bool known = all_present<tables<T...>, Known>;
    SLUICE_CHECK(
        known, (absent<tables<T...>, Known>),
        "join: the condition reads a column of a table that stands in neither from() nor using_(), nor in a join");
    list.add(kind);
    source<S>::append(list, s);
    list.add(" ON ").add(on);
  }
};
template <class S>
using tag_of = tables<typename source<S>::tag>;
}  // namespace detail

/// An UPDATE. Others are the other tables that it reads, Nullable those that a left join may leave without a row, Reads
/// what its values read.
template <class Table, class Reads, class Others, class Nullable>
class [[nodiscard]] update_query {
 public:
  using I = info<Table>;
  using present = both_tables<tables<typename I::tag>, Others>;
  update_query(Database* database, fragment with, fragment set = {}, detail::other_tables from = {},
               fragment where = {})
      : database_(database),
        with_(std::move(with)),
        set_(std::move(set)),
        where_(std::move(where)),
        from_(std::move(from)) {}
  /// What changes: set(t.a = 1, t.b = std::nullopt, t.n = t.n + 1), or a column of a table in from().
  template <class... C, class... R>
  requires(sizeof...(C) > 0) auto set(const assignment<C, R>&... a) && {
    (detail::check_assigned<Table, C>(), ...);
    (detail::append_assignment(set_, C::name, a.value), ...);
    return std::move(*this).template next<tables<Reads, assignment<C, R>...>, Others, Nullable>();
  }
  /// FROM another table, an alias, a subquery or a CTE: where() says which of its rows belong together.
  template <detail::any_source S>
  auto from(const S& s) && {
    from_.add(s);
    return std::move(*this).template next<Reads, both_tables<Others, detail::tag_of<S>>, Nullable>();
  }
  /// A table that is joined to the one in from().
  template <detail::any_source S, class... T>
  auto inner_join(const S& s, const condition<T...>& on) && {
    from_.template join<both_tables<Others, detail::tag_of<S>>>(" INNER JOIN ", s, on);
    return std::move(*this).template next<Reads, both_tables<Others, detail::tag_of<S>>, Nullable>();
  }
  /// The same; the joined table's columns may be null.
  template <detail::any_source S, class... T>
  auto left_join(const S& s, const condition<T...>& on) && {
    from_.template join<both_tables<Others, detail::tag_of<S>>>(" LEFT JOIN ", s, on);
    return std::move(*this)
        .template next<Reads, both_tables<Others, detail::tag_of<S>>, both_tables<Nullable, detail::tag_of<S>>>();
  }
  /// Which rows; without it all of them.
  template <class... T>
  update_query where(const condition<T...>& c) && {
    constexpr bool own = detail::all_present<tables<T...>, present>;
    SLUICE_CHECK(own, (detail::absent<tables<T...>, present>),
                 "where(): a column of another table (a subquery's is outer(column), from() brings another one)");
    detail::append_and(where_, c);
    return std::move(*this);
  }
  auto returning() && { return detail::returning<present, Nullable>(database_, statement(), Table{}); }
  template <class... C>
  requires(sizeof...(C) > 0) auto returning(const C&... items) && {
    return detail::returning<present, Nullable>(database_, statement(), items...);
  }
  /// Runs it. The number of rows.
  std::size_t execute() && { return database_->run(statement()).affected(); }
  fragment statement() const {
    check_values(Reads{});
    fragment out = with_;
    out.add("UPDATE ");
    detail::append_table(out, I::schema, I::name, I::alias);
    out.add(" SET ").add(set_);
    if (!from_.list.sql.empty()) out.add(" FROM ").add(from_.list);
    if (!where_.sql.empty()) out.add(" WHERE ").add(where_);
    return out;
  }

 private:
  template <class R, class P, class N>
  update_query<Table, R, P, N> next() && {
    return {database_, std::move(with_), std::move(set_), std::move(from_), std::move(where_)};
  }
  // Not before it runs: from() comes after set().
  template <class... C, class... R>
  static constexpr void check_values(tables<assignment<C, R>...>) {
    (detail::check_value<C, R, present>(), ...);
  }
  template <class Before, class... C, class... R>
  static constexpr void check_values(tables<Before, assignment<C, R>...>) {
    check_values(Before{});
    (detail::check_value<C, R, present>(), ...);
  }

  Database* database_;
  fragment with_, set_, where_;
  detail::other_tables from_;
};

/// A DELETE. Others are the other tables that it reads, Nullable those that a left join may leave without a row.
template <class Table, class Others, class Nullable>
class [[nodiscard]] delete_query {
 public:
  using I = info<Table>;
  using present = both_tables<tables<typename I::tag>, Others>;
  delete_query(Database* database, fragment with, detail::other_tables from = {}, fragment where = {})
      : database_(database), with_(std::move(with)), where_(std::move(where)), from_(std::move(from)) {}
  /// USING another table, an alias, a subquery or a CTE: where() says which of its rows belong together.
  template <detail::any_source S>
  auto using_(const S& s) && {
    from_.add(s);
    return std::move(*this).template next<both_tables<Others, detail::tag_of<S>>, Nullable>();
  }
  /// A table that is joined to the one in using_().
  template <detail::any_source S, class... T>
  auto inner_join(const S& s, const condition<T...>& on) && {
    from_.template join<both_tables<Others, detail::tag_of<S>>>(" INNER JOIN ", s, on);
    return std::move(*this).template next<both_tables<Others, detail::tag_of<S>>, Nullable>();
  }
  /// The same; the joined table's columns may be null.
  template <detail::any_source S, class... T>
  auto left_join(const S& s, const condition<T...>& on) && {
    from_.template join<both_tables<Others, detail::tag_of<S>>>(" LEFT JOIN ", s, on);
    return std::move(*this)
        .template next<both_tables<Others, detail::tag_of<S>>, both_tables<Nullable, detail::tag_of<S>>>();
  }
  /// Which rows; without it all of them.
  template <class... T>
  delete_query where(const condition<T...>& c) && {
    constexpr bool own = detail::all_present<tables<T...>, present>;
    SLUICE_CHECK(own, (detail::absent<tables<T...>, present>),
                 "where(): a column of another table (a subquery's is outer(column), using_() brings another one)");
    detail::append_and(where_, c);
    return std::move(*this);
  }
  auto returning() && { return detail::returning<present, Nullable>(database_, statement(), Table{}); }
  template <class... C>
  requires(sizeof...(C) > 0) auto returning(const C&... items) && {
    return detail::returning<present, Nullable>(database_, statement(), items...);
  }
  /// Runs it. The number of rows.
  std::size_t execute() && { return database_->run(statement()).affected(); }
  fragment statement() const {
    fragment out = with_;
    out.add("DELETE FROM ");
    detail::append_table(out, I::schema, I::name, I::alias);
    if (!from_.list.sql.empty()) out.add(" USING ").add(from_.list);
    if (!where_.sql.empty()) out.add(" WHERE ").add(where_);
    return out;
  }

 private:
  template <class P, class N>
  delete_query<Table, P, N> next() && {
    return {database_, std::move(with_), std::move(from_), std::move(where_)};
  }

  Database* database_;
  fragment with_, where_;
  detail::other_tables from_;
};

namespace detail {
template <class Table>
auto begin_update(Database* database, fragment with) {
  return update_query<Table, tables<>, tables<>, tables<>>(database, std::move(with));
}
template <class Table>
auto begin_delete(Database* database, fragment with) {
  return delete_query<Table, tables<>, tables<>>(database, std::move(with));
}
}  // namespace detail

template <any_table Table>
insert_query<Table> Database::insert(Table) {
  return insert_query<Table>(this);
}
template <any_table Table>
auto Database::update(Table) {
  return detail::begin_update<Table>(this, {});
}
template <any_table Table>
auto Database::delete_from(Table) {
  return detail::begin_delete<Table>(this, {});
}
template <any_table Table>
insert_query<Table> with_clause::insert(Table) const {
  return insert_query<Table>(database_, ctes_);
}
template <any_table Table>
auto with_clause::update(Table) const {
  return detail::begin_update<Table>(database_, ctes_);
}
template <any_table Table>
auto with_clause::delete_from(Table) const {
  return detail::begin_delete<Table>(database_, ctes_);
}

}  // namespace sluice::pg
