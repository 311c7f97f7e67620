// What the parse*.cpp files share: parts of the parse tree as values, and clauses of a statement as text.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast.hpp"
#include "sql/parse.hpp"
#include "sql/parse_tree.hpp"

namespace sluice::sql {

// A statement's text and where it stands.
struct Source {
  std::string_view text;      // what was parsed: locations in the tree count from its start
  int base = 0;               // where that is in the file
  size_t begin = 0, end = 0;  // the statement in `text`

  int at(const Node& location) const { return base + (location ? location.number() : static_cast<int>(begin)); }
};

// The tokens of a piece of a statement, without comments, with the depth of brackets.
struct Token {
  size_t begin = 0, end = 0;
  int depth = 0;
};
std::vector<Token> tokens(std::string_view text, size_t begin, size_t end);
bool is_keyword(std::string_view text, const Token& token, std::string_view word);
// From after the words (in their order, at the depth of `begin`) to the end, or nothing: "where", "set default".
std::string_view clause_after(std::string_view text, size_t begin, size_t end,
                              const std::vector<std::string_view>& words);
// The first bracket after the words, without the brackets.
std::string_view bracket_after(std::string_view text, size_t begin, size_t end,
                               const std::vector<std::string_view>& words);
// The pieces between commas outside of brackets.
std::vector<std::pair<size_t, size_t>> comma_pieces(std::string_view text, size_t begin, size_t end);

// Every node of the tree below, without recursion. The visitor is given the node's name ("FuncCall") and its content.
void walk(const Node& node, const std::function<void(std::string_view type, const Node&)>& visit);

std::vector<std::string> strings(const Node& list);
Name name_of(const Node& list);  // [{"String": …}, …]
Name relation_name(const Node& range_var);
Target relation_target(const Node& range_var, const Source& source);
TypeName type_name(const Node& type, const Source& source);
// `text`: how it is written.
Expression expression(const Node& node, std::string_view text, const Source& source);
// The columns that the expression or query names, with what they can be of.
std::vector<ColumnUse> column_uses(const Node& node);
Constraint constraint(const Node& node, const Source& source);
ColumnDefinition column_definition(const Node& node, const Source& source);
std::string role(const Node& role_spec);
ObjectKind object_kind(std::string_view type);

CreateTable create_table(const Node& node, const Source& source);
AlterTable alter_table(const Node& node, const Source& source);
Command command(std::string_view type, const Node& node, const Source& source);
// Sets needs_version and needs_because.
void find_needed_version(const Node& statement, ParsedStatement& out);

}  // namespace sluice::sql
