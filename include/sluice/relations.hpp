// Rows with what belongs to them, by their foreign keys: one statement for each relation, however many rows there are.
//
//   for (auto& tutor : db.query(tutors).with(many(sessions.tutor_id).with(one(sessions.room_id))).all())
//     for (auto& session : tutor[sessions.tutor_id])
//       session[sessions.room_id].name;
#pragma once

#include "sluice/query.hpp"

namespace sluice::pg {

namespace detail {
// The keys that stand in a column of a result, each once.
std::vector<std::string> distinct_keys(const result& rows, std::size_t column);
// For each row of `children`, the rows of `parents` with the same key.
std::vector<std::vector<std::size_t>> parents_of_children(const result& parents, std::size_t parent_column,
                                                          const result& children, std::size_t child_column);
fragment relation_query(std::string_view schema, std::string_view table, std::span<const column_info> columns,
                        std::string_view key, const std::vector<std::string>& keys, const fragment& condition,
                        const fragment& order, std::int64_t limit);
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
    static_assert((std::is_same_v<typename Relations::key, C> || ...), "this relation was not asked for: with(…)");
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
      std::conditional_t<Many, std::vector<row>, std::conditional_t<Local::spec.is_not_null, row, std::optional<row>>>;

  relation() = default;
  relation(fragment condition, fragment order, std::int64_t limit, std::tuple<Nested...> nested)
      : condition_(std::move(condition)), order_(std::move(order)), limit_(limit), nested_(std::move(nested)) {}

  /// Relations of these rows.
  template <class... More>
  auto with(More... more) && {
    static_assert((std::is_same_v<typename More::local::table, tag> && ...),
                  "with(): this relation belongs to another table");
    return relation<Many, Key, Local, Remote, Nested..., More...>(
        std::move(condition_), std::move(order_), limit_,
        std::tuple_cat(std::move(nested_), std::tuple<More...>(std::move(more)...)));
  }
  /// Only rows that meet the condition.
  template <class... T>
  relation where(const condition<T...>& c) && {
    static_assert(Many, "where() is for many(): what a foreign key refers to is there");
    constexpr bool own = detail::all_present<tables<T...>, tables<tag>>;
    static_assert(own, "where(): a column of another table");
    detail::append_and(condition_, c);
    return std::move(*this);
  }
  template <class... O>
  relation order_by(const O&... o) && {
    auto one = [&](const auto& item) {
      static_assert(detail::all_present<typename std::decay_t<decltype(item)>::reads, tables<tag>>,
                    "order_by(): a column of another table");
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
    constexpr std::size_t parent_column = detail::place_in_table<Local>(),
                          child_column = detail::place_in_table<Remote>();
    std::vector<std::string> keys = detail::distinct_keys(from, parent_column);
    std::vector<bool> found(parents.size());
    if (!keys.empty()) {
      result r = database.run(
          detail::relation_query(I::schema, I::name, I::all, Remote::name, keys, condition_, order_, limit_));
      std::vector<row> children(r.rows());
      for (std::size_t i = 0; i < children.size(); i++)
        r.read(i, 0, I::pointers(children[i]), detail::decoders<I>.data());
      attach_nested(database, r, children, std::index_sequence_for<Nested...>{});
      auto owners = detail::parents_of_children(from, parent_column, r, child_column);
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
    if constexpr (!Many && Local::spec.is_not_null)
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
  static_assert(detail::has_typed_reference<C>,
                "many(): this column has no references(table.column); give the other side: many(column, table.column)");
  return relation<true, C, detail::referred_by<C>, C>();
}
/// The same with the column that it refers to, where that was declared by name.
template <class Table, auto Spec, class Target, auto TargetSpec>
auto many(column<Table, Spec>, column<Target, TargetSpec>) {
  using C = column<Table, Spec>;
  return relation<true, C, column<Target, TargetSpec>, C>();
}
/// The row that this one refers to by that column.
template <class Table, auto Spec>
auto one(column<Table, Spec>) {
  using C = column<Table, Spec>;
  static_assert(detail::has_typed_reference<C>,
                "one(): this column has no references(table.column); give the other side: one(column, table.column)");
  return relation<false, C, C, detail::referred_by<C>>();
}
template <class Table, auto Spec, class Target, auto TargetSpec>
auto one(column<Table, Spec>, column<Target, TargetSpec>) {
  using C = column<Table, Spec>;
  return relation<false, C, C, column<Target, TargetSpec>>();
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
    static_assert((std::is_same_v<typename More::local::table, typename I::tag> && ...),
                  "with(): this relation belongs to another table");
    return relational_query<Root, Relations..., More...>(
        database_, std::move(parts_), std::tuple_cat(std::move(relations_), std::tuple<More...>(std::move(more)...)));
  }
  template <class... T>
  relational_query where(const condition<T...>& c) && {
    constexpr bool own = detail::all_present<tables<T...>, tables<typename I::tag>>;
    static_assert(own, "where(): a column of another table");
    detail::append_and(parts_.where, c);
    return std::move(*this);
  }
  template <class... O>
  relational_query order_by(const O&... o) && {
    auto one = [&](const auto& item) {
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
