#include "sql/statements.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"
#include "sql/lexer.hpp"

namespace sluice::sql {

namespace {

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
               (verb == "cluster" && (w[1].empty() || (w[1] == "verbose" && w[2].empty()))) ||
               (verb == "create" && (w[1] == "index" || w[2] == "index") && has("concurrently")) ||
               (verb == "drop" && w[1] == "index" && has("concurrently")) ||
               (verb == "reindex" && (has("concurrently") || has("database") || has("system") || has("schema"))) ||
               (verb == "alter" && w[1] == "table" && has("detach") && has("concurrently")) ||
               (verb == "select" && w[1] == "create_distributed_table_concurrently");  // of Citus
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

std::vector<std::string> words_of(std::string_view text) {
  Lexer lexer(text);
  std::vector<std::string> out;
  for (size_t at = lexer.skip_blank(0); at < text.size(); at = lexer.skip_blank(at)) {
    const size_t end = lexer.end_of_token(at);
    if (text[at] == '"' && end > at + 1)
      out.push_back(text::replace_all(std::string(text.substr(at + 1, end - at - 2)), "\"\"", "\""));
    else if (is_word(text[at]) && end > at && text[end - 1] != '\'')
      out.push_back(text::to_lower(text.substr(at, end - at)));
    at = end;
  }
  return out;
}

std::string without_texts(std::string_view statement) {
  const Lexer lexer(statement);
  std::string out;
  for (size_t at = 0; at < statement.size();) {
    const size_t end = lexer.end_of_token(at);
    const std::string_view token = statement.substr(at, end - at);
    const bool is_text = token.front() == '\'' || token.starts_with("E'") || token.starts_with("e'") ||
                         (token.front() == '$' && token.size() > 1);
    if (is_text)
      out += '?';
    else if (lexer.is_comment(at))
      out += ' ';
    else
      out += token;
    at = end;
  }
  return out;
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
