#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace sluice::text {

std::vector<std::string> split(std::string_view s, std::string_view separator) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t at; (at = s.find(separator, from)) != std::string_view::npos; from = at + separator.size())
    parts.emplace_back(s.substr(from, at - from));
  parts.emplace_back(s.substr(from));
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); i++) {
    if (i) out += separator;
    out += parts[i];
  }
  return out;
}

std::string_view trim(std::string_view s) {
  const char* white = " \t\r\n";
  size_t from = s.find_first_not_of(white);
  if (from == std::string_view::npos) return {};
  return s.substr(from, s.find_last_not_of(white) - from + 1);
}

std::string to_lower(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string replace_all(std::string s, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = s.find(from, at)) != std::string::npos; at += to.size()) s.replace(at, from.size(), to);
  return s;
}

int line_of(std::string_view s, size_t offset) {
  return 1 + static_cast<int>(std::count(s.begin(), s.begin() + std::min(offset, s.size()), '\n'));
}

std::string_view line_at(std::string_view s, int line) {
  size_t from = 0;
  for (int i = 1; i < line; i++) {
    from = s.find('\n', from);
    if (from == std::string_view::npos) return {};
    from++;
  }
  std::string_view found = s.substr(from, s.find('\n', from) - from);
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); j++) {
      size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string duration(double milliseconds) {
  if (milliseconds < 1000) return fmt::format("{:.0f} ms", milliseconds);
  if (milliseconds < 60'000) return fmt::format("{:.1f} s", milliseconds / 1000);
  auto seconds = static_cast<long>(milliseconds / 1000);
  return fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

std::string counted(size_t n, std::string_view noun) {
  return std::to_string(n) + ' ' + std::string(noun) + (n == 1 ? "" : "s");
}

}  // namespace sluice::text
