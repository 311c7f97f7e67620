#include "read/typescript/declaration.hpp"

#include <cctype>
#include <regex>

#include "base/files.hpp"
#include "base/text.hpp"

namespace sluice::read {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

// The next place from `at` where `word` stands alone.
size_t find_word(std::string_view source, std::string_view word, size_t at) {
  for (at = source.find(word, at); at != std::string_view::npos; at = source.find(word, at + 1)) {
    const bool starts = at == 0 || !is_word(word[0]) || !is_word(source[at - 1]);
    const size_t end = at + word.size();
    if (starts && (end == source.size() || !is_word(source[end]))) return at;
  }
  return std::string_view::npos;
}

bool in_export(std::string_view source, size_t at) {
  const size_t start = source.rfind('\n', at) + 1;  // npos + 1 is 0
  const std::string_view line = text::trim(source.substr(start, at - start));
  return line.starts_with("export ") || line.starts_with("export{") || line.starts_with("exports.");
}

size_t declared_at(std::string_view source, std::string_view name) {
  if (name.empty()) return std::string_view::npos;
  if (name == "default") return source.find("export default");
  for (size_t at = find_word(source, name, 0); at != std::string_view::npos; at = find_word(source, name, at + 1)) {
    if (in_export(source, at)) return at;
  }
  return find_word(source, name, 0);
}

}  // namespace

int line_of_export(std::string_view source, std::string_view name) {
  const size_t at = declared_at(source, name);
  return at == std::string_view::npos ? 0 : text::line_of(source, at);
}

ExportLines::ExportLines(std::string_view source) : source_(source) {
  int number = 1;
  for (size_t start = 0; start < source.size(); number++) {
    const std::string_view line = source.substr(start, source.find('\n', start) - start);
    start += line.size() + 1;
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || !line.substr(first).starts_with("export")) continue;
    bool behind = false;
    for (size_t at = first; at < line.size();) {
      size_t end = at;
      while (end < line.size() && is_word(line[end])) end++;
      behind = behind || in_export(line, at);
      if (end > at && behind) lines_.try_emplace(line.substr(at, end - at), number);
      at = end + 1;
    }
  }
}

int ExportLines::of(std::string_view name) const {
  const auto found = name == "default" ? lines_.end() : lines_.find(name);
  return found != lines_.end() ? found->second : line_of_export(source_, name);
}

int line_of_any(std::string_view source, const std::vector<std::string>& texts, std::string_view name) {
  const size_t start = declared_at(source, name);
  for (const size_t from : {start == std::string_view::npos ? 0 : start, size_t{0}}) {
    for (const std::string& text : texts) {
      if (text.empty() || text == name) continue;
      const size_t at = source.find(text, from);
      if (at != std::string_view::npos) return text::line_of(source, at);
    }
  }
  return line_of_export(source, name);
}

Location refined(Location at, const std::string& message) {
  static const std::regex what(
      R"re(cannot (?:read|set) property '([^']+)' of|([\w$]+) is not (?:defined|initialized))re"
      R"re(|^TypeError: Cannot access '([^']+)')re");
  std::smatch match;
  const std::string start_of_message = message.substr(0, 1000);  // std::regex goes one call deeper for each character
  if (at.line < 1 || !std::regex_search(start_of_message, match, what)) return at;
  const std::string name = match[1].matched ? match[1] : match[2].matched ? match[2] : match[3];
  const auto source = files::read_if_exists(at.file);
  if (!source) return at;
  size_t start = 0;
  for (int line = 1; line < at.line && start != std::string::npos; line++) start = source->find('\n', start) + 1;
  start += size_t(at.column > 0 ? at.column - 1 : 0);
  if (start >= source->size()) return at;
  size_t found = std::string_view::npos;
  if (match[1].matched) {
    found = find_word(*source, "." + name, start);
    if (found != std::string_view::npos) found++;
  }
  if (found == std::string_view::npos) found = find_word(*source, name, start);
  if (found == std::string_view::npos) return at;
  at.line = text::line_of(*source, found);
  at.column = int(found - (source->rfind('\n', found) + 1)) + 1;
  return at;
}

size_t failed_read(std::string_view script, size_t start, const std::string& message) {
  static const std::regex what("cannot (?:read|set) property '([^']+)' of");
  std::smatch match;
  const std::string start_of_message = message.substr(0, 1000);  // std::regex goes one call deeper for each character
  if (!std::regex_search(start_of_message, match, what)) return std::string_view::npos;
  return find_word(script, "." + match[1].str(), start);
}

}  // namespace sluice::read
