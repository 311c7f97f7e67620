// SQL expressions. They are checked when they are built – types, and which tables they read –; after that they are text
// and parameters. Values never become part of the text.
#pragma once

#include <initializer_list>

#include "sluice/column.hpp"

namespace sluice::pg {

/// A parameter of a statement: a value, NULL, or a place that a prepared statement gets a value for.
struct parameter {
  std::optional<std::string> text;
  int slot = -1;
  std::string (*print)(const void* value) = nullptr;
};

/// A piece of SQL. A zero byte stands for a parameter: no SQL has one.
struct fragment {
  std::string sql;
  std::vector<parameter> parameters;

  /// Appends text.
  fragment& add(std::string_view more) {
    sql += more;
    return *this;
  }
  /// Appends another piece with its parameters.
  fragment& add(const fragment& other);
  /// Appends a parameter.
  fragment& add_parameter(parameter p);
  /// Appends "name", quoted.
  fragment& add_name(std::string_view name);
};

/// Which tables an expression reads. One that it reads by a column is in the list as that column, the first of them, so
/// that an error can name it.
template <class... Tables>
struct tables {};

template <class Table, auto Spec>
struct column;
template <class Expression, fixed_string Name>
struct named;
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias>
struct columns_of;

namespace detail {
template <class T>
struct table_read {
  using type = T;
};
template <class Table, auto Spec>
struct table_read<column<Table, Spec>> {
  using type = Table;
};
template <class T, class List>
inline constexpr bool contains = false;
template <class T, class... Ts>
inline constexpr bool contains<T, tables<Ts...>> =
    (std::is_same_v<typename table_read<T>::type, typename table_read<Ts>::type> || ...);
template <class List, class Present>
inline constexpr bool all_present = false;
template <class... T, class Present>
inline constexpr bool all_present<tables<T...>, Present> = (contains<T, Present> && ...);
template <class A, class B>
struct joined;
template <class... A>
struct joined<tables<A...>, tables<>> {
  using type = tables<A...>;
};
template <class... A, class B, class... Bs>
struct joined<tables<A...>, tables<B, Bs...>> {
  using type = typename joined<std::conditional_t<contains<B, tables<A...>>, tables<A...>, tables<A..., B>>,
                               tables<Bs...>>::type;
};
}  // namespace detail
/// The tables of both.
template <class A, class B>
using both_tables = typename detail::joined<A, B>::type;

/// A place in a prepared statement, for a value of type T.
template <class T>
struct placeholder {
  int slot = 0;
};
template <class T>
inline constexpr bool is_placeholder = false;
template <class T>
inline constexpr bool is_placeholder<placeholder<T>> = true;

/// A condition that reads some tables. One that reads any is a condition<>: to put together where() at run time.
template <class... Tables>
struct condition : fragment {
  using reads = tables<Tables...>;
  condition() = default;
  explicit condition(fragment f) : fragment(std::move(f)) {}
  template <class... Others>
  requires(sizeof...(Tables) == 0 && sizeof...(Others) > 0) condition(condition<Others...> other)
      : fragment(std::move(static_cast<fragment&>(other))) {}
};
namespace detail {
template <class List>
struct condition_on;
template <class... Tables>
struct condition_on<tables<Tables...>> {
  using type = condition<Tables...>;
};
}  // namespace detail
template <class List>
using condition_reading = typename detail::condition_on<List>::type;

/// One entry of ORDER BY, or of an index.
template <class... Tables>
struct ordering : fragment {
  using reads = tables<Tables...>;
  std::string_view column;  // of an index
  bool ascending = true;
  std::string_view nulls;  // "first" or "last", if said
  std::string_view opclass;

  /// NULLs before everything else.
  ordering nulls_first() && { return with_nulls("first"); }
  /// NULLs after everything else.
  ordering nulls_last() && { return with_nulls("last"); }
  /// The operator class of an index's column.
  ordering op(std::string_view name) && {
    opclass = name;
    return std::move(*this);
  }

 private:
  ordering with_nulls(std::string_view where) {
    nulls = where;
    return std::move(*this);
  }
};
namespace detail {
template <class List>
struct ordering_on;
template <class... Tables>
struct ordering_on<tables<Tables...>> {
  using type = ordering<Tables...>;
};
void append_ordering(fragment& to, const fragment& expression, bool ascending, std::string_view nulls);
}  // namespace detail

template <class Type, bool Nullable, class Reads>
struct expr;

/// What has a type, may be null, reads tables and can be written: columns, expr, and named ones.
template <class T>
concept expression = requires(const T& t, fragment& f) {
  typename T::pg_type;
  typename T::reads;
  { T::nullable } -> std::convertible_to<bool>;
  t.append_to(f);
};

namespace detail {
template <class Type, class T>
std::string print_erased(const void* value) {
  return text_of<Type>(*static_cast<const T*>(value));
}
template <class T>
inline constexpr bool is_number_value = is_whole<T> || std::is_floating_point_v<T> || std::is_same_v<T, Numeric>;
template <class A, class B>
inline constexpr bool same_values = std::is_same_v<A, B> || (is_number_value<A> && is_number_value<B>);
template <class A, class B>
inline constexpr bool comparable = same_values<typename A::value, typename B::value>;

template <class V>
struct reads_of {
  using type = tables<>;
};
template <expression V>
struct reads_of<V> {
  using type = typename V::reads;
};
template <class V>
inline constexpr bool may_be_null = is_optional<V>;
template <expression V>
inline constexpr bool may_be_null<V> = V::nullable;

// What errors call it: the name of a column, of the first column that an expression reads, or of a table.
template <class T>
inline constexpr auto name_of = fixed_string("an expression");
template <class T>
requires requires { typename T::reads; }
inline constexpr auto name_of<T> = name_of<typename T::reads>;
template <class First, class... Rest>
inline constexpr auto name_of<tables<First, Rest...>> = name_of<First>;
template <class Table, auto Spec>
inline constexpr auto name_of<column<Table, Spec>> = Spec.name;
template <class Expression, fixed_string Name>
inline constexpr auto name_of<named<Expression, Name>> = Name;
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias>
inline constexpr auto name_of<columns_of<Def, Schema, Name, Alias>> = Name;

// "users.email", the first of the list that is not of a table in Present.
template <class List, class Present>
inline constexpr auto absent = fixed_string("an expression");
template <class First, class... Rest, class Present>
inline constexpr auto absent<tables<First, Rest...>, Present> = absent<tables<Rest...>, Present>;
template <class First, class... Rest, class Present>
requires(!contains<First, Present>) inline constexpr auto absent<tables<First, Rest...>, Present> = name_of<First>;
template <class Table, auto Spec, class... Rest, class Present>
requires(!contains<Table, Present>) inline constexpr auto absent<tables<column<Table, Spec>, Rest...>, Present> =
    dotted<name_of<Table>, Spec.name>;

// What is wrong with the right side of a comparison with something of type Type.
enum class operand : unsigned char { fits, other_type, other_placeholder, null, other_value };
template <class Type, class V>
constexpr operand operand_of() {
  if constexpr (expression<V>)
    return comparable<Type, typename V::pg_type> ? operand::fits : operand::other_type;
  else if constexpr (is_placeholder<V>)
    return []<class T>(placeholder<T>) {
      return storable<T, typename Type::value> ? operand::fits : operand::other_placeholder;
    }(V{});
  else if constexpr (std::is_same_v<V, std::nullopt_t> || is_optional<V>)
    return operand::null;
  else
    return storable<V, typename Type::value> ? operand::fits : operand::other_value;
}
template <class Column, operand Wrong>
constexpr void report_operand() {
  if constexpr (Wrong == operand::other_type)
    static_assert(is_right<Column>, "these two have different types");
  else if constexpr (Wrong == operand::other_placeholder)
    static_assert(is_right<Column>, "this placeholder's type does not fit the column's type");
  else if constexpr (Wrong == operand::null)
    static_assert(is_right<Column>, "nothing is equal to NULL: use is_null() or is_not_null()");
  else
    static_assert(is_right<Column>, "this value's type does not fit the column's type");
}
// In a function, where it costs nothing unless it fails.
#define SLUICE_CHECK_OPERAND(Type, Value, Name)                                                         \
  if constexpr (::sluice::pg::detail::operand_of<Type, Value>() != ::sluice::pg::detail::operand::fits) \
  ::sluice::pg::detail::report_operand<::sluice::pg::detail::spelled<Name>,                             \
                                       ::sluice::pg::detail::operand_of<Type, Value>()>()

// The right side of a comparison with something of type Type: a value, an expression, a placeholder.
template <class Type, class V>
void append_operand(fragment& to, const V& v) {
  using D = std::decay_t<const V&>;
  if constexpr (operand_of<Type, D>() != operand::fits)
    (void)to, (void)v;  // said where the column is known
  else if constexpr (expression<D>)
    v.append_to(to);
  else if constexpr (is_placeholder<D>)
    [&]<class T>(const placeholder<T>& p) { to.add_parameter({std::nullopt, p.slot, print_erased<Type, T>}); }(v);
  else
    to.add_parameter({text_of<Type>(static_cast<const D&>(v))});
}

template <class A, class V>
auto compare(const A& a, std::string_view op, const V& v) {
  using D = std::decay_t<const V&>;
  SLUICE_CHECK_OPERAND(typename A::pg_type, D, name_of<A>);
  condition_reading<both_tables<typename A::reads, typename reads_of<D>::type>> out;
  a.append_to(out);
  out.add(op);
  append_operand<typename A::pg_type>(out, v);
  return out;
}
}  // namespace detail

// Comparisons: with a value, another expression, or a placeholder. (A macro, since they differ in nothing else.)
#define SLUICE_COMPARISON(op, sql)           \
  template <expression A, class V>           \
  auto operator op(const A& a, const V& v) { \
    return detail::compare(a, sql, v);       \
  }
SLUICE_COMPARISON(==, " = ")
SLUICE_COMPARISON(!=, " <> ")
SLUICE_COMPARISON(<, " < ")
SLUICE_COMPARISON(<=, " <= ")
SLUICE_COMPARISON(>, " > ")
SLUICE_COMPARISON(>=, " >= ")
#undef SLUICE_COMPARISON

/// Both.
template <class... A, class... B>
auto operator&&(const condition<A...>& a, const condition<B...>& b) {
  condition_reading<both_tables<tables<A...>, tables<B...>>> out;
  out.add("(").add(a).add(" AND ").add(b).add(")");
  return out;
}
/// One of them.
template <class... A, class... B>
auto operator||(const condition<A...>& a, const condition<B...>& b) {
  condition_reading<both_tables<tables<A...>, tables<B...>>> out;
  out.add("(").add(a).add(" OR ").add(b).add(")");
  return out;
}
/// Not so.
template <class... A>
condition<A...> operator!(const condition<A...>& a) {
  condition<A...> out;
  out.add("NOT (").add(a).add(")");
  return out;
}
/// True: to begin a condition that is put together.
inline condition<> always() {
  condition<> out;
  out.add("true");
  return out;
}

/// IS NULL. A compile error on a column that is NOT NULL, unless it comes from an outer join (see null_in_join).
template <expression A>
auto is_null(const A& a) {
  SLUICE_CHECK(A::nullable, detail::name_of<A>, "is_null(): this column is NOT NULL");
  condition_reading<typename A::reads> out;
  a.append_to(out);
  out.add(" IS NULL");
  return out;
}
/// IS NOT NULL.
template <expression A>
auto is_not_null(const A& a) {
  SLUICE_CHECK(A::nullable, detail::name_of<A>, "is_not_null(): this column is NOT NULL");
  condition_reading<typename A::reads> out;
  a.append_to(out);
  out.add(" IS NOT NULL");
  return out;
}
/// The row of an outer join is missing: IS NULL on any of its columns.
template <expression A>
auto null_in_join(const A& a) {
  condition_reading<typename A::reads> out;
  a.append_to(out);
  out.add(" IS NULL");
  return out;
}
namespace detail {
template <class A, class Container>
auto any_of(const A& a, const Container& values, bool negated) {
  using Type = typename A::pg_type;
  condition_reading<typename A::reads> out;
  a.append_to(out);
  std::string list = "{";
  using V = std::decay_t<decltype(*values.begin())>;
  constexpr bool fits = storable<V, typename Type::value>;
  SLUICE_CHECK(fits, name_of<A>, "in(): a value's type does not fit the column's type");
  if constexpr (fits)
    for (const auto& v : values) append_element(list, text_of<Type>(v), type::is_array<Type>);
  out.add(negated ? " <> ALL(" : " = ANY(").add_parameter({list + "}"}).add(")");
  return out;
}
}  // namespace detail
/// One of the values; one parameter however many there are.
template <expression A>
auto in(const A& a, std::initializer_list<typename A::pg_type::value> values) {
  return detail::any_of(a, values, false);
}
template <expression A, class V>
auto in(const A& a, const std::vector<V>& values) {
  return detail::any_of(a, values, false);
}
/// None of the values.
template <expression A>
auto not_in(const A& a, std::initializer_list<typename A::pg_type::value> values) {
  return detail::any_of(a, values, true);
}
template <expression A, class V>
auto not_in(const A& a, const std::vector<V>& values) {
  return detail::any_of(a, values, true);
}
namespace detail {
template <class A>
auto matches(const A& a, std::string_view op, std::string_view pattern) {
  constexpr bool is_text = std::is_same_v<typename A::pg_type::value, std::string>;
  SLUICE_CHECK(is_text, name_of<A>, "like() is for text");
  condition_reading<typename A::reads> out;
  a.append_to(out);
  out.add(op).add_parameter({std::string(pattern)});
  return out;
}
}  // namespace detail
/// LIKE.
template <expression A>
auto like(const A& a, std::string_view pattern) {
  return detail::matches(a, " LIKE ", pattern);
}
template <expression A>
auto not_like(const A& a, std::string_view pattern) {
  return detail::matches(a, " NOT LIKE ", pattern);
}
/// LIKE whatever the case.
template <expression A>
auto ilike(const A& a, std::string_view pattern) {
  return detail::matches(a, " ILIKE ", pattern);
}
template <expression A>
auto not_ilike(const A& a, std::string_view pattern) {
  return detail::matches(a, " NOT ILIKE ", pattern);
}
/// BETWEEN, both ends included.
template <expression A, class L, class H>
auto between(const A& a, const L& low, const H& high) {
  return detail::compare(a, " >= ", low) && detail::compare(a, " <= ", high);
}
template <expression A, class L, class H>
auto not_between(const A& a, const L& low, const H& high) {
  return !between(a, low, high);
}
/// Lists: the left one has all of the right one's elements (@>), is part of it (<@), has some of them (&&).
template <expression A, class V>
auto array_contains(const A& a, const V& v) {
  SLUICE_CHECK(type::is_array<typename A::pg_type>, detail::name_of<A>, "array_contains() is for array columns");
  return detail::compare(a, " @> ", v);
}
template <expression A, class V>
auto array_contained(const A& a, const V& v) {
  SLUICE_CHECK(type::is_array<typename A::pg_type>, detail::name_of<A>, "array_contained() is for array columns");
  return detail::compare(a, " <@ ", v);
}
template <expression A, class V>
auto array_overlaps(const A& a, const V& v) {
  SLUICE_CHECK(type::is_array<typename A::pg_type>, detail::name_of<A>, "array_overlaps() is for array columns");
  return detail::compare(a, " && ", v);
}

namespace detail {
template <class A>
auto ordered(const A& a, bool ascending, std::string_view column = {}) {
  typename ordering_on<typename A::reads>::type out;
  a.append_to(out);
  out.column = column;
  out.ascending = ascending;
  return out;
}
}  // namespace detail

// What columns and other expressions can do by a dot. (A macro: a base class would double the types of every column.)
#define SLUICE_EXPRESSION_MEMBERS                                                              \
  auto is_null() const { return pg::is_null(*this); }                                          \
  auto is_not_null() const { return pg::is_not_null(*this); }                                  \
  auto in(std::initializer_list<value> values) const { return pg::in(*this, values); }         \
  template <class V>                                                                           \
  auto in(const V& values) const {                                                             \
    return pg::in(*this, values);                                                              \
  }                                                                                            \
  auto not_in(std::initializer_list<value> values) const { return pg::not_in(*this, values); } \
  template <class V>                                                                           \
  auto not_in(const V& values) const {                                                         \
    return pg::not_in(*this, values);                                                          \
  }                                                                                            \
  auto like(std::string_view pattern) const { return pg::like(*this, pattern); }               \
  auto ilike(std::string_view pattern) const { return pg::ilike(*this, pattern); }             \
  template <class L, class H>                                                                  \
  auto between(const L& low, const H& high) const {                                            \
    return pg::between(*this, low, high);                                                      \
  }

/// An expression of a type, with a text of its own.
template <class Type, bool Nullable, class Reads>
struct expr : fragment {
  using pg_type = Type;
  using value = typename Type::value;
  using reads = Reads;
  static constexpr bool nullable = Nullable;

  void append_to(fragment& to) const { to.add(static_cast<const fragment&>(*this)); }
  auto asc() const { return detail::ordered(*this, true); }
  auto desc() const { return detail::ordered(*this, false); }
  /// A name for it: to refer to it from outside of a subquery.
  template <fixed_string Name>
  named<expr, Name> as() const {
    return {*this};
  }
  SLUICE_EXPRESSION_MEMBERS
};

/// An expression with a name.
template <class Expression, fixed_string Name>
struct named {
  using pg_type = typename Expression::pg_type;
  using reads = typename Expression::reads;
  static constexpr bool nullable = Expression::nullable;
  static constexpr std::string_view name = Name.view();
  Expression inner;
  void append_to(fragment& to) const { inner.append_to(to); }
};
template <class T>
inline constexpr bool is_named = false;
template <class E, fixed_string N>
inline constexpr bool is_named<named<E, N>> = true;

namespace detail {
template <class Type, bool Nullable, class Reads, class... Parts>
auto made(const Parts&... parts) {
  expr<Type, Nullable, Reads> out;
  auto add = [&](const auto& part) {
    if constexpr (std::is_convertible_v<decltype(part), std::string_view>)
      out.add(std::string_view(part));
    else
      part.append_to(out);
  };
  (add(parts), ...);
  return out;
}
template <class A>
auto call(std::string_view function, const A& a) {
  return made<typename A::pg_type, A::nullable, typename A::reads>(function, "(", a, ")");
}
// PostgreSQL's sums and averages are of wider types.
template <class T>
struct sum_of {
  using type = T;
};
template <>
struct sum_of<std::int16_t> {
  using type = type::Bigint;
};
template <>
struct sum_of<std::int32_t> {
  using type = type::Bigint;
};
template <>
struct sum_of<std::int64_t> {
  using type = type::Numeric;
};
template <>
struct sum_of<pg::Numeric> {
  using type = type::Numeric;
};
template <>
struct sum_of<float> {
  using type = type::Real;
};
template <>
struct sum_of<double> {
  using type = type::Double;
};
template <>
struct sum_of<pg::Interval> {
  using type = type::Interval;
};
template <class T>
struct average_of {
  using type = std::conditional_t<std::is_floating_point_v<T>, type::Double,
                                  std::conditional_t<std::is_same_v<T, pg::Interval>, type::Interval, type::Numeric>>;
};
}  // namespace detail

/// count(*).
inline auto count() { return detail::made<type::Bigint, false, tables<>>("count(*)"); }
/// How many are not null.
template <expression A>
auto count(const A& a) {
  return detail::made<type::Bigint, false, typename A::reads>("count(", a, ")");
}
/// How many different ones.
template <expression A>
auto count_distinct(const A& a) {
  return detail::made<type::Bigint, false, typename A::reads>("count(DISTINCT ", a, ")");
}
/// The sum: of a wider type, as PostgreSQL has it; null if there are no rows.
template <expression A>
auto sum(const A& a) {
  return detail::made<typename detail::sum_of<typename A::pg_type::value>::type, true, typename A::reads>("sum(", a,
                                                                                                          ")");
}
template <expression A>
auto sum_distinct(const A& a) {
  return detail::made<typename detail::sum_of<typename A::pg_type::value>::type, true, typename A::reads>(
      "sum(DISTINCT ", a, ")");
}
/// The average; null if there are no rows.
template <expression A>
auto avg(const A& a) {
  return detail::made<typename detail::average_of<typename A::pg_type::value>::type, true, typename A::reads>("avg(", a,
                                                                                                              ")");
}
/// The least; null if there are no rows.
template <expression A>
auto min(const A& a) {
  return detail::made<typename A::pg_type, true, typename A::reads>("min(", a, ")");
}
/// The greatest; null if there are no rows.
template <expression A>
auto max(const A& a) {
  return detail::made<typename A::pg_type, true, typename A::reads>("max(", a, ")");
}
/// Lower and upper case, length in characters.
template <expression A>
auto lower(const A& a) {
  return detail::made<type::Text, A::nullable, typename A::reads>("lower(", a, ")");
}
template <expression A>
auto upper(const A& a) {
  return detail::made<type::Text, A::nullable, typename A::reads>("upper(", a, ")");
}
template <expression A>
auto length(const A& a) {
  return detail::made<type::Integer, A::nullable, typename A::reads>("length(", a, ")");
}
/// The server's time at the beginning of the transaction.
inline auto now() { return detail::made<type::TimestampTz, false, tables<>>("now()"); }

/// A value as an expression of a type: val<type::Integer>(3).
template <class Type, class V>
auto val(const V& v) {
  expr<Type, false, tables<>> out;
  static_assert(storable<std::decay_t<const V&>, typename Type::value>, "val(): this value's type does not fit");
  out.add("CAST(")
      .add_parameter({text_of<Type>(static_cast<const std::decay_t<const V&>&>(v))})
      .add(" AS ")
      .add(Type::sql)
      .add(")");
  return out;
}
/// The expression as another type: cast<type::Text>(sessions.id).
template <class Type, expression A>
auto cast(const A& a) {
  return detail::made<Type, A::nullable, typename A::reads>("CAST(", a, " AS ", Type::sql, ")");
}
/// The first that is not null.
template <expression A, class V>
auto coalesce(const A& a, const V& v) {
  using D = std::decay_t<const V&>;
  SLUICE_CHECK_OPERAND(typename A::pg_type, D, detail::name_of<A>);
  expr<typename A::pg_type, detail::may_be_null<D>, both_tables<typename A::reads, typename detail::reads_of<D>::type>>
      out;
  out.add("coalesce(");
  a.append_to(out);
  out.add(", ");
  detail::append_operand<typename A::pg_type>(out, v);
  out.add(")");
  return out;
}
namespace detail {
template <class A, class V>
auto arithmetic(const A& a, std::string_view op, const V& v) {
  using D = std::decay_t<const V&>;
  SLUICE_CHECK_OPERAND(typename A::pg_type, D, name_of<A>);
  expr<typename A::pg_type, A::nullable || may_be_null<D>, both_tables<typename A::reads, typename reads_of<D>::type>>
      out;
  out.add("(");
  a.append_to(out);
  out.add(op);
  append_operand<typename A::pg_type>(out, v);
  out.add(")");
  return out;
}
template <class A>
inline constexpr bool is_number =
    is_whole<typename A::pg_type::value> || std::is_floating_point_v<typename A::pg_type::value> ||
    std::is_same_v<typename A::pg_type::value, pg::Numeric>;
}  // namespace detail
/// Arithmetic on numbers; the type is that of the left side.
template <expression A, class V>
requires detail::is_number<A>
auto operator+(const A& a, const V& v) { return detail::arithmetic(a, " + ", v); }
template <expression A, class V>
requires detail::is_number<A>
auto operator-(const A& a, const V& v) { return detail::arithmetic(a, " - ", v); }
template <expression A, class V>
requires detail::is_number<A>
auto operator*(const A& a, const V& v) { return detail::arithmetic(a, " * ", v); }
template <expression A, class V>
requires detail::is_number<A>
auto operator/(const A& a, const V& v) { return detail::arithmetic(a, " / ", v); }
/// One text after the other; null if one is.
template <expression A, class V>
requires std::is_same_v<typename A::pg_type::value, std::string>
auto concat(const A& a, const V& v) { return detail::arithmetic(a, " || ", v); }

namespace detail {
// "{}" in the format stand for the arguments in their order, "{{" for a brace. Throws Error if their numbers differ.
struct format_reader {
  fragment& out;
  std::string_view rest;
  void next();
  void end();
};
template <class... A>
void append_format(fragment& out, std::string_view format, const A&... a) {
  format_reader reader{out, format};
  [[maybe_unused]] auto one = [&](const auto& v) {
    using D = std::decay_t<decltype(v)>;
    reader.next();
    if constexpr (expression<D>)
      v.append_to(out);
    else if constexpr (std::is_base_of_v<fragment, D>)
      out.add(static_cast<const fragment&>(v));
    else if constexpr (is_placeholder<D>)
      [&]<class T>(const placeholder<T>& p) {
        out.add_parameter({std::nullopt, p.slot, print_erased<typename type::natural<T>::type, T>});
      }(v);
    else if constexpr (std::is_same_v<D, std::nullopt_t>)
      out.add_parameter({});
    else
      out.add_parameter({text_of<typename type::natural<D>::type>(static_cast<const D&>(v))});
  };
  (one(a), ...);
  reader.end();
}
template <class... A>
struct reads_of_all {
  using type = tables<>;
};
template <class A, class... Rest>
struct reads_of_all<A, Rest...> {
  using type = both_tables<typename reads_of<A>::type, typename reads_of_all<Rest...>::type>;
};
}  // namespace detail
/// SQL of your own as an expression of a type: sql<type::Integer>("extract(year from {})", sessions.start_time).
/// Columns and expressions are written where their {} is, values become parameters.
template <class Type, class... A>
auto sql(std::string_view format, const A&... a) {
  expr<Type, false, typename detail::reads_of_all<std::decay_t<const A&>...>::type> out;
  detail::append_format(out, format, a...);
  return out;
}
/// The same, of what may be null.
template <class Type, class... A>
auto sql_or_null(std::string_view format, const A&... a) {
  expr<Type, true, typename detail::reads_of_all<std::decay_t<const A&>...>::type> out;
  detail::append_format(out, format, a...);
  return out;
}
/// The same, as a condition.
template <class... A>
auto sql_condition(std::string_view format, const A&... a) {
  condition_reading<typename detail::reads_of_all<std::decay_t<const A&>...>::type> out;
  out.add("(");
  detail::append_format(out, format, a...);
  out.add(")");
  return out;
}
/// SQL for an index, a check or a policy, with columns in it: sql_text("{} between 1 and 5", t.rating). No values.
template <expression... A>
std::string sql_text(std::string_view format, const A&... a) {
  fragment out;
  detail::append_format(out, format, a...);
  return out.sql;
}
/// A column of a query around this one: not checked against this query's tables.
template <expression A>
auto outer(const A& a) {
  return detail::made<typename A::pg_type, A::nullable, tables<>>(a);
}
/// A condition as a value to select.
template <class... Tables>
auto truth(const condition<Tables...>& c) {
  expr<type::Boolean, true, tables<Tables...>> out;
  out.add("(").add(c).add(")");
  return out;
}
/// The n-th column of a result, from 1: to order the result of a set operation.
inline auto position(int n) {
  expr<type::Integer, false, tables<>> out;
  out.add(std::to_string(n));
  return out;
}

}  // namespace sluice::pg
