// Clauses of a statement as they are written: the parse tree knows where things begin, not where they end.
#include <cctype>

#include "base/text.hpp"
#include "sql/lexer.hpp"
#include "sql/parse_parts.hpp"

namespace sluice::sql {

std::vector<Token> tokens(std::string_view text, size_t begin, size_t end) {
  std::vector<Token> out;
  Lexer lexer(text.substr(0, end));
  int depth = 0;
  for (size_t at = lexer.skip_blank(begin); at < end; at = lexer.skip_blank(at)) {
    const size_t stop = lexer.end_of_token(at);
    if (text[at] == ')' || text[at] == ']') depth--;
    out.push_back({at, stop, depth});
    if (text[at] == '(' || text[at] == '[') depth++;
    at = stop;
  }
  return out;
}

bool is_keyword(std::string_view text, const Token& token, std::string_view word) {
  if (token.end - token.begin != word.size()) return false;
  for (size_t i = 0; i < word.size(); i++)
    if (std::tolower(static_cast<unsigned char>(text[token.begin + i])) != word[i]) return false;
  return true;
}

namespace {

// The place after the words, or the number of tokens.
size_t after_words(std::string_view text, const std::vector<Token>& list, const std::vector<std::string_view>& words) {
  for (size_t i = 0; i + words.size() <= list.size(); i++) {
    bool found = list[i].depth == 0;
    for (size_t w = 0; w < words.size() && found; w++) found = is_keyword(text, list[i + w], words[w]);
    if (found) return i + words.size();
  }
  return list.size();
}

}  // namespace

std::string_view clause_after(std::string_view text, size_t begin, size_t end,
                              const std::vector<std::string_view>& words) {
  const std::vector<Token> list = tokens(text, begin, end);
  const size_t from = after_words(text, list, words);
  if (from >= list.size()) return {};
  return text.substr(list[from].begin, list.back().end - list[from].begin);
}

std::string_view bracket_after(std::string_view text, size_t begin, size_t end,
                               const std::vector<std::string_view>& words) {
  const std::vector<Token> list = tokens(text, begin, end);
  for (size_t i = after_words(text, list, words); i < list.size(); i++) {
    if (text[list[i].begin] != '(') continue;
    for (size_t j = i + 1; j < list.size(); j++)
      if (text[list[j].begin] == ')' && list[j].depth == list[i].depth)
        return text::trim(text.substr(list[i].end, list[j].begin - list[i].end));
  }
  return {};
}

std::vector<std::pair<size_t, size_t>> comma_pieces(std::string_view text, size_t begin, size_t end) {
  std::vector<std::pair<size_t, size_t>> out;
  size_t start = std::string_view::npos, stop = begin;
  for (const Token& token : tokens(text, begin, end)) {
    if (token.depth == 0 && text[token.begin] == ',') {
      out.emplace_back(start == std::string_view::npos ? token.begin : start, stop);
      start = std::string_view::npos;
    } else {
      if (start == std::string_view::npos) start = token.begin;
      stop = token.end;
    }
  }
  if (start != std::string_view::npos) out.emplace_back(start, stop);
  return out;
}

}  // namespace sluice::sql
