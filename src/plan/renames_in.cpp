#include "plan/renames_in.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "sql/statements.hpp"

namespace sluice::plan {

using namespace model;
using diff::Rename;
using diff::RenameKind;

namespace {

struct Token {
  std::string text;   // words in lower case
  bool name = false;  // quoted, or a word that may be one
};

// Words, quoted names and single characters: enough for ALTER … RENAME.
std::vector<Token> tokens(std::string_view sql) {
  std::vector<Token> out;
  for (size_t i = 0; i < sql.size();) {
    char c = sql[i];
    auto is_word = [](char d) { return std::isalnum(static_cast<unsigned char>(d)) || d == '_' || (d & 0x80); };
    if (c == '"') {
      std::string name;
      for (i++; i < sql.size(); i++) {
        if (sql[i] == '"' && (i + 1 == sql.size() || sql[i + 1] != '"')) break;
        if (sql[i] == '"') i++;
        name += sql[i];
      }
      i++;
      out.push_back({name, true});
    } else if (is_word(c)) {
      size_t from = i;
      while (i < sql.size() && is_word(sql[i])) i++;
      out.push_back({text::to_lower(sql.substr(from, i - from)), true});
    } else {
      if (!std::isspace(static_cast<unsigned char>(c))) out.push_back({std::string(1, c), false});
      i++;
    }
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  bool word(std::string_view wanted) {
    if (at_ == tokens_.size() || tokens_[at_].text != wanted) return false;
    at_++;
    return true;
  }
  bool words(std::initializer_list<std::string_view> wanted) {
    size_t start = at_;
    for (std::string_view next : wanted)
      if (!word(next)) {
        at_ = start;
        return false;
      }
    return true;
  }
  std::optional<std::string> name() {
    if (at_ == tokens_.size() || !tokens_[at_].name) return std::nullopt;
    return tokens_[at_++].text;
  }
  // "schema"."name" or "name", which is in public.
  std::optional<Key> qualified() {
    std::optional<std::string> first = name();
    if (!first) return std::nullopt;
    if (!word(".")) return Key{"public", "", *first};
    std::optional<std::string> second = name();
    if (!second) return std::nullopt;
    return Key{*first, "", *second};
  }

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

std::optional<Rename> simple(Reader& read, RenameKind kind) {
  std::optional<std::string> from = read.name();
  if (!from || !read.words({"rename", "to"})) return std::nullopt;
  std::optional<std::string> to = read.name();
  if (!to) return std::nullopt;
  return Rename{kind, {"", "", *from}, {"", "", *to}};
}

std::optional<Rename> in_schema(Reader& read, RenameKind kind) {
  read.words({"if", "exists"});
  read.word("only");
  std::optional<Key> at = read.qualified();
  if (!at) return std::nullopt;
  if (read.words({"set", "schema"})) {
    std::optional<std::string> schema = read.name();
    if (!schema) return std::nullopt;
    return Rename{kind, *at, {*schema, "", at->name}};
  }
  if (!read.word("rename")) return std::nullopt;
  if (read.word("to")) {
    std::optional<std::string> to = read.name();
    if (!to) return std::nullopt;
    return Rename{kind, *at, {at->schema, "", *to}};
  }
  if (kind != RenameKind::table || !read.word("column")) return std::nullopt;
  std::optional<std::string> from = read.name();
  if (!from || !read.word("to")) return std::nullopt;
  std::optional<std::string> to = read.name();
  if (!to) return std::nullopt;
  return Rename{RenameKind::column, {at->schema, at->name, *from}, {at->schema, at->name, *to}};
}

std::optional<Rename> rename_of(std::string_view statement) {
  Reader read(tokens(statement));
  if (!read.word("alter")) return std::nullopt;
  if (read.word("schema")) return simple(read, RenameKind::schema);
  if (read.word("role")) return simple(read, RenameKind::role);
  if (read.word("table")) return in_schema(read, RenameKind::table);
  if (read.word("type")) return in_schema(read, RenameKind::enumeration);
  if (read.word("sequence")) return in_schema(read, RenameKind::sequence);
  return std::nullopt;
}

bool exists(const Schema& schema, RenameKind kind, const Key& key) {
  switch (kind) {
    case RenameKind::schema:
      return find<Namespace>(schema, key);
    case RenameKind::enumeration:
      return find<Enum>(schema, key);
    case RenameKind::sequence:
      return find<Sequence>(schema, key);
    case RenameKind::role:
      return find<Role>(schema, key);
    case RenameKind::table:
      return find<Table>(schema, key);
    case RenameKind::column:
      return find<Column>(schema, key);
  }
  return false;
}

}  // namespace

diff::Renames renames_in(std::string_view file, const Schema& before, const Schema& after) {
  diff::Renames out;
  Schema now = before;
  for (const sql::Chunk& chunk : sql::chunks(file))
    for (const sql::Statement& statement : sql::statements(chunk)) {
      std::optional<Rename> rename = rename_of(statement.text);
      if (!rename || !exists(now, rename->kind, rename->from)) continue;
      now = diff::renamed(std::move(now), {*rename});
      out.push_back(*rename);
    }
  for (size_t i = out.size(); i-- > 0;) {
    auto later = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(i) + 1, out.end(), [&](const Rename& other) {
      return other.kind == out[i].kind && (other.from == out[i].to || other.from.owner() == out[i].to);
    });
    if (later == out.end() && !exists(after, out[i].kind, out[i].to))
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return out;
}

}  // namespace sluice::plan
