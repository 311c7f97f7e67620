// How a column is declared: uuid("id").default_random().primary_key(). Every call is consteval and gives a new
// structural value, so that a whole chain can stand as the template argument of col<>.
#pragma once

#include <algorithm>

#include "sluice/types.hpp"

namespace sluice::pg {

/// A text that can be a template argument.
template <std::size_t N>
struct fixed_string {
  char text[N]{};
  constexpr fixed_string(const char (&s)[N]) { std::copy_n(s, N, text); }
  constexpr std::string_view view() const { return {text, N - 1}; }
};

enum class on_delete : unsigned char { no_action, restrict_, cascade, set_null, set_default };
enum class on_update : unsigned char { no_action, restrict_, cascade, set_null, set_default };

/// The fields that an interval is cut to.
enum class fields : unsigned char {
  all,
  year,
  month,
  day,
  hour,
  minute,
  second,
  year_to_month,
  day_to_hour,
  day_to_minute,
  day_to_second,
  hour_to_minute,
  hour_to_second,
  minute_to_second
};

// Checks that name a column. What fails is made with the name of the column, and a compiler's first lines show it: g++
// as "subject", clang, for which a text is a list of numbers, letter by letter.
namespace detail {
#ifdef __clang__
template <char... Letters>
struct column_named {};
template <auto Name, std::size_t... I>
column_named<Name.text[I]...> spell(std::index_sequence<I...>);
template <auto Name>
using spelled = decltype(spell<Name>(std::make_index_sequence<Name.view().size()>{}));
#else
template <auto Name>
struct column_named {};
template <auto Name>
using spelled = column_named<Name>;
#endif
template <class Column>
inline constexpr bool is_right = false;
template <auto A, auto B>
inline constexpr auto dotted = [] {
  char text[A.view().size() + B.view().size() + 2]{};
  char* at = std::copy(A.view().begin(), A.view().end(), text);
  *at++ = '.';
  std::copy(B.view().begin(), B.view().end(), at);
  return fixed_string(text);
}();
}  // namespace detail
// In a function template; nothing is instantiated unless it fails.
#define SLUICE_CHECK(ok, Name, message)                                  \
  if constexpr (!(ok))                                                   \
  []<class ColumnNamed>(ColumnNamed) {                                   \
    static_assert(::sluice::pg::detail::is_right<ColumnNamed>, message); \
  }(::sluice::pg::detail::spelled<Name>{})

/// An option of a sequence that is not said.
inline constexpr long long unsaid = -9'223'372'036'854'775'807LL - 1;

/// Options of an identity column's sequence, and of sequences.
struct sequence_options {
  long long start_with = unsaid, increment = unsaid, min_value = unsaid, max_value = unsaid, cache = unsaid;
  bool cycle = false;
};

namespace detail {
struct nothing {};
template <std::size_t N>
struct sql_default {
  fixed_string<N> sql;
};
template <std::size_t N>
struct text_default {
  fixed_string<N> text;
};
template <class T>
struct value_default {
  T value;
};
template <class Column>
struct reference_to {
  on_delete deleted;
  on_update updated;
};
template <std::size_t T, std::size_t C>
struct reference_named {
  fixed_string<T> table;
  fixed_string<C> column;
  on_delete deleted;
  on_update updated;
};
template <std::size_t N>
struct generated {
  fixed_string<N> expression;
};
template <std::size_t N>
struct identity {
  bool always;
  sequence_options options;
  fixed_string<N> name;
};
template <class Type>
inline constexpr bool is_serial = std::is_same_v<Type, type::Smallserial> || std::is_same_v<Type, type::Serial> ||
                                  std::is_same_v<Type, type::Bigserial>;
template <class Type>
inline constexpr bool is_time =
    std::is_same_v<Type, type::Timestamp> || std::is_same_v<Type, type::TimestampTz> ||
    std::is_same_v<Type, type::Date> || std::is_same_v<Type, type::Time> || std::is_same_v<Type, type::TimeTz>;
}  // namespace detail

/// A declared column: what the chain that begins with uuid("id") is made of.
template <class Type, std::size_t N, class Default = detail::nothing, class Reference = detail::nothing,
          class Special = detail::nothing>
struct column_spec {
  using pg_type = Type;
  using value = typename Type::value;
  static constexpr bool is_generated = requires(Special s) { s.expression; };
  static constexpr bool is_identity = requires(Special s) { s.always; };
  static constexpr bool has_default =
      !std::is_same_v<Default, detail::nothing> || is_generated || is_identity || detail::is_serial<Type>;
  static constexpr bool has_reference = !std::is_same_v<Reference, detail::nothing>;

  fixed_string<N> name;
  Default default_{};
  Reference reference_{};
  Special special_{};
  int length = -1, scale = -1;
  bool is_not_null = detail::is_serial<Type>, is_primary_key = false, is_unique = false;

  /// NOT NULL. Without it the C++ value is a std::optional.
  consteval auto not_null() const {
    auto c = *this;
    c.is_not_null = true;
    return c;
  }
  /// A unique constraint on this column alone, named as drizzle-kit names it.
  consteval auto unique() const {
    auto c = *this;
    c.is_unique = true;
    return c;
  }
  /// The primary key, if it is one column.
  consteval auto primary_key() const {
    auto c = *this;
    c.is_primary_key = c.is_not_null = true;
    return c;
  }
  /// A list of such values: std::vector. With a size (array<3>()) only for the eye: PostgreSQL takes any length.
  template <int Size = 0>
  consteval auto array() const {
    static_assert(std::is_same_v<Default, detail::nothing>, "array() stands before the default");
    return column_spec<type::Array<Type, Size>, N, Default, Reference, Special>{
        name, default_, reference_, special_, length, scale, is_not_null, is_primary_key, is_unique};
  }
  /// json and jsonb: the C++ type that the values have (see json_of).
  template <class T>
  consteval auto of() const {
    if constexpr (std::is_same_v<Type, type::Jsonb<Json>>)
      return retyped<type::Jsonb<T>>();
    else {
      static_assert(std::is_same_v<Type, type::JsonOf<Json>>, "of<T>() is for json and jsonb columns");
      return retyped<type::JsonOf<T>>();
    }
  }

  /// DEFAULT with any expression: default_sql("nextval('x')").
  template <std::size_t M>
  consteval auto default_sql(const char (&sql)[M]) const {
    return with_default(detail::sql_default<M>{sql});
  }
  /// DEFAULT with a text.
  template <std::size_t M>
  consteval auto default_value(const char (&text)[M]) const {
    static_assert(std::is_same_v<value, std::string> || std::is_same_v<value, Numeric> || std::is_same_v<value, Json>,
                  "default_value(): a text default on a column that is not text");
    return with_default(detail::text_default<M>{text});
  }
  /// DEFAULT with a number, a truth value or an enumerator.
  template <class V>
  requires(!std::is_array_v<V>) consteval auto default_value(V v) const {
    static_assert(!std::is_floating_point_v<V>,
                  "default_value(): write a number with a fraction as default_sql(\"1.5\")");
    static_assert(storable<V, value>, "default_value(): this default's type does not fit the column's type");
    if constexpr (detail::is_whole<V>)
      return with_default(detail::value_default<long long>{static_cast<long long>(v)});
    else
      return with_default(detail::value_default<V>{v});
  }
  /// DEFAULT '{}', for lists.
  consteval auto default_empty() const {
    static_assert(type::is_array<Type>, "default_empty() is for array columns");
    return default_sql("'{}'");
  }
  /// DEFAULT gen_random_uuid().
  consteval auto default_random() const {
    static_assert(std::is_same_v<Type, type::Uuid>, "default_random() is for uuid columns");
    return default_sql("gen_random_uuid()");
  }
  /// DEFAULT now().
  consteval auto default_now() const {
    static_assert(detail::is_time<Type>, "default_now() is for timestamp, date and time columns");
    return default_sql("now()");
  }
  /// GENERATED ALWAYS AS (sql) STORED.
  template <std::size_t M>
  consteval auto generated_always_as(const char (&sql)[M]) const {
    return with_special(detail::generated<M>{sql});
  }
  /// GENERATED ALWAYS AS IDENTITY. The name is that of the sequence; drizzle-kit's if it is left out.
  template <std::size_t M = 1>
  consteval auto generated_always_as_identity(sequence_options options = {}, const char (&sequence)[M] = "") const {
    return with_identity(true, options, sequence);
  }
  /// GENERATED BY DEFAULT AS IDENTITY.
  template <std::size_t M = 1>
  consteval auto generated_by_default_as_identity(sequence_options options = {}, const char (&sequence)[M] = "") const {
    return with_identity(false, options, sequence);
  }

  /// A foreign key to a column of a table that is declared above.
  template <class Column>
  requires requires { Column::spec; }
  consteval auto references(Column, on_delete deleted = {}, on_update updated = {}) const {
    static_assert(std::is_same_v<value, typename Column::value>, "references(): the two columns have different types");
    return with_reference(detail::reference_to<Column>{deleted, updated});
  }
  /// A foreign key by names: to this table itself, or to one that is declared below. In the schema of this table.
  template <std::size_t T, std::size_t C>
  consteval auto references(const char (&table)[T], const char (&column)[C], on_delete deleted = {},
                            on_update updated = {}) const {
    return with_reference(detail::reference_named<T, C>{table, column, deleted, updated});
  }

 private:
  template <class T>
  constexpr auto retyped() const {
    return column_spec<T, N, Default, Reference, Special>{name,  default_,    reference_,     special_, length,
                                                          scale, is_not_null, is_primary_key, is_unique};
  }
  template <class D>
  constexpr auto with_default(D d) const {
    static_assert(!has_default, "this column already has a default");
    return column_spec<Type, N, D, Reference, Special>{name,  d,           reference_,     special_, length,
                                                       scale, is_not_null, is_primary_key, is_unique};
  }
  template <class R>
  constexpr auto with_reference(R r) const {
    static_assert(!has_reference, "this column already has a reference");
    return column_spec<Type, N, Default, R, Special>{name,        default_,       r,        special_, length, scale,
                                                     is_not_null, is_primary_key, is_unique};
  }
  template <class S>
  constexpr auto with_special(S s) const {
    static_assert(!has_default, "this column already has a default");
    return column_spec<Type, N, Default, Reference, S>{name,  default_,    reference_,     s,        length,
                                                       scale, is_not_null, is_primary_key, is_unique};
  }
  template <std::size_t M>
  constexpr auto with_identity(bool always, sequence_options options, const char (&sequence)[M]) const {
    static_assert(detail::is_whole<value>, "an identity column is a smallint, integer or bigint");
    auto out = with_special(detail::identity<M>{always, options, sequence});
    out.is_not_null = true;
    return out;
  }
};

/// What makes a column of one type: uuid, text, a custom_type of yours.
template <class Type>
struct column_function {
  template <std::size_t N>
  consteval auto operator()(const char (&name)[N]) const {
    return column_spec<Type, N>{name};
  }
  /// With a length or precision, and a scale: varchar("x", 20), numeric("x", 10, 2), timestamp("x", 3).
  template <std::size_t N>
  consteval auto operator()(const char (&name)[N], int length, int scale = -1) const {
    column_spec<Type, N> c{name};
    c.length = length;
    c.scale = scale;
    return c;
  }
};
inline constexpr column_function<type::Smallint> smallint;
inline constexpr column_function<type::Integer> integer;
inline constexpr column_function<type::Bigint> bigint;
inline constexpr column_function<type::Smallserial> smallserial;
inline constexpr column_function<type::Serial> serial;
inline constexpr column_function<type::Bigserial> bigserial;
inline constexpr column_function<type::Real> real;
inline constexpr column_function<type::Double> double_precision;
inline constexpr column_function<type::Numeric> numeric;
inline constexpr column_function<type::Boolean> boolean;
inline constexpr column_function<type::Text> text;
inline constexpr column_function<type::Varchar> varchar;
inline constexpr column_function<type::Char> char_;
inline constexpr column_function<type::Uuid> uuid;
inline constexpr column_function<type::Timestamp> timestamp;
inline constexpr column_function<type::TimestampTz> timestamptz;
inline constexpr column_function<type::Date> date;
inline constexpr column_function<type::Time> time;
inline constexpr column_function<type::TimeTz> timetz;
inline constexpr column_function<type::JsonOf<Json>> json;
inline constexpr column_function<type::Jsonb<Json>> jsonb;
inline constexpr column_function<type::Bytea> bytea;
inline constexpr column_function<type::Inet> inet;
inline constexpr column_function<type::Cidr> cidr;
inline constexpr column_function<type::Macaddr> macaddr;
inline constexpr column_function<type::Macaddr8> macaddr8;
inline constexpr column_function<type::Point> point;
inline constexpr column_function<type::Line> line;
inline constexpr column_function<type::Geometry> geometry;
inline constexpr column_function<type::Bit> bit;
inline constexpr column_function<type::Vector> vector;
inline constexpr column_function<type::Halfvec> halfvec;
inline constexpr column_function<type::Sparsevec> sparsevec;
/// An interval, cut to some fields if they are given.
template <std::size_t N>
consteval auto interval(const char (&name)[N], fields only = fields::all, int precision = -1) {
  column_spec<type::Interval, N> c{name};
  c.length = precision;
  c.scale = static_cast<int>(only);
  return c;
}
/// A column of a type of your own, or of a domain: a struct with value, sql, print() and read(); see sluice/types.hpp.
template <class Type>
inline constexpr column_function<Type> custom_type;

/// An enum, for the code that has no templates.
struct enum_info {
  std::string_view schema, name;
  const std::string_view* labels;
  std::size_t count;
};

/// An enum of PostgreSQL that is one of C++: labels in the order of the enumerators, which count from 0.
template <class E, fixed_string Schema, fixed_string Name, fixed_string... Labels>
struct enum_type {
  using value = E;
  static constexpr std::string_view sql = Name.view();
  static constexpr std::string_view labels[sizeof...(Labels)] = {Labels.view()...};
  static constexpr enum_info enumeration{Schema.view(), Name.view(), labels, sizeof...(Labels)};

  static std::string print(E v) { return std::string(labels[static_cast<std::size_t>(v)]); }
  static E read(std::string_view s) {
    for (std::size_t i = 0; i < sizeof...(Labels); i++)
      if (labels[i] == s) return static_cast<E>(i);
    detail::unknown_label(sql, s);
  }
};
/// pg_enum<Role, "role", "admin", "member">; columns are then role("role").
template <class E, fixed_string Name, fixed_string... Labels>
inline constexpr column_function<enum_type<E, "public", Name, Labels...>> pg_enum;

}  // namespace sluice::pg
