// CHECK expressions, as PostgreSQL prints them: read, evaluated for a row, and searched for the limits that they put on
// a single column. Private to this room.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sluice::seed {

struct Value {
  enum Kind { unknown, null, boolean, number, text } kind = unknown;
  double n = 0;  // also a boolean's
  std::string s;
};

struct Node {
  enum Kind { constant, column, call, list, op } kind = constant;
  std::string name;  // of the column, function or operator
  Value value;
  std::vector<Node> parts;
  int place = -1;  // of a column, among the table's: set by whoever evaluates
};

// Nothing if it has words that are not known here.
std::optional<Node> parse_check(const std::string& text);

// The columns that it reads.
std::vector<std::string> columns_in(const Node& node);
Value evaluate(const Node& node, const std::function<Value(const Node& column)>& row);

// What an expression, ANDed with others, says about one column.
struct Limits {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  std::vector<std::string> among;  // one of these
  size_t shortest = 0, longest = std::string::npos;
  bool pattern = false;             // a regular expression or LIKE is applied to it
  std::string low_text, high_text;  // limits that are no numbers: dates
  std::string after;                // a column that it is not less than
};
void find_limits(const Node& node, const std::function<Limits&(const std::string& column)>& limits);

}  // namespace sluice::seed
