// The types of PostgreSQL: for each its C++ value, its name in SQL, and its text in both directions. A type of your own
// is a struct of the same form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sluice/values.hpp"

namespace sluice::pg {

/// Text in both directions, done in the library. Not for programs.
namespace detail {
std::int64_t parse_integer(std::string_view text);
double parse_double(std::string_view text);
std::string print_double(double value);
std::string print_float(float value);
bool parse_boolean(std::string_view text);
Timestamp parse_timestamp(std::string_view text);
TimestampTz parse_timestamptz(std::string_view text);
Date parse_date(std::string_view text);
Time parse_time(std::string_view text);
Interval parse_interval(std::string_view text);
Point parse_point(std::string_view text);
Line parse_line(std::string_view text);
Bytes parse_bytes(std::string_view text);
std::vector<float> parse_floats(std::string_view text);
std::string print(const Timestamp& value);
std::string print_moment(const TimestampTz& value);
std::string print_date(const Date& value);
std::string print_time(const Time& value);
std::string print(const Interval& value);
std::string print(const Point& value);
std::string print(const Line& value);
std::string print_bytes(const Bytes& value);
std::string print_floats(const std::vector<float>& value);
// Calls visit(context, element) for each element of "{a,\"b\"}"; an element that is a list itself comes with its
// braces.
void each_element(std::string_view list, void* context, void (*visit)(void*, std::string_view));
void append_element(std::string& list, std::string_view element, bool is_list);
[[noreturn]] void unknown_label(std::string_view type, std::string_view label);
}  // namespace detail

/// One struct for each type.
namespace type {

/// Shared by all whose C++ value is a text.
struct AnyText {
  using value = std::string;
  static std::string print(std::string_view v) { return std::string(v); }
  static std::string read(std::string_view s) { return std::string(s); }
};
struct Text : AnyText {
  static constexpr std::string_view sql = "text";
};
struct Varchar : AnyText {
  static constexpr std::string_view sql = "varchar";
};
struct Char : AnyText {
  static constexpr std::string_view sql = "char";
};
struct Bit : AnyText {
  static constexpr std::string_view sql = "bit";
};
struct Inet : AnyText {
  static constexpr std::string_view sql = "inet";
};
struct Cidr : AnyText {
  static constexpr std::string_view sql = "cidr";
};
struct Macaddr : AnyText {
  static constexpr std::string_view sql = "macaddr";
};
struct Macaddr8 : AnyText {
  static constexpr std::string_view sql = "macaddr8";
};
struct TimeTz : AnyText {
  static constexpr std::string_view sql = "time with time zone";
};
struct Geometry : AnyText {
  static constexpr std::string_view sql = "geometry(point)";
};
struct Sparsevec : AnyText {
  static constexpr std::string_view sql = "sparsevec";
};

template <class T>
struct Whole {
  using value = T;
  static std::string print(T v) { return std::to_string(v); }
  static T read(std::string_view s) { return static_cast<T>(detail::parse_integer(s)); }
};
struct Smallint : Whole<std::int16_t> {
  static constexpr std::string_view sql = "smallint";
};
struct Integer : Whole<std::int32_t> {
  static constexpr std::string_view sql = "integer";
};
struct Bigint : Whole<std::int64_t> {
  static constexpr std::string_view sql = "bigint";
};
struct Smallserial : Smallint {
  static constexpr std::string_view sql = "smallserial";
};
struct Serial : Integer {
  static constexpr std::string_view sql = "serial";
};
struct Bigserial : Bigint {
  static constexpr std::string_view sql = "bigserial";
};
struct Real {
  using value = float;
  static constexpr std::string_view sql = "real";
  static std::string print(float v) { return detail::print_float(v); }
  static float read(std::string_view s) { return static_cast<float>(detail::parse_double(s)); }
};
struct Double {
  using value = double;
  static constexpr std::string_view sql = "double precision";
  static std::string print(double v) { return detail::print_double(v); }
  static double read(std::string_view s) { return detail::parse_double(s); }
};
struct Numeric {
  using value = pg::Numeric;
  static constexpr std::string_view sql = "numeric";
  static std::string print(const value& v) { return v.text; }
  static value read(std::string_view s) { return value(s); }
};
struct Boolean {
  using value = bool;
  static constexpr std::string_view sql = "boolean";
  static std::string print(bool v) { return v ? "t" : "f"; }
  static bool read(std::string_view s) { return detail::parse_boolean(s); }
};
struct Uuid {
  using value = pg::Uuid;
  static constexpr std::string_view sql = "uuid";
  static std::string print(const value& v) { return v.str(); }
  static value read(std::string_view s) { return value::parse(s); }
};
struct Timestamp {
  using value = pg::Timestamp;
  static constexpr std::string_view sql = "timestamp";
  static std::string print(const value& v) { return detail::print(v); }
  static value read(std::string_view s) { return detail::parse_timestamp(s); }
};
struct TimestampTz {
  using value = pg::TimestampTz;
  static constexpr std::string_view sql = "timestamp with time zone";
  static std::string print(const value& v) { return detail::print_moment(v); }
  static value read(std::string_view s) { return detail::parse_timestamptz(s); }
};
struct Date {
  using value = pg::Date;
  static constexpr std::string_view sql = "date";
  static std::string print(const value& v) { return detail::print_date(v); }
  static value read(std::string_view s) { return detail::parse_date(s); }
};
struct Time {
  using value = pg::Time;
  static constexpr std::string_view sql = "time";
  static std::string print(const value& v) { return detail::print_time(v); }
  static value read(std::string_view s) { return detail::parse_time(s); }
};
struct Interval {
  using value = pg::Interval;
  static constexpr std::string_view sql = "interval";
  static std::string print(const value& v) { return detail::print(v); }
  static value read(std::string_view s) { return detail::parse_interval(s); }
};
struct Point {
  using value = pg::Point;
  static constexpr std::string_view sql = "point";
  static std::string print(const value& v) { return detail::print(v); }
  static value read(std::string_view s) { return detail::parse_point(s); }
};
struct Line {
  using value = pg::Line;
  static constexpr std::string_view sql = "line";
  static std::string print(const value& v) { return detail::print(v); }
  static value read(std::string_view s) { return detail::parse_line(s); }
};
struct Bytea {
  using value = Bytes;
  static constexpr std::string_view sql = "bytea";
  static std::string print(const value& v) { return detail::print_bytes(v); }
  static value read(std::string_view s) { return detail::parse_bytes(s); }
};
struct Vector {
  using value = std::vector<float>;
  static constexpr std::string_view sql = "vector";
  static std::string print(const value& v) { return detail::print_floats(v); }
  static value read(std::string_view s) { return detail::parse_floats(s); }
};
struct Halfvec : Vector {
  static constexpr std::string_view sql = "halfvec";
};
template <class T>
struct AnyJson {
  using value = T;
  static std::string print(const T& v) {
    if constexpr (std::is_same_v<T, Json>)
      return v.text;
    else
      return json_of<T>::print(v);
  }
  static T read(std::string_view s) {
    if constexpr (std::is_same_v<T, Json>)
      return Json{std::string(s)};
    else
      return json_of<T>::parse(s);
  }
};
template <class T>
struct JsonOf : AnyJson<T> {
  static constexpr std::string_view sql = "json";
};
template <class T>
struct Jsonb : AnyJson<T> {
  static constexpr std::string_view sql = "jsonb";
};

template <class T>
inline constexpr bool is_array = false;
/// A list: text[] or, with a size, text[3]. PostgreSQL does not hold anybody to the size.
template <class Element, int Size = 0>
struct Array {
  using element = Element;
  using value = std::vector<typename Element::value>;
  static constexpr int size = Size;
  static constexpr std::string_view sql = Element::sql;

  static std::string print(const value& v) {
    std::string out = "{";
    for (const auto& item : v) detail::append_element(out, Element::print(item), is_array<Element>);
    return out + "}";
  }
  static value read(std::string_view s) {
    value out;
    detail::each_element(
        s, &out, [](void* to, std::string_view text) { static_cast<value*>(to)->push_back(Element::read(text)); });
    return out;
  }
};
template <class Element, int Size>
inline constexpr bool is_array<Array<Element, Size>> = true;

/// The type that a C++ value has in raw SQL.
template <class T>
struct natural;
// clang-format off
template <> struct natural<bool> { using type = Boolean; };
template <> struct natural<std::int16_t> { using type = Smallint; };
template <> struct natural<std::int32_t> { using type = Integer; };
template <> struct natural<std::int64_t> { using type = Bigint; };
template <> struct natural<long long> { using type = Bigint; };
template <> struct natural<float> { using type = Real; };
template <> struct natural<double> { using type = Double; };
template <> struct natural<std::string> { using type = Text; };
template <> struct natural<std::string_view> { using type = Text; };
template <> struct natural<const char*> { using type = Text; };
template <> struct natural<char*> { using type = Text; };
template <> struct natural<pg::Uuid> { using type = Uuid; };
template <> struct natural<pg::Numeric> { using type = Numeric; };
template <> struct natural<pg::Json> { using type = Jsonb<pg::Json>; };
template <> struct natural<pg::Interval> { using type = Interval; };
template <> struct natural<pg::Point> { using type = Point; };
template <> struct natural<pg::Line> { using type = Line; };
template <> struct natural<pg::Timestamp> { using type = Timestamp; };
template <> struct natural<pg::TimestampTz> { using type = TimestampTz; };
template <> struct natural<pg::Date> { using type = Date; };
template <> struct natural<pg::Time> { using type = Time; };
template <> struct natural<Bytes> { using type = Bytea; };
template <class T> struct natural<std::vector<T>> { using type = Array<typename natural<T>::type>; };
// clang-format on

}  // namespace type

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

namespace detail {
template <class T>
inline constexpr bool is_moment = false;
template <class Duration>
inline constexpr bool is_moment<std::chrono::sys_time<Duration>> = true;
template <class T>
inline constexpr bool is_local = false;
template <class Duration>
inline constexpr bool is_local<std::chrono::local_time<Duration>> = true;
template <class T>
inline constexpr bool is_whole = std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>;
}  // namespace detail

/// May a value of type V be stored in a column whose value is a T? The same, and what loses nothing; never a number as
/// text or as a truth value.
template <class V, class T>
inline constexpr bool storable =
    std::is_same_v<V, T> || (std::is_same_v<T, std::string> && std::is_convertible_v<V, std::string_view>) ||
    (detail::is_whole<T> && detail::is_whole<V>) ||
    (std::is_floating_point_v<T> && (detail::is_whole<V> || std::is_floating_point_v<V>)) ||
    (detail::is_moment<T> && detail::is_moment<V>) || (detail::is_local<T> && detail::is_local<V>) ||
    (std::is_same_v<T, Numeric> && detail::is_whole<V>) ||
    (std::is_class_v<T> && !std::is_same_v<T, std::string> && !std::is_arithmetic_v<V> && std::is_convertible_v<V, T>);

/// The text of a value, for a parameter of that type.
template <class Type, class V>
std::string text_of(const V& v) {
  using T = typename Type::value;
  if constexpr (std::is_same_v<V, T>)
    return Type::print(v);
  else if constexpr (std::is_same_v<T, std::string>)
    return Type::print(std::string_view(v));
  else if constexpr (detail::is_whole<V> && (detail::is_whole<T> || std::is_same_v<T, Numeric>))
    return std::to_string(v);  // one that is too large is refused by the server
  else if constexpr (detail::is_moment<T> || detail::is_local<T>)
    return Type::print(std::chrono::floor<std::chrono::microseconds>(v));
  else
    return Type::print(static_cast<T>(v));
}

}  // namespace sluice::pg
