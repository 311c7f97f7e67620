#include "sql/statements.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace sluice::sql {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80); }

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

// The first words of a statement in lower case, comments left out.
std::vector<std::string> first_words(std::string_view statement, size_t count) {
  Lexer lexer(statement);
  std::vector<std::string> words;
  for (size_t at = lexer.skip_blank(0); at < statement.size() && words.size() < count; at = lexer.skip_blank(at)) {
    size_t end = lexer.end_of_token(at);
    words.push_back(text::to_lower(statement.substr(at, end - at)));
    at = end;
  }
  words.resize(count);
  return words;
}

}  // namespace

std::vector<Chunk> chunks(std::string_view file) {
  std::vector<Chunk> out;
  size_t from = 0;
  int line = 1;
  while (from <= file.size()) {
    size_t at = file.find(breakpoint, from);
    size_t end = at == std::string_view::npos ? file.size() : at;
    std::string_view piece = file.substr(from, end - from);
    if (Lexer(piece).skip_blank(0) < piece.size()) out.push_back({piece, line});
    size_t next = at == std::string_view::npos ? file.size() + 1 : at + breakpoint.size();
    line += text::line_of(file.substr(from, std::min(next, file.size()) - from), std::string_view::npos) - 1;
    from = next;
  }
  return out;
}

std::vector<Statement> statements(const Chunk& chunk) {
  std::string_view s = chunk.text;
  Lexer lexer(s);
  std::vector<Statement> out;
  size_t at = lexer.skip_blank(0), start = at;
  int atomic = 0;  // depth of BEGIN ATOMIC … END, where CASE has an END of its own
  std::string previous;
  auto finish = [&](size_t end) {
    std::string_view piece = text::trim(s.substr(start, end - start));
    if (!piece.empty()) out.push_back({piece, chunk.line + text::line_of(s, start) - 1});
  };
  while (at < s.size()) {
    if (s[at] == ';' && atomic == 0) {
      finish(at);
      at = start = lexer.skip_blank(at + 1);
      previous.clear();
      continue;
    }
    size_t end = lexer.end_of_token(at);
    if (is_word(s[at])) {
      std::string word = text::to_lower(s.substr(at, end - at));
      if (word == "atomic" && previous == "begin") {
        atomic = 1;
      } else if (atomic > 0 && word == "case") {
        atomic++;
      } else if (atomic > 0 && word == "end") {
        atomic--;
      }
      previous = word;
    }
    at = lexer.skip_blank(end);
  }
  finish(s.size());
  return out;
}

Execution execution(const Statement& statement) {
  auto w = first_words(statement.text, 12);
  const std::string& verb = w[0];
  constexpr std::array control = {"begin", "commit", "rollback", "end", "abort", "start"};
  for (const char* word : control)
    if (verb == word && !(verb == "rollback" && w[1] == "to") && !(verb == "rollback" && w[2] == "to"))
      return Execution::transaction_control;
  // PreventInTransactionBlock in PostgreSQL's utility commands (13–18).
  auto has = [&](std::string_view word) { return std::find(w.begin(), w.end(), word) != w.end(); };
  bool alone = verb == "vacuum" || (verb == "create" && (w[1] == "database" || w[1] == "tablespace")) ||
               (verb == "drop" && (w[1] == "database" || w[1] == "tablespace")) ||
               (verb == "alter" && w[1] == "system") ||
               (verb == "create" && (w[1] == "index" || w[2] == "index") && has("concurrently")) ||
               (verb == "drop" && w[1] == "index" && has("concurrently")) ||
               (verb == "reindex" && (has("concurrently") || has("database") || has("system") || has("schema"))) ||
               (verb == "alter" && w[1] == "table" && has("detach") && has("concurrently"));
  return alone ? Execution::alone : Execution::transactional;
}

std::vector<std::string> tokens(std::string_view statement) {
  Lexer lexer(statement);
  std::vector<std::string> out;
  for (size_t at = lexer.skip_blank(0); at < statement.size(); at = lexer.skip_blank(at)) {
    size_t end = lexer.end_of_token(at);
    std::string_view token = statement.substr(at, end - at);
    out.push_back(is_word(token.front()) && token.front() != '$' ? text::to_lower(token) : std::string(token));
    at = end;
  }
  return out;
}

bool begins_with(const std::vector<std::string>& tokens, std::initializer_list<std::string_view> words) {
  return tokens.size() >= words.size() && std::equal(words.begin(), words.end(), tokens.begin());
}

std::string one_line(std::string_view statement, size_t width) {
  std::string out;
  for (char c : statement) {
    bool blank = std::isspace(static_cast<unsigned char>(c));
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  if (out.size() <= width) return out;
  size_t cut = width;
  while (cut > 0 && (out[cut] & 0xC0) == 0x80) cut--;  // not inside a UTF-8 character
  return out.substr(0, cut) + "…";
}

}  // namespace sluice::sql
