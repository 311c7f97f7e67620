#include "read/typescript/star_exports.hpp"

#include <cctype>

namespace sluice::read {

namespace {

namespace fs = std::filesystem;

class Scanner {
 public:
  explicit Scanner(std::string_view source) : text_(source) {}

  std::vector<std::string> run() {
    std::vector<std::string> found;
    bool statement_start = true;
    while (skip_blank()) {
      if (statement_start && word("export") && blank() && symbol('*') && blank() && word("from") && blank()) {
        const std::string name = quoted();
        if (!name.empty()) found.push_back(name);
        continue;
      }
      if (at_ >= text_.size()) break;
      const char c = text_[at_];
      if (c == '"' || c == '\'' || c == '`') {
        quoted();
        statement_start = false;
      } else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$') {
        while (at_ < text_.size() && is_word(text_[at_])) at_++;
        statement_start = false;
      } else {
        at_++;
        statement_start = c == ';' || c == '}';
      }
      // Without semicolons a statement starts after a line end; `export` is a reserved word, so this cannot mislead.
      if (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) statement_start = true;
    }
    return found;
  }

 private:
  static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

  // Skips white space and comments. False at the end.
  bool skip_blank() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        at_++;
      } else if (text_.substr(at_, 2) == "//") {
        const size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end;
      } else if (text_.substr(at_, 2) == "/*") {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return true;
      }
    }
    return false;
  }
  bool blank() {
    skip_blank();
    return true;
  }
  bool word(std::string_view w) {
    if (text_.substr(at_, w.size()) != w) return false;
    if (at_ + w.size() < text_.size() && is_word(text_[at_ + w.size()])) return false;
    at_ += w.size();
    return true;
  }
  bool symbol(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    at_++;
    return true;
  }
  // Reads a text and gives its content; for a template with expressions the content means nothing.
  std::string quoted() {
    if (at_ >= text_.size()) return {};
    const char quote = text_[at_];
    if (quote != '"' && quote != '\'' && quote != '`') return {};
    std::string content;
    for (at_++; at_ < text_.size() && text_[at_] != quote; at_++) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) at_++;
      if (quote != '`' && text_[at_] == '\n') break;  // not a text after all, perhaps a regular expression
      content.push_back(text_[at_]);
    }
    if (at_ < text_.size()) at_++;
    return content;
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

}  // namespace

std::vector<std::string> star_exports(std::string_view source) {
  if (source.find("export") == std::string_view::npos || source.find('*') == std::string_view::npos) return {};
  return Scanner(source).run();
}

fs::path resolve_relative(const fs::path& directory, const std::string& specifier) {
  if (!specifier.starts_with('.')) return {};
  const fs::path path = (directory / specifier).lexically_normal();
  if (is_file(path)) return path;
  const auto with_extension = [&](const char* extension) { return fs::path(path).replace_extension(extension); };
  const auto with_suffix = [&](const char* suffix) { return fs::path(path) += suffix; };
  // TypeScript files are imported by the name of the JavaScript that would come out of them.
  std::vector<fs::path> candidates;
  const std::string extension = path.extension().string();
  if (extension == ".js") candidates = {with_extension(".ts"), with_extension(".tsx")};
  if (extension == ".jsx") candidates = {with_extension(".tsx")};
  if (extension == ".mjs") candidates = {with_extension(".mts")};
  if (extension == ".cjs") candidates = {with_extension(".cts")};
  for (const char* suffix : {".tsx", ".ts", ".jsx", ".js", ".mts", ".mjs", ".cts", ".cjs"}) {
    candidates.push_back(with_suffix(suffix));
  }
  for (const fs::path& candidate : candidates) {
    if (is_file(candidate)) return candidate;
  }
  for (const char* index : {"index.tsx", "index.ts", "index.jsx", "index.js"}) {
    if (is_file(path / index)) return path / index;
  }
  return {};
}

}  // namespace sluice::read
