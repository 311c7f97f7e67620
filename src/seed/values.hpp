// A plausible value for a column by its type and name. Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seed/check.hpp"

namespace sluice::seed {

// Numbers that follow from a seed; the same everywhere (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t state) : state_(state) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  size_t below(size_t count) { return count == 0 ? 0 : next() % count; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return Random(a ^ (b * 0x9E3779B97F4A7C15ULL + 0x7F4A7C15ULL)).next();
}
std::uint64_t hash(std::string_view text);

// A column as far as a value of it is concerned.
struct Wish {
  std::string table, name;  // lower case
  std::string type;         // without modifiers: "varchar", "numeric"
  std::vector<int> modifiers;
  int dimensions = 0;                    // of an array
  std::vector<std::string> enum_values;  // not empty: an enum
  std::string default_text;              // of a literal default; may be empty
  Limits limits;
  bool unique = false;                // alone in a key
  std::optional<double> unique_from;  // numbers of a key, and spans, go on here
  std::vector<std::string> values;    // one of these, whatever the type
  std::vector<double> weights;        // of `values`; empty: all the same
};

struct Place {
  std::uint64_t person = 0;  // the same for all columns of a row: a name and an e-mail address fit together
  size_t row = 0, attempt = 0;
  size_t existing = 0;          // rows that were there before; `row` counts them in
  std::optional<double> after;  // for times and numbers: not less than this
  std::optional<size_t> slot;   // for times and numbers: the start of a span that no other slot has a part of
  bool in_slot = false;         // `after` is such a start: the end of its span
};

// One column of the row that is being made. Used again for the next row, so that its text need not be allocated.
struct Cell {
  std::string text;
  double number = 0;  // of numbers; seconds since 1970 of times
  bool null = true;
};

// Sets text and number; the text is empty before.
using Maker = std::function<void(const Place&, Random&, Cell&)>;

// How the values of a column are made: found out once, used for every row. Empty if nothing is known about the type.
Maker maker_for(const Wish& wish);
bool is_time(const std::string& type);
bool is_number(const std::string& type);
bool is_text(const std::string& type);

// The number in decimal, with zeros in front up to `width`.
void append_number(std::string& out, std::uint64_t number, size_t width = 1);
// The same in hexadecimal.
void append_hex(std::string& out, std::uint64_t number, size_t digits);
// Seconds since 1970 of "2026-01-31", "2026-01-31 10:00:00", as PostgreSQL prints them in UTC.
std::optional<double> seconds_of(const std::string& text);

}  // namespace sluice::seed
