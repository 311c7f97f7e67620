// Rows with what belongs to them, by their foreign keys: one statement for each relation, however many rows there are.
//
//   for (auto& tutor : db.query(tutors).with(many(sessions.tutor_id).with(one(sessions.room_id))).all())
//     for (auto& session : tutor[sessions.tutor_id])
//       session[sessions.room_id].name;
#pragma once

#include "sluice/query.hpp"

namespace sluice::pg {

namespace detail {
// A key's values, one for each of its columns.
using key_values = std::vector<std::string>;
// The keys that stand in columns of a result, each once; without those of which a part is NULL.
std::vector<key_values> distinct_keys(const result& rows, std::span<const std::size_t> columns);
// For each row of `children`, the rows of `parents` with the same key.
std::vector<std::vector<std::size_t>> parents_of_children(const result& parents,
                                                          std::span<const std::size_t> parent_columns,
                                                          const result& children,
                                                          std::span<const std::size_t> child_columns);
// `key`: the places of its columns in `columns`.
fragment relation_query(std::string_view schema, std::string_view table, std::span<const column_info> columns,
                        std::span<const std::size_t> key, const std::vector<key_values>& keys,
                        const fragment& condition, const fragment& order, std::int64_t limit);
[[noreturn]] void missing_row(std::string_view table);

template <class C>
constexpr std::size_t place_in_table() {
  using I = info<typename table_of_tag<typename C::table>::type>;
  for (std::size_t i = 0; i < I::count; i++)
    if (I::all[i].name == C::name) return i;
  return 0;
}
template <class Reference>
struct referred;
template <class To>
struct referred<reference_to<To>> {
  using type = To;
};
template <class C>
using referred_by = typename referred<std::remove_cvref_t<decltype(C::spec.reference_)>>::type;
template <class C>
concept has_typed_reference = requires {
  typename referred_by<C>;
};
}  // namespace detail

/// The columns of a key of several; made by key().
template <class... Columns>
struct key_columns {
  using table = typename std::tuple_element_t<0, std::tuple<Columns...>>::table;
  static constexpr bool is_not_null = (Columns::spec.is_not_null && ...);
};
/// A key of several columns, for many() and one(): key(t.a, t.b).
template <class... C>
requires(is_column<C>&&...) constexpr key_columns<C...> key(C...) {
  SLUICE_CHECK(detail::one_table<C...>, detail::name_of<tables<C...>>, "key(): columns of one table");
  return {};
}
namespace detail {
template <class... C>
inline constexpr auto name_of<key_columns<C...>> = name_of<tables<C...>>;
template <class... C>
constexpr std::array<std::size_t, sizeof...(C)> places(key_columns<C...>) {
  return {place_in_table<C>()...};
}
template <class A, class B>
constexpr void check_types() {
  constexpr bool same = std::is_same_v<typename A::value, typename B::value>;
  SLUICE_CHECK(same, name_of<B>, "a relation's columns have the same types on both sides");
}
template <class Reads, class Tag>
constexpr void check_own() {
  constexpr bool own = all_present<Reads, tables<Tag>>;
  SLUICE_CHECK(own, (absent<Reads, tables<Tag>>), "where() and order_by(): a column of another table");
}
// The column of a relation that belongs to another table.
template <class More, class Tag>
constexpr void check_relation() {
  constexpr bool own = std::is_same_v<typename More::local::table, Tag>;
  SLUICE_CHECK(own, name_of<typename More::key>, "with(): this relation belongs to another table");
}
template <class... A, class... B>
constexpr void check_keys(key_columns<A...>, key_columns<B...>) {
  SLUICE_CHECK(sizeof...(A) == sizeof...(B), name_of<tables<A...>>, "a relation has as many columns on both sides");
  if constexpr (sizeof...(A) == sizeof...(B)) (check_types<A, B>(), ...);
}
}  // namespace detail

/// A row with its relations: row[sessions.tutor_id], or get<0>(). Its own values are its members.
template <class Row, class... Relations>
struct related_row : Row {
  std::tuple<typename Relations::value...> sluice_related;

  /// What the relation over that column brought: a std::vector for many(), a row for one().
  template <class Table, auto Spec>
  auto& operator[](column<Table, Spec>) {
    return std::get<place<column<Table, Spec>>()>(sluice_related);
  }
  template <class Table, auto Spec>
  const auto& operator[](column<Table, Spec>) const {
    return std::get<place<column<Table, Spec>>()>(sluice_related);
  }
  /// The same of a relation over several columns: row[key(t.a, t.b)].
  template <class... C>
  auto& operator[](key_columns<C...>) {
    return std::get<place<key_columns<C...>>()>(sluice_related);
  }
  template <class... C>
  const auto& operator[](key_columns<C...>) const {
    return std::get<place<key_columns<C...>>()>(sluice_related);
  }
  /// What the N-th relation brought.
  template <std::size_t N>
  auto& get() {
    return std::get<N>(sluice_related);
  }
  template <std::size_t N>
  const auto& get() const {
    return std::get<N>(sluice_related);
  }

 private:
  template <class C>
  static constexpr std::size_t place() {
    std::size_t i = 0, found = sizeof...(Relations);
    ((std::is_same_v<typename Relations::key, C> && found == sizeof...(Relations) ? found = i++ : i++), ...);
    if (found == sizeof...(Relations)) return not_loaded<C>();
    return found;
  }
  template <class C>
  static constexpr std::size_t not_loaded() {
    constexpr bool loaded = (std::is_same_v<typename Relations::key, C> || ...);
    SLUICE_CHECK(loaded, detail::name_of<C>, "this relation was not asked for: with(…)");
    return 0;
  }
};

/// One relation of a query; made by many() and one().
template <bool Many, class Key, class Local, class Remote, class... Nested>
class relation {
 public:
  using key = Key;
  using local = Local;
  using tag = typename Remote::table;
  using I = info<typename detail::table_of_tag<tag>::type>;
  using row = std::conditional_t<sizeof...(Nested) == 0, typename I::row, related_row<typename I::row, Nested...>>;
  using value =
      std::conditional_t<Many, std::vector<row>, std::conditional_t<Local::is_not_null, row, std::optional<row>>>;

  relation() = default;
  relation(fragment condition, fragment order, std::int64_t limit, std::tuple<Nested...> nested)
      : condition_(std::move(condition)), order_(std::move(order)), limit_(limit), nested_(std::move(nested)) {}

  /// Relations of these rows.
  template <class... More>
  auto with(More... more) && {
    (detail::check_relation<More, tag>(), ...);
    return relation<Many, Key, Local, Remote, Nested..., More...>(
        std::move(condition_), std::move(order_), limit_,
        std::tuple_cat(std::move(nested_), std::tuple<More...>(std::move(more)...)));
  }
  /// Only rows that meet the condition.
  template <class... T>
  relation where(const condition<T...>& c) && {
    static_assert(Many, "where() is for many(): what a foreign key refers to is there");
    detail::check_own<tables<T...>, tag>();
    detail::append_and(condition_, c);
    return std::move(*this);
  }
  template <class... O>
  relation order_by(const O&... o) && {
    auto one = [&](const auto& item) {
      detail::check_own<typename std::decay_t<decltype(item)>::reads, tag>();
      fragment f;
      if constexpr (expression<std::decay_t<decltype(item)>>)
        item.append_to(f);
      else
        detail::append_ordering(f, item, item.ascending, item.nulls);
      detail::append_to_list(order_, f);
    };
    (one(o), ...);
    return std::move(*this);
  }
  /// So many for each row that they belong to.
  relation limit(std::int64_t n) && {
    limit_ = n;
    return std::move(*this);
  }

  // Loads them for the rows of a result, which are already in `parents`.
  template <std::size_t N, class Parents>
  void attach(Database& database, const result& from, Parents& parents) const {
    static constexpr auto parent_columns = detail::places(Local{}), child_columns = detail::places(Remote{});
    std::vector<detail::key_values> keys = detail::distinct_keys(from, parent_columns);
    std::vector<bool> found(parents.size());
    if (!keys.empty()) {
      result r = database.run(
          detail::relation_query(I::schema, I::name, I::all, child_columns, keys, condition_, order_, limit_));
      std::vector<row> children(r.rows());
      for (std::size_t i = 0; i < children.size(); i++)
        r.read(i, 0, I::pointers(children[i]), detail::decoders<I>.data());
      attach_nested(database, r, children, std::index_sequence_for<Nested...>{});
      auto owners = detail::parents_of_children(from, parent_columns, r, child_columns);
      for (std::size_t i = 0; i < children.size(); i++)
        for (std::size_t p : owners[i]) {
          auto& place = parents[p].template get<N>();
          found[p] = true;
          if constexpr (Many)
            place.push_back(children[i]);
          else
            place = children[i];
        }
    }
    if constexpr (!Many && Local::is_not_null)
      for (std::size_t p = 0; p < parents.size(); p++)
        if (!found[p]) detail::missing_row(I::name);
  }

 private:
  template <std::size_t... N>
  void attach_nested(Database& database, const result& r, std::vector<row>& rows, std::index_sequence<N...>) const {
    (std::get<N>(nested_).template attach<N>(database, r, rows), ...);
    (void)database, (void)r, (void)rows;
  }
  fragment condition_, order_;
  std::int64_t limit_ = -1;
  std::tuple<Nested...> nested_;
};

/// The rows that refer to this one by that column.
template <class Table, auto Spec>
auto many(column<Table, Spec>) {
  using C = column<Table, Spec>;
  SLUICE_CHECK(detail::has_typed_reference<C>, Spec.name,
               "many(): this column has no references(table.column); give the other side: many(column, table.column)");
  return relation<true, C, key_columns<detail::referred_by<C>>, key_columns<C>>();
}
/// The same with the column that it refers to, where that was declared by name.
template <class Table, auto Spec, class Target, auto TargetSpec>
auto many(column<Table, Spec>, column<Target, TargetSpec>) {
  using C = column<Table, Spec>;
  return relation<true, C, key_columns<column<Target, TargetSpec>>, key_columns<C>>();
}
/// The same over several columns: many(key(grades.student_id, grades.course_id), key(t.student_id, t.course_id)).
template <class... C, class... Target>
auto many(key_columns<C...> refers, key_columns<Target...> target) {
  detail::check_keys(refers, target);
  return relation<true, key_columns<C...>, key_columns<Target...>, key_columns<C...>>();
}
/// The row that this one refers to by that column.
template <class Table, auto Spec>
auto one(column<Table, Spec>) {
  using C = column<Table, Spec>;
  SLUICE_CHECK(detail::has_typed_reference<C>, Spec.name,
               "one(): this column has no references(table.column); give the other side: one(column, table.column)");
  return relation<false, C, key_columns<C>, key_columns<detail::referred_by<C>>>();
}
template <class Table, auto Spec, class Target, auto TargetSpec>
auto one(column<Table, Spec>, column<Target, TargetSpec>) {
  using C = column<Table, Spec>;
  return relation<false, C, key_columns<C>, key_columns<column<Target, TargetSpec>>>();
}
/// The same over several columns.
template <class... C, class... Target>
auto one(key_columns<C...> refers, key_columns<Target...> target) {
  detail::check_keys(refers, target);
  return relation<false, key_columns<C...>, key_columns<C...>, key_columns<Target...>>();
}

/// Rows of a table with their relations; made by db.query(table).
template <class Root, class... Relations>
class [[nodiscard]] relational_query {
 public:
  using I = info<Root>;
  using row =
      std::conditional_t<sizeof...(Relations) == 0, typename I::row, related_row<typename I::row, Relations...>>;

  relational_query(Database* database, detail::select_parts parts, std::tuple<Relations...> relations)
      : database_(database), parts_(std::move(parts)), relations_(std::move(relations)) {}

  /// What is to be brought along: many(…), one(…).
  template <class... More>
  auto with(More... more) && {
    (detail::check_relation<More, typename I::tag>(), ...);
    return relational_query<Root, Relations..., More...>(
        database_, std::move(parts_), std::tuple_cat(std::move(relations_), std::tuple<More...>(std::move(more)...)));
  }
  template <class... T>
  relational_query where(const condition<T...>& c) && {
    detail::check_own<tables<T...>, typename I::tag>();
    detail::append_and(parts_.where, c);
    return std::move(*this);
  }
  template <class... O>
  relational_query order_by(const O&... o) && {
    auto one = [&](const auto& item) {
      detail::check_own<typename std::decay_t<decltype(item)>::reads, typename I::tag>();
      fragment f;
      if constexpr (expression<std::decay_t<decltype(item)>>)
        item.append_to(f);
      else
        detail::append_ordering(f, item, item.ascending, item.nulls);
      detail::append_to_list(parts_.order_by, f);
    };
    (one(o), ...);
    return std::move(*this);
  }
  relational_query limit(std::int64_t n) && {
    parts_.limit.add(" LIMIT ").add_parameter({std::to_string(n)});
    return std::move(*this);
  }
  relational_query offset(std::int64_t n) && {
    parts_.limit.add(" OFFSET ").add_parameter({std::to_string(n)});
    return std::move(*this);
  }
  /// Runs it: one statement, and one for each relation.
  std::vector<row> all() const {
    result r = database_->run(detail::whole(parts_));
    std::vector<row> out(r.rows());
    for (std::size_t i = 0; i < out.size(); i++) r.read(i, 0, I::pointers(out[i]), detail::decoders<I>.data());
    attach(r, out, std::index_sequence_for<Relations...>{});
    return out;
  }
  /// The first row, or nothing.
  std::optional<row> first() const {
    relational_query copy = *this;
    if (copy.parts_.limit.sql.empty()) copy.parts_.limit.add(" LIMIT 1");
    auto rows = copy.all();
    return rows.empty() ? std::nullopt : std::optional<row>(std::move(rows.front()));
  }

 private:
  template <std::size_t... N>
  void attach(const result& r, std::vector<row>& rows, std::index_sequence<N...>) const {
    (std::get<N>(relations_).template attach<N>(*database_, r, rows), ...);
    (void)r, (void)rows;
  }
  Database* database_;
  detail::select_parts parts_;
  std::tuple<Relations...> relations_;
};

template <any_table Table>
relational_query<Table> Database::query(Table t) {
  detail::select_parts parts;
  detail::append_item(parts.items, t);
  detail::source<Table>::append(parts.from, t);
  return {this, std::move(parts), {}};
}

}  // namespace sluice::pg
