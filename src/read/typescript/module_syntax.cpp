#include "read/typescript/module_syntax.hpp"

#include <algorithm>
#include <regex>

#include "base/text.hpp"

namespace sluice::read {

namespace {

// `import a, * as b from "x"`, `import { c as d } from "x"`, `import "x"`; nothing where it is none of these.
std::optional<std::string> as_require(const std::string& clause, const std::string& module) {
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
    if (as == std::string_view::npos) return std::nullopt;
    result += "var " + std::string(text::trim(rest.substr(as + 3))) + " = " + call + "; ";
  } else if (rest.starts_with('{')) {
    result += "var " + text::replace_all(std::string(rest), " as ", ": ") + " = " + call + "; ";
  }
  return result;
}

}  // namespace

std::optional<std::string> imports_to_requires(std::string_view code, const std::vector<std::string>& imports) {
  static const std::regex statement(R"re(^import\s*(?:([^"';]*?)\s*from\s*)?("(?:[^"\\]|\\.)*");)re");
  std::string hoisted, result;
  result.reserve(code.size());
  size_t at = 0;
  for (const std::string& module : imports) {
    const std::string quoted = "\"" + module + "\";";
    std::cmatch match;
    // A text that has a line like a statement of another module is passed over.
    for (size_t from = at;; from++) {
      from = code.substr(from).starts_with("import") && (from == 0 || code[from - 1] == '\n')
                 ? from
                 : code.find("\nimport", from);
      if (from == std::string_view::npos) return std::nullopt;
      if (code[from] == '\n') from++;
      const size_t end = code.find(quoted, from);
      if (end == std::string_view::npos) return std::nullopt;
      if (!std::regex_search(code.data() + from, code.data() + end + quoted.size(), match, statement)) continue;
      if (match[2].str() + ";" != quoted) continue;
      result += code.substr(at, from - at);
      at = from + size_t(match.length(0));
      break;
    }
    std::string names = match[1].str();
    std::replace(names.begin(), names.end(), '\n', ' ');
    const std::optional<std::string> required = as_require(names, match[2].str());
    if (!required) return std::nullopt;
    hoisted += *required;
    result.append(size_t(std::count(match[0].first, match[0].second, '\n')), '\n');
  }
  return hoisted + result.append(code.substr(at));
}

std::vector<ModulePlace> module_places(std::string_view code) {
  // No other comment is left, but a text over several lines may look like one: a file has an ending.
  static const std::regex file(R"re(^// .*\.([cm]?[jt]sx?|json)$)re");
  std::vector<ModulePlace> places;
  int line = 1;
  for (size_t at = 0; at < code.size(); line++) {
    size_t end = code.find('\n', at);
    if (end == std::string_view::npos) end = code.size();
    if (code.substr(at).starts_with("// ") && std::regex_match(code.data() + at, code.data() + end, file)) {
      const bool in_package = code.substr(at, end - at).find("node_modules/") != std::string_view::npos;
      if (places.empty() || places.back().in_package != in_package) places.push_back({line, in_package});
    }
    at = end + 1;
  }
  return places;
}

}  // namespace sluice::read
