#include "model/schema.hpp"

namespace sluice::model {

std::string display(const Key& key) {
  std::string out;
  if (!key.schema.empty() && key.schema != "public") out += key.schema + ".";
  if (!key.table.empty()) out += key.table + ".";
  return out + key.name;
}

bool same_type(std::string_view a, std::string_view b) {
  if (a == b) return true;
  // Spaces mean nothing beside a bracket or a comma; elsewhere they separate words.
  auto significant = [](std::string_view s, size_t i) {
    if (s[i] != ' ') return true;
    auto is_mark = [](char c) { return c == '(' || c == ')' || c == ','; };
    return !(i + 1 < s.size() && is_mark(s[i + 1])) && !(i > 0 && (s[i - 1] == '(' || s[i - 1] == ','));
  };
  size_t i = 0, j = 0;
  for (;;) {
    while (i < a.size() && !significant(a, i)) i++;
    while (j < b.size() && !significant(b, j)) j++;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

}  // namespace sluice::model
