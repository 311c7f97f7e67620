// A table is one struct template of col<M, spec> members. The same struct gives three types, by its mode M:
//   columns_of<…>   every member is a column, for queries, keys and indexes            sessions.token
//   row             every member is the value that a SELECT brings back                session.token
//   new_row         every member is what an INSERT takes; one that it cannot do without must be given
#pragma once

#include <array>
#include <tuple>

#include "sluice/constraints.hpp"
#include "sluice/detail/members.hpp"

namespace sluice::pg {

/// A member of a table: col<M, uuid("id").primary_key()> id;
template <class Mode, auto Spec>
using col = typename Mode::template member<Spec>;

/// The value that goes into one column: sessions.attempts = 3. Reads are the tables that the value reads.
template <class Column, class Reads = tables<>>
struct assignment {
  fragment value;
};

namespace detail {
void append_column(fragment& to, std::string_view schema, std::string_view table, std::string_view alias,
                   std::string_view column);
// PostgreSQL compares enums, and no domains of enums (42883): in expressions they are the enum.
template <class Type>
concept domain_of_enum = requires {
  Type::domain;
  Type::enumeration;
};
void append_as_enum(fragment& to, const fragment& expression, const enum_info& base);
}  // namespace detail

/// A column of a table.
template <class Table, auto Spec>
struct column {
  using pg_type = typename decltype(Spec)::pg_type;
  using value = typename pg_type::value;
  using table = Table;
  using reads = tables<column>;
  static constexpr bool nullable = !Spec.is_not_null;
  static constexpr auto& spec = Spec;
  static constexpr std::string_view name = Spec.name.view();

  static void append_to(fragment& to) {
    if constexpr (detail::domain_of_enum<pg_type>) {
      fragment own;
      detail::append_column(own, Table::schema, Table::name, Table::alias, Spec.name.view());
      detail::append_as_enum(to, own, pg_type::enumeration);
    } else {
      detail::append_column(to, Table::schema, Table::name, Table::alias, Spec.name.view());
    }
  }
  auto asc() const { return detail::ordered(*this, true, Spec.name.view()); }
  auto desc() const { return detail::ordered(*this, false, Spec.name.view()); }
  auto op(std::string_view opclass) const { return asc().op(opclass); }
  template <fixed_string Name>
  named<column, Name> as() const {
    return {*this};
  }
  SLUICE_EXPRESSION_MEMBERS

  /// For update(...).set(...): a value, std::nullopt, a std::optional, or an expression.
  template <class V>
  auto operator=(const V& v) const {
    SLUICE_CHECK(!decltype(Spec)::is_generated, Spec.name, "SET: this column is generated, so it takes no value");
    using D = std::decay_t<const V&>;
    assignment<column, typename detail::reads_of<D>::type> out;
    if constexpr (std::is_same_v<D, std::nullopt_t>) {
      SLUICE_CHECK(!Spec.is_not_null, Spec.name, "SET: this column is NOT NULL");
      out.value.add_parameter({});
    } else if constexpr (is_optional<D>) {
      SLUICE_CHECK(!Spec.is_not_null, Spec.name, "SET: this column is NOT NULL, and a std::optional may be null");
      SLUICE_CHECK_OPERAND(pg_type, typename D::value_type, Spec.name);
      if (v)
        detail::append_operand<pg_type>(out.value, *v);
      else
        out.value.add_parameter({});
    } else {
      SLUICE_CHECK(!Spec.is_not_null || !detail::may_be_null<D>, Spec.name, "SET: this column is NOT NULL");
      SLUICE_CHECK_OPERAND(pg_type, D, Spec.name);
      detail::append_operand<pg_type>(out.value, v);
    }
    return out;
  }
};
template <class T>
inline constexpr bool is_column = false;
template <class Table, auto Spec>
inline constexpr bool is_column<column<Table, Spec>> = true;

/// The mode in which members are columns; it is also what identifies a table.
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias>
struct columns_of {
  template <auto Spec>
  using member = column<columns_of, Spec>;
  template <class Mode>
  using in_mode = Def<Mode>;
  static constexpr std::string_view schema = Schema.view(), name = Name.view(), alias = Alias.view();
};

/// The mode in which members are values.
struct row {
  template <auto Spec>
  using member = std::conditional_t<Spec.is_not_null, typename decltype(Spec)::value,
                                    std::optional<typename decltype(Spec)::value>>;
};

/// What one field of an INSERT is: not given (DEFAULT), or a parameter or expression.
struct insert_field {
  bool given = false;
  fragment value{};
};

/// A field that must be given: NOT NULL and no default.
template <auto Column, class Type>
struct required : insert_field {
  template <class Missing = void>
  required() {
    SLUICE_CHECK(!std::is_void_v<Missing>, Column,
                 "INSERT: this column is NOT NULL and has no default, so it must be given a value");
  }
  template <class V>
  required(const V& v) {
    using D = std::decay_t<const V&>;
    constexpr bool special = expression<D> || is_placeholder<D>;
    constexpr bool fits = special || storable<D, typename Type::value>;
    SLUICE_CHECK(fits, Column, "INSERT: this value's type does not fit the column (a NOT NULL column takes no null)");
    given = true;
    if constexpr (special) SLUICE_CHECK_OPERAND(Type, D, Column);
    detail::append_operand<Type>(value, v);
  }
};

/// A field that may be left out: nullable, or with a default.
template <auto Column, bool Nullable, class Type>
struct defaulted : insert_field {
  defaulted() = default;
  template <class V>
  defaulted(const V& v) {
    using D = std::decay_t<const V&>;
    given = true;
    if constexpr (std::is_same_v<D, std::nullopt_t>) {
      SLUICE_CHECK(Nullable, Column, "INSERT: this column is NOT NULL");
      value.add_parameter({});
    } else if constexpr (is_optional<D>) {
      SLUICE_CHECK(Nullable, Column, "INSERT: this column is NOT NULL, and a std::optional may be null");
      SLUICE_CHECK_OPERAND(Type, typename D::value_type, Column);
      if (v)
        detail::append_operand<Type>(value, *v);
      else
        value.add_parameter({});
    } else {
      constexpr bool special = expression<D> || is_placeholder<D>;
      constexpr bool fits = special || storable<D, typename Type::value>;
      SLUICE_CHECK(fits, Column, "INSERT: this value's type does not fit the column's type");
      if constexpr (special) SLUICE_CHECK_OPERAND(Type, D, Column);
      detail::append_operand<Type>(value, v);
    }
  }
};

/// A field that takes no value: generated, or an identity that is always made.
template <auto Column>
struct computed : insert_field {
  computed() = default;
  template <class V>
  computed(const V&) {
    SLUICE_CHECK(std::is_void_v<V>, Column, "INSERT: this column is generated, so it takes no value");
  }
};

namespace detail {
template <auto Spec>
constexpr bool always_computed() {
  if constexpr (decltype(Spec)::is_generated)
    return true;
  else if constexpr (decltype(Spec)::is_identity)
    return Spec.special_.always;
  else
    return false;
}
}  // namespace detail

/// The mode in which members are what INSERT takes.
struct new_row {
  template <auto Spec>
  using member =
      std::conditional_t<detail::always_computed<Spec>(), computed<Spec.name>,
                         std::conditional_t<Spec.is_not_null && !decltype(Spec)::has_default,
                                            required<Spec.name, typename decltype(Spec)::pg_type>,
                                            defaulted<Spec.name, !Spec.is_not_null, typename decltype(Spec)::pg_type>>>;
};

// ---- A column as plain constant data: templates make this, ordinary code does the rest. -----------------------------

/// How a cell of a result gets into a C++ member; `text` is null for NULL. False if there is no place for a NULL.
using decode = bool (*)(void* member, const char* text, std::size_t length);
namespace detail {
template <class Type>
bool decode_value(void* member, const char* text, std::size_t length) {
  if (text == nullptr) return false;
  *static_cast<typename Type::value*>(member) = Type::read({text, length});
  return true;
}
template <class Type>
bool decode_optional(void* member, const char* text, std::size_t length) {
  auto& out = *static_cast<std::optional<typename Type::value>*>(member);
  if (text == nullptr)
    out.reset();
  else
    out = Type::read({text, length});
  return true;
}
}  // namespace detail

struct domain_info;
/// What is known of a column.
struct column_info {
  enum class Default : unsigned char { none, expression, quoted, number, truth };
  std::string_view name, sql_type;
  const enum_info* enumeration = nullptr;
  const domain_info* domain = nullptr;
  int length = -1, scale = -1, dimensions = 0;
  int sizes[4] = {};
  bool is_interval = false, is_json = false;
  bool not_null = false, primary_key = false, unique = false;
  Default default_kind = Default::none;
  std::string_view default_text{};
  long long default_number = 0;
  std::string_view ref_schema{}, ref_table{}, ref_column{};
  on_delete deleted{};
  on_update updated{};
  std::string_view generated{};
  bool identity = false, identity_always = false;
  sequence_options sequence{};
  std::string_view sequence_name{};
  decode read = nullptr;
};

namespace detail {
template <class Type>
constexpr void put_type(column_info& i) {
  if constexpr (type::is_array<Type>) {
    put_type<typename Type::element>(i);
    i.sizes[i.dimensions++] = Type::size;
  } else {
    i.sql_type = Type::sql;
    i.is_interval = std::is_same_v<Type, type::Interval>;
    i.is_json = Type::sql == "json" || Type::sql == "jsonb";
    if constexpr (requires { Type::domain; })
      i.domain = &Type::domain;  // which may be one of an enum
    else if constexpr (requires { Type::enumeration; })
      i.enumeration = &Type::enumeration;
  }
}
template <class C>
constexpr column_info info_of() {
  constexpr auto& s = C::spec;
  using Spec = std::remove_cvref_t<decltype(s)>;
  using Type = typename C::pg_type;
  column_info i{.name = s.name.view(), .sql_type = {}, .length = s.length, .scale = s.scale};
  put_type<Type>(i);
  i.not_null = s.is_not_null;
  i.primary_key = s.is_primary_key;
  i.unique = s.is_unique;
  i.read = s.is_not_null ? decode_value<Type> : decode_optional<Type>;
  if constexpr (requires { s.default_.sql; }) {
    i.default_kind = column_info::Default::expression;
    i.default_text = s.default_.sql.view();
  } else if constexpr (requires { s.default_.text; }) {
    i.default_kind = column_info::Default::quoted;
    i.default_text = s.default_.text.view();
  } else if constexpr (requires { s.default_.value; }) {
    using V = std::remove_cvref_t<decltype(s.default_.value)>;
    if constexpr (std::is_enum_v<V>) {
      i.default_kind = column_info::Default::quoted;
      i.default_text = Type::labels[static_cast<std::size_t>(s.default_.value)];
    } else {
      i.default_kind = std::is_same_v<V, bool> ? column_info::Default::truth : column_info::Default::number;
      i.default_number = static_cast<long long>(s.default_.value);
    }
  }
  if constexpr (Spec::has_reference) {
    i.deleted = s.reference_.deleted;
    i.updated = s.reference_.updated;
    if constexpr (requires { s.reference_.table; }) {
      i.ref_schema = C::table::schema;
      i.ref_table = s.reference_.table.view();
      i.ref_column = s.reference_.column.view();
    } else {
      []<class To>(column_info& out, const reference_to<To>&) {
        out.ref_schema = To::table::schema;
        out.ref_table = To::table::name;
        out.ref_column = To::name;
      }(i, s.reference_);
    }
  }
  if constexpr (Spec::is_generated) i.generated = s.special_.expression.view();
  if constexpr (Spec::is_identity) {
    i.identity = true;
    i.identity_always = s.special_.always;
    i.sequence = s.special_.options;
    i.sequence_name = s.special_.name.view();
  }
  return i;
}
}  // namespace detail

// ---- The table. It has no names of its own, so that a column may be called anything; what is known of it is in info
// --

/// A table, view or alias of one; made by pg_table, pg_schema, pg_view, alias.
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias, class Extras>
struct table : Def<columns_of<Def, Schema, Name, Alias>> {};

namespace detail {
struct no_extras {
  template <class T>
  extras operator()(T) const {
    return {};
  }
};
template <fixed_string Sql, bool Materialized>
struct view_of {};
}  // namespace detail

/// pg_table<Sessions, "sessions">, and a function from the columns to what stands beside them:
/// pg_table<Sessions, "sessions">([](auto t) { return list(index("…").on(t.tutor_id)); }).
template <template <class> class Def, fixed_string Name, class Extras = detail::no_extras>
consteval auto pg_table(Extras = {}) {
  return table<Def, "public", Name, "", Extras>{};
}
/// A view: pg_view<ActiveTutors, "active_tutors", "select …">.
template <template <class> class Def, fixed_string Name, fixed_string Sql>
consteval auto pg_view() {
  return table<Def, "public", Name, "", detail::view_of<Sql, false>>{};
}
/// A materialized view.
template <template <class> class Def, fixed_string Name, fixed_string Sql>
consteval auto pg_materialized_view() {
  return table<Def, "public", Name, "", detail::view_of<Sql, true>>{};
}
/// The same table under another name: for a table that stands twice in one query.
template <fixed_string Alias, template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Old,
          class Extras>
consteval auto alias(table<Def, Schema, Name, Old, Extras>) {
  return table<Def, Schema, Name, Alias, detail::no_extras>{};
}

/// A schema of PostgreSQL other than public: inline constexpr pg_schema<"app"> app;
template <fixed_string Schema>
struct pg_schema {
  template <template <class> class Def, fixed_string Name, class Extras = detail::no_extras>
  static consteval auto table(Extras = {}) {
    return pg::table<Def, Schema, Name, "", Extras>{};
  }
  template <template <class> class Def, fixed_string Name, fixed_string Sql>
  static consteval auto view() {
    return pg::table<Def, Schema, Name, "", detail::view_of<Sql, false>>{};
  }
  template <template <class> class Def, fixed_string Name, fixed_string Sql>
  static consteval auto materialized_view() {
    return pg::table<Def, Schema, Name, "", detail::view_of<Sql, true>>{};
  }
  template <class E, fixed_string Name, fixed_string... Labels>
  static consteval auto enumeration() {
    return column_function<enum_type<E, Schema, Name, Labels...>>{};
  }
};

/// What is known of a table.
template <class T>
struct info;
template <template <class> class Def, fixed_string Schema, fixed_string Name, fixed_string Alias, class Extras>
struct info<table<Def, Schema, Name, Alias, Extras>> {
  using tag = columns_of<Def, Schema, Name, Alias>;
  using columns = Def<tag>;
  using row = Def<pg::row>;
  using new_row = Def<pg::new_row>;
  using extras_maker = Extras;
  static constexpr std::string_view schema = Schema.view(), name = Name.view(), alias = Alias.view();
  static constexpr std::size_t count = sizeof(columns);  // a column is an empty class: one byte each
  static constexpr columns members{};
  static constexpr auto all = detail::members<count>::visit(members, [](auto... c) {
    static_assert((is_column<decltype(c)> && ...), "every member of a table is a col<M, ...>");
    return std::array<column_info, count>{detail::info_of<decltype(c)>()...};
  });

  static std::array<void*, count> pointers(row& r) {
    return detail::members<count>::visit(r, [](auto&... m) { return std::array<void*, count>{&m...}; });
  }
  static std::array<const insert_field*, count> fields(const new_row& r) {
    return detail::members<count>::visit(r, [](auto&... m) { return std::array<const insert_field*, count>{&m...}; });
  }
};
template <class T>
concept any_table = requires {
  typename info<T>::tag;
};

}  // namespace sluice::pg
