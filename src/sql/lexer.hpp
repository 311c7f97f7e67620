// Where tokens of SQL begin and end. Enough to tell statements and their clauses apart; the grammar is the parser's.
#pragma once

#include <cctype>
#include <string_view>

namespace sluice::sql {

inline bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80);
}

// The end of the token that begins at `at`: a comment, a quoted or dollar-quoted text, a word, or one character.
// (Lexical structure: PostgreSQL documentation 4.1.)
class Lexer {
 public:
  explicit Lexer(std::string_view s) : s_(s) {}

  size_t end_of_token(size_t at) const {
    char c = s_[at], next = at + 1 < s_.size() ? s_[at + 1] : '\0';
    if (c == '-' && next == '-') return until("\n", at, 1);
    if (c == '/' && next == '*') return block_comment(at);
    if (c == '\'') return quoted(at, '\'', false);
    if (c == '"') return quoted(at, '"', false);
    if ((c == 'e' || c == 'E') && next == '\'') return quoted(at + 1, '\'', true);
    if (c == '$') return dollar_quoted(at);
    if (is_word(c)) {
      size_t end = at;
      while (end < s_.size() && is_word(s_[end])) end++;
      return end;
    }
    return at + 1;
  }

  bool is_comment(size_t at) const { return s_.substr(at, 2) == "--" || s_.substr(at, 2) == "/*"; }

  size_t skip_blank(size_t at) const {
    while (at < s_.size()) {
      if (std::isspace(static_cast<unsigned char>(s_[at]))) {
        at++;
      } else if (is_comment(at)) {
        at = end_of_token(at);
      } else {
        break;
      }
    }
    return at;
  }

 private:
  size_t until(std::string_view what, size_t from, size_t extra) const {
    size_t found = s_.find(what, from);
    return found == std::string_view::npos ? s_.size() : found + extra;
  }
  size_t block_comment(size_t at) const {
    int depth = 0;
    while (at < s_.size()) {
      if (s_.substr(at, 2) == "/*") {
        depth++, at += 2;
      } else if (s_.substr(at, 2) == "*/") {
        at += 2;
        if (--depth == 0) return at;
      } else {
        at++;
      }
    }
    return s_.size();
  }
  size_t quoted(size_t at, char quote, bool escapes) const {
    for (size_t i = at + 1; i < s_.size(); i++) {
      if (escapes && s_[i] == '\\') {
        i++;
      } else if (s_[i] == quote) {
        if (i + 1 < s_.size() && s_[i + 1] == quote) {
          i++;
        } else {
          return i + 1;
        }
      }
    }
    return s_.size();
  }
  size_t dollar_quoted(size_t at) const {
    size_t end = at + 1;
    while (end < s_.size() && s_[end] != '$' && is_word(s_[end])) end++;
    bool is_parameter = at + 1 < s_.size() && std::isdigit(static_cast<unsigned char>(s_[at + 1]));
    if (end >= s_.size() || s_[end] != '$' || is_parameter) return at + 1;
    std::string_view tag = s_.substr(at, end - at + 1);
    return until(tag, end + 1, tag.size());
  }

  std::string_view s_;
};

}  // namespace sluice::sql
