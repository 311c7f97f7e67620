// select. A query is checked as it is built; what runs is text and parameters, and that part is ordinary code in the
// library.
#pragma once

#include "sluice/database.hpp"

namespace sluice::pg {

namespace detail {

// The parts of a SELECT, in whatever order they were said.
struct select_parts {
  fragment with, distinct, items, from, where, group_by, having, order_by, limit, lock;
  fragment set;  // what stands instead of items … having after a UNION
  bool has_limit = false;
};
fragment whole(const select_parts& parts);
fragment whole(const select_parts& parts, const fragment& items);
// Appends to a list or a condition.
void append_to_list(fragment& list, const fragment& item);
void append_and(fragment& conditions, const fragment& condition);
void append_columns(fragment& to, std::string_view schema, std::string_view table, std::string_view alias,
                    std::span<const column_info> columns);
void append_column_names(fragment& to, std::span<const column_info> columns);
void append_table(fragment& to, std::string_view schema, std::string_view table, std::string_view alias);
void combine(select_parts& parts, std::string_view operation, const fragment& other);
void append_insert_row(fragment& to, std::span<const insert_field* const> fields, std::span<const column_info> columns);
fragment insert_head(std::string_view schema, std::string_view table, std::span<const column_info> columns);
fragment insert_one(std::string_view schema, std::string_view table, std::span<const column_info> columns,
                    std::span<const insert_field* const> fields);
void append_assignment(fragment& list, std::string_view column, const fragment& value);
[[noreturn]] void not_one(std::size_t rows);

template <class Tag>
struct table_of_tag;
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias>
struct table_of_tag<columns_of<Def, Schema, Name, Alias>> {
  using type = table<Def, Schema, Name, Alias, no_extras>;
};

// ---- items of a selection: what they are in a row, and how they are read -------------------------------------------

template <class List, class Nullable>
inline constexpr bool reads_any = false;
template <class... T, class Nullable>
inline constexpr bool reads_any<tables<T...>, Nullable> = (contains<T, Nullable> || ...);

// An expression.
template <class Item, class Nullable>
struct item_reader {
  static constexpr bool null = Item::nullable || reads_any<typename Item::reads, Nullable>;
  using inner = typename Item::pg_type::value;
  using value = std::conditional_t<null, std::optional<inner>, inner>;
  static void read(const result& r, std::size_t row, std::size_t& cell, value& out) {
    static constexpr decode how = null ? decode_optional<typename Item::pg_type> : decode_value<typename Item::pg_type>;
    void* member = &out;
    r.read(row, cell++, {&member, 1}, &how);
  }
};
template <class I>
constexpr auto decoders_of() {
  std::array<decode, I::count> out{};
  for (std::size_t i = 0; i < I::count; i++) out[i] = I::all[i].read;
  return out;
}
template <class I>
inline constexpr auto decoders = decoders_of<I>();
// A whole table.
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias, class Nullable>
struct item_reader<columns_of<Def, Schema, Name, Alias>, Nullable> {
  using tag = columns_of<Def, Schema, Name, Alias>;
  using I = info<typename table_of_tag<tag>::type>;
  static constexpr bool null = contains<tag, Nullable>;
  using value = std::conditional_t<null, std::optional<typename I::row>, typename I::row>;
  static void read(const result& r, std::size_t row, std::size_t& cell, value& out) {
    if constexpr (null) {
      if (!r.all_null(row, cell, I::count)) r.read(row, cell, I::pointers(out.emplace()), decoders<I>.data());
    } else {
      r.read(row, cell, I::pointers(out), decoders<I>.data());
    }
    cell += I::count;
  }
};

// The type of a row of several items: the item itself if there is one, else a tuple.
template <class List, class Nullable>
struct row_reader;
template <class Item, class Nullable>
struct row_reader<tables<Item>, Nullable> {
  using value = typename item_reader<Item, Nullable>::value;
  static void read(const result& r, std::size_t row, value& out) {
    std::size_t cell = 0;
    item_reader<Item, Nullable>::read(r, row, cell, out);
  }
};
template <class First, class Second, class... Rest, class Nullable>
struct row_reader<tables<First, Second, Rest...>, Nullable> {
  using value = std::tuple<typename item_reader<First, Nullable>::value, typename item_reader<Second, Nullable>::value,
                           typename item_reader<Rest, Nullable>::value...>;
  static void read(const result& r, std::size_t row, value& out) {
    std::size_t cell = 0;
    std::apply(
        [&](auto& first, auto& second, auto&... rest) {
          item_reader<First, Nullable>::read(r, row, cell, first);
          item_reader<Second, Nullable>::read(r, row, cell, second);
          (item_reader<Rest, Nullable>::read(r, row, cell, rest), ...);
        },
        out);
  }
};
template <class Reader>
std::vector<typename Reader::value> read_rows(const result& r) {
  std::vector<typename Reader::value> out;
  std::size_t rows = r.rows();
  out.reserve(rows);
  for (std::size_t i = 0; i < rows; i++) {
    if constexpr (std::is_same_v<typename Reader::value, bool>) {  // of a std::vector<bool> there are no references
      bool one = false;
      Reader::read(r, i, one);
      out.push_back(one);
    } else {
      Reader::read(r, i, out.emplace_back());
    }
  }
  return out;
}

// What an argument of select() or returning() is as an item: a table's tag, or the expression's type.
template <class T>
struct item_of {
  using type = T;
};
template <any_table T>
struct item_of<T> {
  using type = typename info<T>::tag;
};
template <class... Items>
using items_of = tables<typename item_of<Items>::type...>;

template <class Tag>
void append_all_columns(fragment& to) {
  if constexpr (requires { typename table_of_tag<Tag>::type; })
    append_columns(to, Tag::schema, Tag::name, Tag::alias, info<typename table_of_tag<Tag>::type>::all);
  else
    Tag::append_columns(to);
}
template <class Item>
void append_item(fragment& list, const Item& item) {
  if constexpr (any_table<Item>) {
    append_all_columns<typename info<Item>::tag>(list);
  } else {
    static_assert(expression<Item>, "select(): tables, columns and expressions");
    fragment f;
    item.append_to(f);
    if constexpr (is_named<Item>) f.add(" AS ").add_name(Item::name);
    append_to_list(list, f);
  }
}

template <class Item>
struct reads_of_item {
  using type = typename Item::reads;
};
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias>
struct reads_of_item<columns_of<Def, Schema, Name, Alias>> {
  using type = tables<columns_of<Def, Schema, Name, Alias>>;
};
template <class Item, class Present>
constexpr bool item_is_present() {
  using Reads = typename reads_of_item<Item>::type;
  constexpr bool present = all_present<Reads, Present>;
  SLUICE_CHECK(present, (absent<Reads, Present>), "select(): this column's table is neither in from() nor in a join");
  return true;  // it is said once
}
// All columns of the only table.
template <class Items>
struct only_table {};
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias>
struct only_table<tables<columns_of<Def, Schema, Name, Alias>>> : table_of_tag<columns_of<Def, Schema, Name, Alias>> {};
template <class Items, class Present>
concept of_one_table = std::is_same_v<Items, Present> && requires {
  typename only_table<Items>::type;
};
template <class List, class Present>
inline constexpr bool items_present = false;
template <class... Item, class Present>
inline constexpr bool items_present<tables<Item...>, Present> = (item_is_present<Item, Present>() && ...);

}  // namespace detail

namespace detail {
// Is every value of a row B one of a row A?
template <class A, class B>
inline constexpr bool holds = std::is_same_v<A, B>;
template <class A>
inline constexpr bool holds<std::optional<A>, A> = true;
template <class... A, class... B>
requires(sizeof...(A) == sizeof...(B)) inline constexpr bool holds<std::tuple<A...>, std::tuple<B...>> = (holds<A, B> &&
                                                                                                          ...);
}  // namespace detail

// ---- subqueries that have a name ------------------------------------------------------------------------------------

/// One column of a subquery: its name, type, and whether it may be null.
template <fixed_string Name, class Type, bool Nullable>
struct derived_column {
  using pg_type = Type;
  static constexpr bool nullable = Nullable;
  static constexpr std::string_view name = Name.view();
};

namespace detail {
template <fixed_string Name, class... Columns>
struct derived_tag {
  static constexpr std::string_view alias = Name.view();
  static void append_columns(fragment& to) {
    (append_to_list(to, fragment().add_name(alias).add(".").add_name(Columns::name)), ...);
  }
};
template <fixed_string Name, class... Columns>
struct reads_of_item<derived_tag<Name, Columns...>> {
  using type = tables<derived_tag<Name, Columns...>>;
};
// All of its columns, as a tuple.
template <fixed_string Name, class... Columns, class Nullable>
struct item_reader<derived_tag<Name, Columns...>, Nullable> {
  template <class C>
  struct as_item : C {
    using reads = tables<>;
  };
  static constexpr bool null = contains<derived_tag<Name, Columns...>, Nullable>;
  using inner = std::tuple<typename item_reader<as_item<Columns>, tables<>>::value...>;
  using value = std::conditional_t<null, std::optional<inner>, inner>;
  static void read(const result& r, std::size_t row, std::size_t& cell, value& out) {
    auto read_into = [&](inner& into) {
      std::apply([&](auto&... m) { (item_reader<as_item<Columns>, tables<>>::read(r, row, cell, m), ...); }, into);
    };
    if constexpr (null) {
      if (r.all_null(row, cell, sizeof...(Columns)))
        cell += sizeof...(Columns);
      else
        read_into(out.emplace());
    } else {
      read_into(out);
    }
  }
};
template <std::string_view const& A, std::string_view const& B>
inline constexpr bool same_name = A == B;
template <fixed_string Wanted, class... Columns>
constexpr std::size_t place_of() {
  std::size_t i = 0, found = sizeof...(Columns);
  ((Columns::name == Wanted.view() ? (found = i, ++i) : ++i), ...);
  return found;
}
}  // namespace detail

/// A subquery or a CTE with a name: what from() and joins take. Its columns are t.template col<"name">().
template <fixed_string Name, class... Columns>
struct derived {
  using tag = detail::derived_tag<Name, Columns...>;
  fragment query;
  bool is_cte = false, is_lateral = false, is_recursive = false;

  /// The column of that name.
  template <fixed_string Column>
  auto col() const {
    constexpr std::size_t place = detail::place_of<Column, Columns...>();
    SLUICE_CHECK(place < sizeof...(Columns), Column,
                 "this subquery has no column of that name: give it one with as<\"name\">()");
    using C = std::tuple_element_t < place<sizeof...(Columns) ? place : 0, std::tuple<Columns...>>;
    expr<typename C::pg_type, C::nullable, tables<tag>> out;
    fragment own;
    own.add_name(Name.view()).add(".").add_name(Column.view());
    if constexpr (detail::domain_of_enum<typename C::pg_type>)
      detail::append_as_enum(out, own, C::pg_type::enumeration);
    else
      out.add(own);
    return out;
  }
};
/// The same as d.col<"name">(), for generic code, in which that would be d.template col<"name">().
template <fixed_string Column, fixed_string Name, class... Columns>
auto column_of(const derived<Name, Columns...>& d) {
  return d.template col<Column>();
}

namespace detail {
template <class T>
struct source;
template <any_table T>
struct source<T> {
  using tag = typename info<T>::tag;
  static void append(fragment& to, const T&) { append_table(to, info<T>::schema, info<T>::name, info<T>::alias); }
};
template <fixed_string Name, class... Columns>
struct source<derived<Name, Columns...>> {
  using tag = derived_tag<Name, Columns...>;
  static void append(fragment& to, const derived<Name, Columns...>& d) {
    if (!d.is_cte) to.add(d.is_lateral ? "LATERAL (" : "(").add(d.query).add(") ");
    to.add_name(Name.view());
  }
};
template <class T>
concept any_source = requires {
  typename source<T>::tag;
};

template <class Item, class Nullable>
struct derived_of {
  static_assert(is_named<Item> || is_column<Item>, "a subquery's expressions need a name: as<\"name\">()");
};
template <class E, fixed_string N, class Nullable>
struct derived_of<named<E, N>, Nullable> {
  using type = derived_column<N, typename E::pg_type, E::nullable || reads_any<typename E::reads, Nullable>>;
};
template <class Table, auto Spec, class Nullable>
struct derived_of<column<Table, Spec>, Nullable> {
  using type =
      derived_column<Spec.name, typename decltype(Spec)::pg_type, !Spec.is_not_null || contains<Table, Nullable>>;
};
template <fixed_string Name, class List, class Nullable>
struct derived_from;
template <fixed_string Name, class... Items, class Nullable>
struct derived_from<Name, tables<Items...>, Nullable> {
  using type = derived<Name, typename derived_of<Items, Nullable>::type...>;
};
template <fixed_string Name, template <class> class Def, fixed_string Schema, fixed_string Table, fixed_string Alias,
          class Nullable>
struct derived_from<Name, tables<columns_of<Def, Schema, Table, Alias>>, Nullable> {
  using columns = Def<columns_of<Def, Schema, Table, Alias>>;
  template <class... C>
  static derived<Name, typename derived_of<C, tables<>>::type...> of(C...);
  static constexpr columns members{};
  using type = decltype(detail::members<sizeof(columns)>::visit(members, [](auto... c) { return of(c...); }));
};
}  // namespace detail

// ---- select ---------------------------------------------------------------------------------------------------------

/// What rows to wait for: for_update(skip_locked).
enum class locking : unsigned char { wait, nowait, skip_locked };
inline constexpr locking nowait = locking::nowait, skip_locked = locking::skip_locked;

/// A SELECT. Items are what was selected (none: everything), Present the tables in from() and the joins, Nullable those
/// that an outer join may leave without a row: their columns are std::optional.
template <class Items, class Present, class Nullable>
class [[nodiscard]] select_query {
 public:
  using items = std::conditional_t<std::is_same_v<Items, tables<>>, Present, Items>;
  using reader = detail::row_reader<items, Nullable>;

  select_query(Database* database, detail::select_parts parts) : database_(database), parts_(std::move(parts)) {}

  /// FROM a table, an alias, a subquery or a CTE.
  template <detail::any_source S>
  auto from(const S& s) && {
    using tag = typename detail::source<S>::tag;
    if (!parts_.from.sql.empty()) parts_.from.add(", ");
    detail::source<S>::append(parts_.from, s);
    return next<both_tables<Present, tables<tag>>, Nullable>();
  }
  /// Rows that have a partner.
  template <detail::any_source S, class... T>
  auto inner_join(const S& s, const condition<T...>& on) && {
    return std::move(*this).template join<both_tables<Present, joined<S>>, Nullable>(" INNER JOIN ", s, &on);
  }
  /// All rows so far; the other table's columns may be null.
  template <detail::any_source S, class... T>
  auto left_join(const S& s, const condition<T...>& on) && {
    return std::move(*this).template join<both_tables<Present, joined<S>>, both_tables<Nullable, joined<S>>>(
        " LEFT JOIN ", s, &on);
  }
  /// All rows of the other table; the columns so far may be null.
  template <detail::any_source S, class... T>
  auto right_join(const S& s, const condition<T...>& on) && {
    return std::move(*this).template join<both_tables<Present, joined<S>>, both_tables<Nullable, Present>>(
        " RIGHT JOIN ", s, &on);
  }
  /// All rows of both; all columns may be null.
  template <detail::any_source S, class... T>
  auto full_join(const S& s, const condition<T...>& on) && {
    return std::move(*this)
        .template join<both_tables<Present, joined<S>>, both_tables<Nullable, both_tables<Present, joined<S>>>>(
            " FULL JOIN ", s, &on);
  }
  /// Every row with every row.
  template <detail::any_source S>
  auto cross_join(const S& s) && {
    return std::move(*this).template join<both_tables<Present, joined<S>>, Nullable>(
        " CROSS JOIN ", s, static_cast<const condition<>*>(nullptr));
  }

  /// WHERE; several are joined by AND.
  template <class... T>
  select_query where(const condition<T...>& c) && {
    check<tables<T...>>();
    detail::append_and(parts_.where, c);
    return std::move(*this);
  }
  template <expression... E>
  select_query group_by(const E&... e) && {
    (add_to(parts_.group_by, e), ...);
    return std::move(*this);
  }
  template <class... T>
  select_query having(const condition<T...>& c) && {
    check<tables<T...>>();
    detail::append_and(parts_.having, c);
    return std::move(*this);
  }
  /// ORDER BY: t.a, t.b.desc(), position(1).
  template <class... O>
  select_query order_by(const O&... o) && {
    (add_order(o), ...);
    return std::move(*this);
  }
  select_query limit(std::int64_t n) && {
    parts_.limit.add(" LIMIT ").add_parameter({std::to_string(n)});
    parts_.has_limit = true;
    return std::move(*this);
  }
  select_query offset(std::int64_t n) && {
    parts_.limit.add(" OFFSET ").add_parameter({std::to_string(n)});
    return std::move(*this);
  }
  select_query limit(placeholder<std::int64_t> p) && {
    parts_.limit.add(" LIMIT ").add_parameter({std::nullopt, p.slot, detail::print_erased<type::Bigint, std::int64_t>});
    parts_.has_limit = true;
    return std::move(*this);
  }
  select_query distinct() && {
    parts_.distinct.add("DISTINCT ");
    return std::move(*this);
  }
  template <expression... E>
  select_query distinct_on(const E&... e) && {
    fragment list;
    (add_to(list, e), ...);
    parts_.distinct.add("DISTINCT ON (").add(list).add(") ");
    return std::move(*this);
  }
  // Locks on the rows: until the end of the transaction.
  select_query for_update(locking how = {}) && { return lock(" FOR UPDATE", how); }
  select_query for_no_key_update(locking how = {}) && { return lock(" FOR NO KEY UPDATE", how); }
  select_query for_share(locking how = {}) && { return lock(" FOR SHARE", how); }
  select_query for_key_share(locking how = {}) && { return lock(" FOR KEY SHARE", how); }

  // Set operations: both sides have rows of the same type. order_by() and limit() behind them are of the whole.
  template <class I, class P, class N>
  select_query union_(const select_query<I, P, N>& other) && {
    return set("UNION", other);
  }
  template <class I, class P, class N>
  select_query union_all(const select_query<I, P, N>& other) && {
    return set("UNION ALL", other);
  }
  template <class I, class P, class N>
  select_query intersect(const select_query<I, P, N>& other) && {
    return set("INTERSECT", other);
  }
  template <class I, class P, class N>
  select_query intersect_all(const select_query<I, P, N>& other) && {
    return set("INTERSECT ALL", other);
  }
  template <class I, class P, class N>
  select_query except(const select_query<I, P, N>& other) && {
    return set("EXCEPT", other);
  }
  template <class I, class P, class N>
  select_query except_all(const select_query<I, P, N>& other) && {
    return set("EXCEPT ALL", other);
  }

  /// The query as a table of that name, for from() and joins.
  template <fixed_string Name>
  auto subquery() const {
    typename detail::derived_from<Name, items, Nullable>::type out;
    out.query = statement();
    return out;
  }
  /// The same, which may read the tables on its left.
  template <fixed_string Name>
  auto lateral() const {
    auto out = subquery<Name>();
    out.is_lateral = true;
    return out;
  }
  /// The query as a CTE: for db.with(…), and then from() and joins.
  template <fixed_string Name>
  auto cte() const {
    auto out = subquery<Name>();
    out.is_cte = true;
    return out;
  }
  /// A recursive CTE: this query gives the first rows, and the one that `step` makes of the CTE gives more of them out
  /// of the last ones, until there are none (UNION ALL):
  ///
  ///     auto tree = db.select(t.id).from(t).where(t.parent_id.is_null()).recursive<"tree">([&](auto tree) {
  ///       return db.select(t.id).from(t).inner_join(tree, t.parent_id == column_of<"id">(tree)); });
  template <fixed_string Name, class Step>
  auto recursive(Step step) const {
    return recursion<Name>(" UNION ALL ", step);
  }
  /// The same by UNION: a row that was there before is not followed again, so that circles end.
  template <fixed_string Name, class Step>
  auto recursive_distinct(Step step) const {
    return recursion<Name>(" UNION ", step);
  }

  /// Runs it. A row is the item, or a tuple of the items.
  auto all() const { return read(run()); }
  /// Runs it. The first row, or nothing.
  auto first() const {
    check_items();
    result r = run_limited();
    std::optional<typename reader::value> out;
    if (r.rows() > 0) reader::read(r, 0, out.emplace());
    return out;
  }
  /// Runs it. The only row; Error if there is none, or another one.
  auto one() const {
    check_items();
    result r = run();
    if (r.rows() != 1) detail::not_one(r.rows());
    typename reader::value out;
    reader::read(r, 0, out);
    return out;
  }
  /// Runs it. Each row as a T{item, item, …}.
  template <class T>
  std::vector<T> into() const {
    std::vector<T> out;
    for (auto& row : all()) out.push_back(std::apply([](auto&... m) { return T{std::move(m)...}; }, row));
    return out;
  }

  /// The SQL, with zero bytes for parameters.
  fragment statement() const {
    fragment everything;
    if constexpr (detail::of_one_table<items, Present>) {
      // Without the table before each name, which takes the server longer than all that is done here.
      detail::append_column_names(everything, info<typename detail::only_table<items>::type>::all);
      return detail::whole(parts_, everything);
    } else if constexpr (std::is_same_v<Items, tables<>>) {
      append_everything(everything, Present{});
      return detail::whole(parts_, everything);
    } else {
      return detail::whole(parts_);
    }
  }
  /// Rows of a result of this query.
  static auto read(const result& r) {
    check_items();
    return detail::read_rows<reader>(r);
  }

 private:
  template <class, class, class>
  friend class select_query;
  template <class S>
  using joined = tables<typename detail::source<S>::tag>;

  // Not before the query runs: from() comes after select().
  static constexpr void check_items() { static_assert(detail::items_present<items, Present>); }

  template <class P, class N>
  select_query<Items, P, N> next() {
    return {database_, std::move(parts_)};
  }
  template <class P, class N, class S, class C>
  auto join(std::string_view kind, const S& s, const C* on) && {
    parts_.from.add(kind);
    detail::source<S>::append(parts_.from, s);
    if (on != nullptr) {
      constexpr bool known = detail::all_present<typename C::reads, P>;
      SLUICE_CHECK(known, (detail::absent<typename C::reads, P>),
                   "join: the condition reads a column of a table that is not part of the query");
      parts_.from.add(" ON ").add(*on);
    }
    return next<P, N>();
  }
  template <class List>
  static constexpr void check() {
    constexpr bool known = detail::all_present<List, Present>;
    SLUICE_CHECK(known, (detail::absent<List, Present>), "a column of a table that is neither in from() nor in a join");
  }
  template <class E>
  void add_to(fragment& list, const E& e) {
    check<typename E::reads>();
    fragment f;
    e.append_to(f);
    detail::append_to_list(list, f);
  }
  template <class O>
  void add_order(const O& o) {
    check<typename O::reads>();
    fragment f;
    if constexpr (expression<O>)
      o.append_to(f);
    else
      detail::append_ordering(f, o, o.ascending, o.nulls);
    detail::append_to_list(parts_.order_by, f);
  }
  select_query lock(std::string_view strength, locking how) {
    parts_.lock.add(strength).add(how == locking::nowait        ? " NOWAIT"
                                  : how == locking::skip_locked ? " SKIP LOCKED"
                                                                : "");
    return std::move(*this);
  }
  template <fixed_string Name, class Step>
  auto recursion(std::string_view operation, Step& step) const {
    auto out = cte<Name>();
    auto more = step(std::as_const(out));
    using More = typename decltype(more)::reader::value;
    constexpr bool same = detail::holds<typename reader::value, More>;
    SLUICE_CHECK(same, detail::name_of<items>,
                 "recursive(): the step's rows have other types than the first ones, or nulls where they have none");
    out.query = fragment().add("(").add(statement()).add(")").add(operation).add("(").add(more.statement()).add(")");
    out.is_recursive = true;
    return out;
  }
  template <class Other>
  select_query set(std::string_view operation, const Other& other) {
    constexpr bool same = std::is_same_v<typename reader::value, typename Other::reader::value>;
    SLUICE_CHECK(same, detail::name_of<items>, "a set operation has rows of the same type on both sides");
    if constexpr (std::is_same_v<Items, tables<>>)
      if (parts_.set.sql.empty()) append_everything(parts_.items, Present{});
    detail::combine(parts_, operation, other.statement());
    return std::move(*this);
  }
  template <class... Tag>
  static void append_everything(fragment& list, tables<Tag...>) {
    (detail::append_all_columns<Tag>(list), ...);
  }
  result run() const { return database_->run(statement()); }
  result run_limited() const {
    fragment f = statement();
    if (!parts_.has_limit && parts_.lock.sql.empty()) f.add(" LIMIT 1");
    return database_->run(f);
  }

  Database* database_;
  detail::select_parts parts_;
};

namespace detail {
template <class... Items>
auto begin_select(Database* database, select_parts parts, const Items&... items) {
  (append_item(parts.items, items), ...);
  if constexpr (sizeof...(Items) == 1 && (any_table<Items> && ...)) {
    // select(table) needs no from().
    (source<Items>::append(parts.from, items), ...);
    return select_query<items_of<Items...>, items_of<Items...>, tables<>>(database, std::move(parts));
  } else {
    return select_query<items_of<Items...>, tables<>, tables<>>(database, std::move(parts));
  }
}
}  // namespace detail

template <class... Items>
auto Database::select(const Items&... items) {
  return detail::begin_select(this, {}, items...);
}

/// What db.with(…) gives.
class with_clause {
 public:
  with_clause(Database* database, fragment ctes) : database_(database), ctes_(std::move(ctes)) {}
  template <class... Items>
  auto select(const Items&... items) const {
    detail::select_parts parts;
    parts.with = ctes_;
    return detail::begin_select(database_, std::move(parts), items...);
  }
  template <any_table Table>
  insert_query<Table> insert(Table) const;
  template <any_table Table>
  auto update(Table) const;
  template <any_table Table>
  auto delete_from(Table) const;

 private:
  Database* database_;
  fragment ctes_;
};

template <class... Ctes>
with_clause Database::with(const Ctes&... ctes) {
  fragment list;
  bool recursive = false;
  auto add = [&]<fixed_string Name, class... C>(const derived<Name, C...>& d) {
    recursive = recursive || d.is_recursive;
    detail::append_to_list(list, fragment().add_name(Name.view()).add(" AS (").add(d.query).add(")"));
  };
  (add(ctes), ...);
  return {this, fragment().add(recursive ? "WITH RECURSIVE " : "WITH ").add(list).add(" ")};
}

/// EXISTS (query).
template <class I, class P, class N>
condition<> exists(const select_query<I, P, N>& query) {
  condition<> out;
  out.add("EXISTS (").add(query.statement()).add(")");
  return out;
}
template <class I, class P, class N>
condition<> not_exists(const select_query<I, P, N>& query) {
  condition<> out;
  out.add("NOT EXISTS (").add(query.statement()).add(")");
  return out;
}
namespace detail {
template <class A, class Item, class P, class N>
auto in_query(const A& a, const char* op, const select_query<tables<Item>, P, N>& query) {
  constexpr bool fits = comparable<typename A::pg_type, typename Item::pg_type>;
  SLUICE_CHECK(fits, name_of<A>, "in(): the subquery's type is another one");
  condition_reading<typename A::reads> out;
  a.append_to(out);
  out.add(op).add(query.statement()).add(")");
  return out;
}
}  // namespace detail
/// IN (query), of one column.
template <expression A, class Item, class P, class N>
auto in(const A& a, const select_query<tables<Item>, P, N>& query) {
  return detail::in_query(a, " IN (", query);
}
template <expression A, class Item, class P, class N>
auto not_in(const A& a, const select_query<tables<Item>, P, N>& query) {
  return detail::in_query(a, " NOT IN (", query);
}
/// A query of one column and at most one row as an expression; null if there is no row.
template <class Item, class P, class N>
auto scalar(const select_query<tables<Item>, P, N>& query) {
  expr<typename Item::pg_type, true, tables<>> out;
  out.add("(").add(query.statement()).add(")");
  return out;
}

}  // namespace sluice::pg
