#include "sql/psql.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "sql/lexer.hpp"
#include "sql/statements.hpp"

namespace sluice::sql {

namespace {

bool takes_rows(std::string_view statement) {
  if (text::to_lower(statement.substr(0, 4)) != "copy") return false;  // the others need not be read to their ends
  const std::vector<std::string> words = tokens(statement);
  if (!begins_with(words, {"copy"})) return false;
  constexpr std::string_view from_stdin[] = {"from", "stdin"};
  return std::search(words.begin(), words.end(), std::begin(from_stdin), std::end(from_stdin)) != words.end();
}

size_t next_line(std::string_view s, size_t at) { return std::min(s.find('\n', at), s.size() - 1) + 1; }

// The beginning of the line "\.", or the end of the file.
size_t end_of_rows(std::string_view s, size_t at) {
  while (at < s.size()) {
    const size_t next = next_line(s, at);
    if (text::trim(s.substr(at, next - at)) == "\\.") return at;
    at = next;
  }
  return s.size();
}

}  // namespace

std::vector<PsqlPart> psql_parts(std::string_view s) {
  const Lexer lexer(s);
  std::vector<PsqlPart> out;
  size_t begin = 0, counted = 0;  // of the statements that are not in `out` yet
  int lines = 1;
  auto line_at = [&](size_t at) {
    lines += static_cast<int>(std::count(s.begin() + static_cast<std::ptrdiff_t>(counted),
                                         s.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted = at;
    return lines;
  };
  auto add_statements = [&](size_t end) {
    const size_t from = lexer.skip_blank(begin);
    if (from < end) out.push_back({PsqlPart::Kind::statements, s.substr(from, end - from), line_at(from), {}, 0});
  };
  for (size_t start = lexer.skip_blank(0), at = start; at < s.size();) {
    if (s[at] == '\\' && at == start) {
      add_statements(at);
      begin = next_line(s, at);
      const std::string_view command = text::trim(s.substr(at, begin - at));
      if (!command.starts_with("\\restrict") && !command.starts_with("\\unrestrict"))
        out.push_back({PsqlPart::Kind::command, command, line_at(at), {}, 0});
      at = start = lexer.skip_blank(begin);
      continue;
    }
    if (s[at] != ';') {
      at = lexer.skip_blank(lexer.end_of_token(at));
      continue;
    }
    const std::string_view statement = s.substr(start, at - start);
    if (takes_rows(statement)) {
      add_statements(start);
      const int line = line_at(start);
      const size_t rows = next_line(s, at), end = end_of_rows(s, rows);
      out.push_back({PsqlPart::Kind::copy, statement, line, s.substr(rows, end - rows), line_at(rows)});
      begin = end < s.size() ? next_line(s, end) : end;
      at = start = lexer.skip_blank(begin);
      continue;
    }
    at = start = lexer.skip_blank(at + 1);
  }
  add_statements(s.size());
  return out;
}

}  // namespace sluice::sql
