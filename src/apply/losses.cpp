#include "apply/losses.hpp"

#include <algorithm>
#include <array>

#include "apply/token_reader.hpp"
#include "base/text.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

namespace {

void read_names(TokenReader& r, LossKind kind, std::vector<Loss>& out) {
  r.skip_if_exists();
  do {
    out.push_back({kind, r.name(), ""});
  } while (r.skip(","));
}

void read_alter_table(TokenReader& r, std::vector<Loss>& out) {
  r.skip_if_exists();
  const bool only = r.skip("only");
  std::string table = r.name();
  r.skip("*");
  do {
    if (r.skip("drop")) {
      if (r.at("constraint")) continue;
      r.skip("column");
      r.skip_if_exists();
      out.push_back({LossKind::column, table, r.name(), only});
    } else if (r.skip("alter")) {
      if (r.at("constraint")) continue;
      r.skip("column");
      std::string column = r.name();
      if (r.skip("set") && !r.skip("data")) continue;
      if (r.at("type")) out.push_back({LossKind::values, table, column});
    }
  } while (r.next_of_list());
}

}  // namespace

std::vector<Loss> losses_of(std::string_view statement) {
  std::vector<std::string> tokens = sql::tokens(statement);
  std::vector<Loss> out;
  bool cascade = std::find(tokens.begin(), tokens.end(), "cascade") != tokens.end();
  TokenReader r(std::move(tokens));
  if (r.skip("drop")) {
    if (r.skip("table"))
      read_names(r, LossKind::table, out);
    else if (r.skip("sequence"))
      read_names(r, LossKind::sequence, out);
    else if (cascade && r.skip("schema"))
      read_names(r, LossKind::schema, out);
    else if (cascade && r.skip("type"))
      read_names(r, LossKind::type, out);
  } else if (r.skip("alter") && r.skip("table")) {
    read_alter_table(r, out);
  }
  return out;
}

bool writes_rows(std::string_view file) {
  constexpr std::array defining = {"alter", "create", "drop", "comment", "grant", "revoke", "set"};
  for (const sql::Chunk& piece : sql::chunks(file))
    for (const sql::Statement& statement : sql::statements(piece)) {
      std::vector<std::string> tokens = sql::tokens(statement.text);
      if (std::none_of(defining.begin(), defining.end(),
                       [&](const char* word) { return sql::begins_with(tokens, {word}); }))
        return true;
    }
  return false;
}

bool may_take_more(std::string_view statement) {
  std::vector<std::string> tokens = sql::tokens(statement);
  const bool cascade = std::find(tokens.begin(), tokens.end(), "cascade") != tokens.end();
  const std::string lower = text::to_lower(std::string(statement));
  TokenReader r(std::move(tokens));
  if (r.skip("do")) return lower.find("drop") != std::string::npos;
  if (r.skip("alter")) return cascade && r.skip("type");
  if (!r.skip("drop")) return false;
  if (r.at("owned")) return true;
  for (const char* kind : {"schema", "type", "domain", "extension", "collation", "access"})
    if (r.at(kind)) return cascade;
  return false;
}

}  // namespace sluice::apply
