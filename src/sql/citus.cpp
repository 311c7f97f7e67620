#include "sql/citus.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "sql/statements.hpp"

namespace sluice::sql {

namespace {

constexpr std::array<std::string_view, 7> functions{
    "create_distributed_table",         "create_distributed_table_concurrently",
    "create_reference_table",           "undistribute_table",
    "alter_distributed_table",          "update_distributed_table_colocation",
    "citus_add_local_table_to_metadata"};

bool is_text(const std::string& token) { return token.size() > 1 && token.front() == '\'' && token.back() == '\''; }

// The arguments of the call that begins with its "(" at `at`: a name or "", and the text; what is no text has none.
struct Argument {
  std::string name, text;
};
std::vector<Argument> arguments(const std::vector<std::string>& tokens, size_t at) {
  std::vector<Argument> out;
  int depth = 0;
  for (; at < tokens.size(); at++) {
    const std::string& token = tokens[at];
    if (token == "(" && depth++ == 0) out.emplace_back();
    if (token == ")" && --depth == 0) return out;
    if (depth != 1) continue;
    if (token == ",") {
      out.emplace_back();
    } else if (is_text(token) && out.back().text.empty()) {
      out.back().text = text::replace_all(token.substr(1, token.size() - 2), "''", "'");
    } else if (at + 2 < tokens.size() && out.back().text.empty() &&
               (tokens[at + 1] + tokens[at + 2] == "=>" || tokens[at + 1] + tokens[at + 2] == ":=")) {
      out.back().name = token;
    }
  }
  return {};
}

}  // namespace

bool is_citus_function(std::string_view name) {
  return std::find(functions.begin(), functions.end(), name) != functions.end();
}

Name name_in_text(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string& token : tokens(text)) {
    if (token == ".") continue;
    parts.push_back(
        token.front() == '"'
            ? text::replace_all(token.substr(1, token.size() - std::min<size_t>(token.size(), 2)), "\"\"", "\"")
            : token);
  }
  if (parts.empty()) return {};
  return parts.size() == 1 ? Name{"", parts[0]} : Name{parts[0], parts[1]};
}

std::optional<CitusCall> citus_call(const ParsedStatement& statement) {
  if (!std::holds_alternative<Query>(statement.command)) return std::nullopt;
  auto found = std::find_if(statement.functions.begin(), statement.functions.end(),
                            [](const Name& name) { return is_citus_function(name.name); });
  if (found == statement.functions.end()) return std::nullopt;
  const std::vector<std::string> all = tokens(statement.text);
  auto at = std::find(all.begin(), all.end(), found->name);
  if (at == all.end()) return std::nullopt;
  const std::vector<Argument> given = arguments(all, static_cast<size_t>(at - all.begin()) + 1);
  CitusCall call{found->name, {}, "", "default"};
  const bool alters = call.alters();
  for (size_t i = 0; i < given.size(); i++) {
    const std::string &name = given[i].name, &text = given[i].text;
    auto is = [&](size_t place, std::string_view word) { return name.empty() ? i == place : name == word; };
    if (text.empty()) continue;
    if (is(0, "table_name") || name == "relation") call.table = name_in_text(text);
    if (!call.is("create_reference_table") && is(1, "distribution_column")) call.column = text;
    if (is(call.is("update_distributed_table_colocation") ? 1 : 3, "colocate_with")) call.colocate_with = text;
  }
  if (!call.spreads() && !alters) call.column.clear();
  if (call.table.name.empty()) return std::nullopt;
  return call;
}

}  // namespace sluice::sql
