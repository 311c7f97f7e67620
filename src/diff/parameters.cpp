#include "diff/parameters.hpp"

#include <cctype>

namespace sluice::diff {

namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// The end of "$1" at `at`; `at` itself if there is none.
size_t end_of_parameter(std::string_view text, size_t at) {
  if (at + 1 >= text.size() || text[at] != '$' || !is_digit(text[at + 1])) return at;
  for (at++; at < text.size() && is_digit(text[at]);) at++;
  return at;
}

// The end of a text, a number or a word at `at`; `at` itself if there is none.
size_t end_of_value(std::string_view text, size_t at) {
  const size_t start = at;
  if (at < text.size() && text[at] == '\'') {
    for (at++; at < text.size(); at++) {
      if (text[at] != '\'') continue;
      if (at + 1 >= text.size() || text[at + 1] != '\'') return at + 1;
      at++;
    }
    return start;
  }
  if (at < text.size() && text[at] == '-') at++;
  while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '.')) at++;
  return at;
}

}  // namespace

bool same_but_for_parameters(std::string_view a, std::string_view b) {
  char quote = '\0';  // in a name or a text, where $1 is no parameter
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (quote == '\0') {
      const size_t a_end = end_of_parameter(a, i), b_end = end_of_parameter(b, j);
      const size_t a_value = end_of_value(a, i), b_value = end_of_value(b, j);
      if ((a_end > i) != (b_end > j)) {
        if (a_end > i ? b_value == j : a_value == i) return false;
        i = a_end > i ? a_end : a_value;
        j = b_end > j ? b_end : b_value;
        continue;
      }
    }
    if (a[i] != b[j]) return false;
    if (quote == '\0' && (a[i] == '"' || a[i] == '\''))
      quote = a[i];
    else if (quote != '\0' && a[i] == quote)
      quote = '\0';
    i++, j++;
  }
  return i == a.size() && j == b.size();
}

}  // namespace sluice::diff
