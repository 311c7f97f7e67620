// Globs as drizzle-kit's users write them in `schema: './src/**/*.ts'`.
#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice {

namespace {

// Alternatives in braces are written out first: a{b,c}d -> abd, acd. Nested braces expand from the inside.
std::vector<std::string> expand_braces(const std::string& pattern) {
  size_t close = pattern.find('}');
  size_t open = close == std::string::npos ? close : pattern.rfind('{', close);
  if (open == std::string::npos) return {pattern};
  std::vector<std::string> out;
  for (const std::string& choice : text::split(pattern.substr(open + 1, close - open - 1), ","))
    for (std::string& expanded : expand_braces(pattern.substr(0, open) + choice + pattern.substr(close + 1)))
      out.push_back(std::move(expanded));
  return out;
}

bool match_class(std::string_view pattern, size_t& p, char c) {
  size_t i = p + 1;
  bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) i++;
  bool found = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); i++, first = false) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 2;
    } else {
      found = found || pattern[i] == c;
    }
  }
  p = i + 1;
  return found != negated;
}

bool match(std::string_view pattern, std::string_view s);

// ?(a|b) none or one of them, *(a|b) any number, +(a|b) at least one, @(a|b) one, !(a|b) anything else.
bool starts_group(std::string_view pattern, size_t p) {
  return p + 1 < pattern.size() && pattern[p + 1] == '(' &&
         std::string_view("?*+@!").find(pattern[p]) != pattern.npos && pattern.find(')', p) != pattern.npos;
}

struct Group {
  std::vector<std::string_view> choices;
  size_t end = 0;  // in the pattern, after the closing parenthesis
};

Group read_group(std::string_view pattern, size_t p) {
  Group group;
  size_t depth = 0, start = p + 2;
  for (size_t at = p + 2; at < pattern.size(); at++) {
    const char c = pattern[at];
    if (c == '(') depth++;
    if ((c == '|' || c == ')') && depth == 0) {
      group.choices.push_back(pattern.substr(start, at - start));
      start = at + 1;
      group.end = at + 1;
      if (c == ')') return group;
    }
    if (c == ')') depth--;
  }
  group.choices.push_back(pattern.substr(start));  // never closed
  group.end = pattern.size();
  return group;
}

bool match_group(std::string_view pattern, size_t p, std::string_view s) {
  const char kind = pattern[p];
  const Group group = read_group(pattern, p);
  const std::string_view rest = pattern.substr(group.end);
  if ((kind == '?' || kind == '*') && match(rest, s)) return true;
  for (size_t length = kind == '!' ? 0 : 1; length <= s.size(); length++) {
    const std::string_view part = s.substr(0, length), after = s.substr(length);
    const bool one = std::any_of(group.choices.begin(), group.choices.end(),
                                 [&](std::string_view choice) { return match(choice, part); });
    if (one != (kind == '!')) {
      if (match(rest, after)) return true;
      if ((kind == '*' || kind == '+') && match_group(pattern, p, after)) return true;
    }
    if (kind == '!' && length < s.size() && s[length] == '/') return false;
  }
  return false;
}

bool match(std::string_view pattern, std::string_view s) {
  size_t p = 0, i = 0;
  while (p < pattern.size()) {
    if (starts_group(pattern, p)) return match_group(pattern, p, s.substr(i));
    if (pattern.substr(p, 3) == "**/") {
      std::string_view rest = pattern.substr(p + 3);
      for (size_t at = i;; at++) {
        if ((at == i || s[at - 1] == '/') && match(rest, s.substr(at))) return true;
        if (at >= s.size()) return false;
      }
    }
    if (pattern[p] == '*') {
      bool deep = pattern.substr(p, 2) == "**";
      std::string_view rest = pattern.substr(p + (deep ? 2 : 1));
      for (size_t at = i;; at++) {
        if (match(rest, s.substr(at))) return true;
        if (at >= s.size() || (!deep && s[at] == '/')) return false;
      }
    }
    if (i >= s.size()) return false;
    if (pattern[p] == '[') {
      if (s[i] == '/' || !match_class(pattern, p, s[i])) return false;
      i++;
      continue;
    }
    if (pattern[p] == '?' ? s[i] == '/' : pattern[p] != s[i]) return false;
    p++, i++;
  }
  return i == s.size();
}

}  // namespace

bool text::glob_match(std::string_view pattern, std::string_view s) {
  for (const std::string& alternative : expand_braces(std::string(pattern)))
    if (match(alternative, s)) return true;
  return false;
}

std::vector<std::filesystem::path> files::glob(const fs::path& base, const std::string& pattern) {
  std::vector<fs::path> found;
  for (const std::string& alternative : expand_braces(pattern)) {
    fs::path whole = fs::path(alternative).is_absolute() ? fs::path(alternative) : base / alternative;
    std::string normal = whole.lexically_normal().string();
    std::error_code error;
    if (fs::exists(normal, error)) {
      found.emplace_back(normal);
      continue;
    }
    size_t wild = 0;
    while (wild < normal.size() && std::string_view("*?[").find(normal[wild]) == std::string::npos &&
           !starts_group(normal, wild))
      wild++;
    if (wild == normal.size()) continue;
    fs::path root = normal.substr(0, normal.rfind('/', wild));
    fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      std::string name = it->path().filename().string();
      if (it->is_directory() && (name == "node_modules" || name.starts_with('.'))) {
        it.disable_recursion_pending();
        continue;
      }
      if (!it->is_directory() && match(normal, it->path().string())) found.push_back(it->path());
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace sluice
