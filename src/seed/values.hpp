// A plausible value for a column by its type and name. Private to this room.
#pragma once

#include <cstdint>
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
  std::uint64_t next();
  size_t below(size_t count) { return count == 0 ? 0 : next() % count; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};
std::uint64_t mix(std::uint64_t a, std::uint64_t b);
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
  bool unique = false;  // alone in a key
};

struct Place {
  std::uint64_t person = 0;  // the same for all columns of a row: a name and an e-mail address fit together
  size_t row = 0, attempt = 0;
  std::optional<double> after;  // for times and numbers: not less than this
};

struct Made {
  std::string text;
  double number = 0;  // of numbers; seconds since 1970 of times
};

// Nothing if nothing is known about the type.
std::optional<Made> value_for(const Wish& wish, const Place& place, Random& random);
bool is_time(const std::string& type);
bool is_number(const std::string& type);

}  // namespace sluice::seed
