#include "sql/parse.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.hpp"
#include "sql/lexer.hpp"
#include "sql/parse_parts.hpp"
#include "sql/parser_host.hpp"
#include "sql/statements.hpp"

namespace sluice::sql {

namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// PostgreSQL counts characters in its errors.
int byte_offset(std::string_view text, int characters) {
  size_t at = 0;
  for (; at < text.size(); at++)
    if (!continues(text[at]) && characters-- == 0) break;
  return static_cast<int>(at);
}

// The relations that a statement names, the functions that it calls, its text constants.
void find_uses(const Node& statement, const Source& source, ParsedStatement& out) {
  std::set<std::string> common;  // names of WITH queries
  walk(statement, [&](std::string_view type, const Node& node) {
    if (type == "CommonTableExpr") common.insert(node["ctename"].str());
    if (type == "CommonTableExpr")
      if (const Node& query = node["ctequery"]; query["DeleteStmt"])
        out.deletes.push_back(std::get<Delete>(command(query.type(), query.inner(), source)));
    if (type == "FuncCall") out.functions.push_back(name_of(node["funcname"]));
    if (type == "A_Const" && node["sval"]) out.words.push_back(node["sval"]["sval"].str());
    if (node["relname"] && node["relpersistence"]) out.relations.push_back(relation_target(node, source));
  });
  std::erase_if(out.relations, [&](const Target& t) { return t.name.schema.empty() && common.contains(t.name.name); });
  std::sort(out.relations.begin(), out.relations.end(), [](const Target& a, const Target& b) { return a.at < b.at; });
}

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file), lines_(file) {}

  // True if all of `text` was understood. With `keep_failure` a piece that was not is written down.
  bool read(std::string_view text, bool keep_failure) {
    const int base = static_cast<int>(text.data() - file_.data());
    RawParse raw = raw_parse(text);
    if (!raw.error.empty()) {
      if (keep_failure) {
        const int at = base + byte_offset(text, raw.error_at);
        result_.failures.push_back({raw.error, text, at, lines_.line(at)});
      }
      return false;
    }
    Tree tree(std::move(raw.tree));
    for (const Node& item : tree.root()["stmts"]) {
      const size_t from = static_cast<size_t>(item["stmt_location"].number());
      const size_t length = static_cast<size_t>(item["stmt_len"].number());
      const size_t end = length ? std::min(from + length, text.size()) : text.size();
      const size_t begin = std::min(Lexer(text.substr(0, end)).skip_blank(from), end);
      add(item["stmt"], {text, base, begin, end});
    }
    return true;
  }

  ParsedFile take() { return std::move(result_); }

 private:
  void add(const Node& wrapper, const Source& source) {
    ParsedStatement out;
    out.text = text::trim(source.text.substr(source.begin, source.end - source.begin));
    out.at = source.base + static_cast<int>(source.begin);
    out.line = lines_.line(out.at);
    out.command = command(wrapper.type(), wrapper.inner(), source);
    if (const auto* block = std::get_if<DoBlock>(&out.command); block && read_block(*block, out.text)) return;
    if (const auto* block = std::get_if<DoBlock>(&out.command)) read_inside(*block, out);
    find_uses(wrapper, source, out);
    find_needed_version(wrapper, out);
    result_.statements.push_back(std::move(out));
  }

  // DO $$ BEGIN plain statements; EXCEPTION WHEN duplicate_object THEN null; END $$, as older drizzle-kits wrote it:
  // the statements themselves. False for everything that needs PL/pgSQL to be understood.
  bool read_block(const DoBlock& block, std::string_view text) {
    if (!block.language.empty() && block.language != "plpgsql") return false;
    const size_t from = block.body.empty() ? std::string_view::npos : text.find(block.body);
    if (from == std::string_view::npos) return false;
    const std::vector<Token> list = tokens(text, from, from + block.body.size());
    size_t first = 0, last = list.size();
    if (first >= last || !is_keyword(text, list[first++], "begin")) return false;
    while (last > first && !is_keyword(text, list[last - 1], "end")) last--;
    if (last <= first + 1) return false;
    last--;
    for (size_t i = first; i + 2 < last; i++) {
      if (!is_keyword(text, list[i], "exception") || !is_keyword(text, list[i + 1], "when")) continue;
      if (!is_keyword(text, list[i + 2], "duplicate_object") && !is_keyword(text, list[i + 2], "duplicate_table"))
        return false;
      last = i;
    }
    if (last <= first) return false;
    const size_t begin = list[first].begin, end = list[last - 1].end;
    return read(text.substr(begin, end - begin), false);
  }

  // The plain statements of a block with conditions, loops and handlers, piece by piece between semicolons.
  void read_inside(const DoBlock& block, ParsedStatement& out) {
    if (!block.language.empty() && block.language != "plpgsql") return;
    const size_t from = block.body.empty() ? std::string_view::npos : out.text.find(block.body);
    if (from == std::string_view::npos) return;
    const std::vector<Token> list = tokens(out.text, from, from + block.body.size());
    bool declares = false;
    for (size_t i = 0; i < list.size();) {
      size_t end = i;
      while (end < list.size() && out.text[list[end].begin] != ';') end++;
      const size_t next = end + 1;
      i = skip_control(out.text, list, i, end, declares);
      if (i < end && !declares) {
        const std::string_view piece = out.text.substr(list[i].begin, list[end - 1].end - list[i].begin);
        if (!read_piece(piece, is_plain(out.text, list[i]), out)) out.unread.emplace_back(piece);
      }
      i = next;
    }
    out.only_looks = out.inside.empty() && out.unread.empty() && calls_only_lookups(out.text, list);
  }

  // Nothing that writes, also not in a loop's query, and of functions only PostgreSQL's own that change nothing.
  static bool calls_only_lookups(std::string_view text, const std::vector<Token>& list) {
    // Functions, and words that may stand before a parenthesis.
    static constexpr std::string_view known =
        " all and any array_to_string array_upper as by cardinality clock_timestamp coalesce count exists extract "
        "format from if in lateral not on or pg_describe_object pg_identify_object pg_identify_object_as_address "
        "quote_ident quote_literal recursive regexp_replace round select some then union values when where ";
    static constexpr std::string_view writing = " delete execute insert into lock merge truncate update ";
    for (size_t i = 0; i < list.size(); i++) {
      const std::string word = text::to_lower(text.substr(list[i].begin, list[i].end - list[i].begin));
      const auto begin = static_cast<unsigned char>(word.front());
      if (begin != '"' && begin != '_' && !std::isalpha(begin) && begin < 0x80) continue;
      auto among = [&](std::string_view words) { return words.find(" " + word + " ") != std::string_view::npos; };
      const bool calls = i + 1 < list.size() && text[list[i + 1].begin] == '(';
      if (among(writing) || (calls && !among(known))) return false;
    }
    return true;
  }

  static bool is_plain(std::string_view text, const Token& token) {
    for (std::string_view word : {"alter", "create", "drop", "delete", "truncate", "update", "insert", "merge",
                                  "comment", "grant", "revoke", "lock", "refresh", "reindex", "set"})
      if (is_keyword(text, token, word)) return true;
    return false;
  }

  bool read_piece(std::string_view piece, bool plain, ParsedStatement& out) {
    if (!plain) return false;
    Reader inner(file_);
    if (!inner.read(piece, false)) return false;
    for (ParsedStatement& statement : inner.result_.statements) {
      statement.in_block = true;
      out.inside.push_back(std::move(statement));
    }
    return true;
  }

  // From the words that only say whether and how often something runs to what runs.
  static size_t skip_control(std::string_view text, const std::vector<Token>& list, size_t at, size_t end,
                             bool& declares) {
    auto is = [&](std::string_view word) { return at < end && is_keyword(text, list[at], word); };
    auto past = [&](std::string_view word) {
      while (at < end && !is(word)) at++;
      if (at < end) at++;
    };
    while (at < end) {
      if (is("declare")) {
        declares = true;
        at++;
      } else if (is("begin")) {
        declares = false;
        at++;
      } else if (is("else") || is("loop")) {
        at++;
      } else if (is("exception")) {
        at++;
      } else if (is("if") || is("elsif") || is("elseif") || is("when")) {
        past("then");
      } else if (is("for") || is("while") || is("foreach")) {
        past("loop");
      } else if (is("null") || is("end") || is("raise") || is("return") || is("exit") || is("continue")) {
        return end;
      } else {
        break;
      }
    }
    return at;
  }

  std::string_view file_;
  Positions lines_;
  ParsedFile result_;
};

}  // namespace

ParsedFile parse(std::string_view file) {
  Reader reader(file);
  for (const Chunk& chunk : chunks(file)) {
    if (reader.read(chunk.text, false)) continue;
    for (const Statement& statement : statements(chunk)) reader.read(statement.text, true);
  }
  return reader.take();
}

int Positions::line(int at) {
  const size_t end = std::min(static_cast<size_t>(std::max(at, 0)), file_.size());
  if (end < place_) place_ = 0, line_ = 1;
  const std::string_view between = file_.substr(place_, end - place_);
  line_ += static_cast<int>(std::count(between.begin(), between.end(), '\n'));
  place_ = end;
  return line_;
}

Position Positions::of(int at) {
  Position out;
  out.line = line(at);
  const std::string_view before = file_.substr(0, place_);
  const size_t newline = before.rfind('\n');
  for (char c : before.substr(newline == std::string_view::npos ? 0 : newline + 1)) out.column += !continues(c);
  return out;
}

}  // namespace sluice::sql
