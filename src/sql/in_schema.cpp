#include "sql/in_schema.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "sql/lexer.hpp"
#include "sql/quote.hpp"

namespace sluice::sql {

namespace {

class Rewriter {
 public:
  Rewriter(std::string_view from, std::string_view to) : from_(from), quoted_(identifier(from)), to_(identifier(to)) {}

  void rewrite(std::string_view sql, int line) {
    const Lexer lexer(sql);
    std::string before;    // the token before this one, in lower case
    bool in_path = false;  // behind search_path: a list of schemas
    for (size_t at = 0; at < sql.size();) {
      const size_t blank = lexer.skip_blank(at);
      copy(sql.substr(at, blank - at), line);
      if (blank == sql.size()) return;
      at = blank;
      const size_t end = lexer.end_of_token(at);
      const std::string_view token = sql.substr(at, end - at);
      const std::string word = token.front() == '"' ? std::string(token) : text::to_lower(token);
      if (const size_t tag = body_tag(token); tag > 0) {
        copy(token.substr(0, tag), line);
        rewrite(token.substr(tag, token.size() - 2 * tag), line);
        line += static_cast<int>(std::count(token.begin() + static_cast<std::ptrdiff_t>(tag), token.end(), '\n'));
        out.text += token.substr(token.size() - tag);
      } else {
        if (word == from_ || word == quoted_) {
          const size_t next = lexer.skip_blank(end);
          const bool qualifies = next < sql.size() && sql[next] == '.' && before != ".";
          if (qualifies || before == "schema" || in_path) {
            out.text += to_;
          } else {
            out.text += token;
          }
        } else {
          // Only the server would know what set_config('search_path', 'public', …) means.
          const bool whole = (in_path || before == "schema") && word == "'" + from_ + "'";
          if ((token.front() == '\'' || word.starts_with("e'")) && (whole || names_it(word)))
            out.unclear_lines.push_back(line);
          copy(token, line);
        }
        if (word == "search_path" || word == "'search_path'")
          in_path = true;
        else if (word != "=" && word != "to" && word != "," && before != "," && before != "=" && before != "to")
          in_path = false;
      }
      before = word;
      at = end;
    }
  }

  InSchema out;

 private:
  void copy(std::string_view text, int& line) {
    out.text += text;
    line += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  // The length of "$tag$" of a dollar-quoted text; 0 for another token.
  static size_t body_tag(std::string_view token) {
    if (token.front() != '$' || token.size() < 4) return 0;
    const size_t end = token.find('$', 1);
    if (end == std::string_view::npos) return 0;
    const std::string_view tag = token.substr(0, end + 1);
    return token.size() >= 2 * tag.size() && token.ends_with(tag) ? tag.size() : 0;
  }

  // 'public.users', '"public"."users"', 'SELECT … FROM public.users'; but not 'https://public.example.org'.
  bool names_it(const std::string& word) const {
    for (size_t at = word.find(from_); at != std::string::npos && at > 0; at = word.find(from_, at + 1)) {
      const std::string_view rest = std::string_view(word).substr(at + from_.size());
      const bool quotes = word[at - 1] == '"' && rest.starts_with('"');
      const size_t dot = quotes ? 1 : 0;
      if (dot + 1 >= rest.size() || rest[dot] != '.') continue;
      const char next = rest[dot + 1], last = word[at - (quotes ? 2 : 1)];
      if ((next == '"' || next == '%' || is_word(next)) &&
          std::string_view("'( ,\n").find(last) != std::string_view::npos)
        return true;
    }
    return false;
  }

  std::string from_, quoted_, to_;
};

}  // namespace

InSchema in_schema(std::string_view sql, std::string_view from, std::string_view to) {
  Rewriter rewriter(from, to);
  rewriter.rewrite(sql, 1);
  return std::move(rewriter.out);
}

}  // namespace sluice::sql
