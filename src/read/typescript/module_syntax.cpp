#include "read/typescript/module_syntax.hpp"

#include <algorithm>
#include <regex>

#include "base/text.hpp"

namespace sluice::read {

namespace {

// `import a, * as b from "x"`, `import { c as d } from "x"`, `import "x"`.
std::string as_require(const std::string& clause, const std::string& module) {
  const std::string call = "require(" + module + ")";
  std::string result;
  std::string_view rest = text::trim(clause);
  const auto take_default = [&](std::string_view name) {
    result += "var " + std::string(name) + " = (m => m && m.__esModule ? m.default : m)(" + call + "); ";
  };
  if (rest.empty()) return call + ";";
  if (rest[0] != '{' && rest[0] != '*') {
    const size_t comma = rest.find(',');
    take_default(text::trim(rest.substr(0, comma)));
    rest = comma == std::string_view::npos ? std::string_view() : text::trim(rest.substr(comma + 1));
  }
  if (rest.starts_with('*')) {
    const size_t as = rest.find("as ");
    result += "var " + std::string(text::trim(rest.substr(as + 3))) + " = " + call + "; ";
  } else if (rest.starts_with('{')) {
    result += "var " + text::replace_all(std::string(rest), " as ", ": ") + " = " + call + "; ";
  }
  return result;
}

}  // namespace

std::string imports_to_requires(std::string_view code) {
  static const std::regex statement(R"re(^import\s*(?:([^"';]*?)\s*from\s*)?("(?:[^"\\]|\\.)*");)re");
  std::string result;
  result.reserve(code.size());
  size_t at = 0;
  while (at < code.size()) {
    size_t end = code.find('\n', at);
    end = end == std::string_view::npos ? code.size() : end + 1;
    if (code.substr(at, 7) == "import " || code.substr(at, 7) == "import{" || code.substr(at, 7) == "import\"") {
      // A long list of names goes over several lines.
      const size_t semicolon = code.find(';', at);
      if (semicolon != std::string_view::npos && semicolon >= end) {
        end = code.find('\n', semicolon);
        end = end == std::string_view::npos ? code.size() : end + 1;
      }
      std::cmatch match;
      if (std::regex_search(code.data() + at, code.data() + end, match, statement)) {
        result += as_require(match[1].str(), match[2].str());
        result.append(size_t(std::max<std::ptrdiff_t>(
                          0, std::count(match[0].first, match[0].second, '\n') -
                                 std::count(match[1].first, match[1].second, '\n'))),
                      '\n');
        result += code.substr(at + size_t(match.length(0)), end - at - size_t(match.length(0)));
        at = end;
        continue;
      }
    }
    result += code.substr(at, end - at);
    at = end;
  }
  return result;
}

}  // namespace sluice::read
