// C++ values for the types of PostgreSQL that the standard library has no type for, and the error that every function
// of this library throws.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::pg {

/// What the server or the connection refused. what() is the whole message; the parts are here.
class Error : public std::runtime_error {
 public:
  /// Makes an error with a message; the other members are set by the library.
  explicit Error(const std::string& message) : std::runtime_error(message) {}

  std::string sqlstate;                 ///< five letters, "23505"; empty if the error is not the server's
  std::string constraint;               ///< the name of the constraint that a row breaks
  std::string schema, table, column;    ///< where the server says it happened
  std::string detail, hint, statement;  ///< the server's detail and hint; the SQL without its parameters
  bool connection_lost = false;         ///< the connection broke: whether the statement took effect is not known

  /// A second row with the same key.
  bool is_unique_violation() const { return sqlstate == "23505"; }
  /// A row that refers to none, or one that others refer to.
  bool is_foreign_key_violation() const { return sqlstate == "23503"; }
  /// A CHECK that a row does not meet.
  bool is_check_violation() const { return sqlstate == "23514"; }
  /// NULL in a column that takes none.
  bool is_not_null_violation() const { return sqlstate == "23502"; }
  /// Trying the transaction again may succeed: serialization failure or deadlock.
  bool is_retryable() const { return sqlstate == "40001" || sqlstate == "40P01"; }
  /// Cancelled: by a timeout, or by Canceller.
  bool is_cancelled() const { return sqlstate == "57014"; }
};

/// 16 bytes.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Reads "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx". Throws Error for anything else.
  static Uuid parse(std::string_view text);
  /// A random one (version 4).
  static Uuid random();
  /// In the usual form, lower case.
  std::string str() const;
  auto operator<=>(const Uuid&) const = default;
};

/// An exact decimal number, as text: "12.50", "NaN".
struct Numeric {
  std::string text = "0";

  Numeric() = default;
  /// From its text; the server checks it.
  explicit Numeric(std::string_view number) : text(number) {}
  /// From a whole number.
  explicit Numeric(long long number) : text(std::to_string(number)) {}
  /// The nearest double.
  double to_double() const;
  bool operator==(const Numeric&) const = default;
};

/// A JSON value as text. For values of your own see json_of.
struct Json {
  std::string text = "null";
  bool operator==(const Json&) const = default;
};

/// Months, days and microseconds are kept apart, as PostgreSQL does.
struct Interval {
  std::int32_t months = 0, days = 0;
  std::chrono::microseconds time{};
  bool operator==(const Interval&) const = default;
};

/// A point of a plane.
struct Point {
  double x = 0, y = 0;
  bool operator==(const Point&) const = default;
};
/// The line ax + by + c = 0.
struct Line {
  double a = 0, b = 0, c = 0;
  bool operator==(const Line&) const = default;
};

using Bytes = std::vector<std::byte>;
using Timestamp = std::chrono::local_time<std::chrono::microseconds>;  ///< without time zone
using TimestampTz = std::chrono::sys_time<std::chrono::microseconds>;  ///< a moment
using Date = std::chrono::year_month_day;
using Time = std::chrono::microseconds;  ///< since midnight

/// How a type of yours is JSON: specialize it with parse(text) and print(value). Types like nlohmann::json, with a
/// static parse() and a dump(), need nothing.
template <class T>
struct json_of {
  static T parse(std::string_view text) { return T::parse(text); }
  static std::string print(const T& value) { return value.dump(); }
};
/// `template <> struct json_of<Mine> : json_through<nlohmann::json, Mine> {};` for a type that such a library converts.
template <class Library, class T>
struct json_through {
  static T parse(std::string_view text) { return Library::parse(text).template get<T>(); }
  static std::string print(const T& value) { return Library(value).dump(); }
};

}  // namespace sluice::pg
