#include "history/leftover.hpp"

#include <algorithm>

namespace sluice::history {

namespace {

// "0003" of "0003_add_duration.sql", without the zeros before it; nothing if it has no number.
std::string number_in(const std::string& name) {
  std::string digits = name.substr(0, name.find_first_not_of("0123456789"));
  return digits.empty() ? digits : digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
}

}  // namespace

bool is_leftover(const std::string& file, const std::vector<Entry>& entries) {
  if (entries.empty()) return false;
  const std::string own = number_in(file), last = number_in(entries.back().tag);
  if (own.empty() || last.empty()) return false;
  return own.size() != last.size() ? own.size() < last.size() : own < last;
}

}  // namespace sluice::history
