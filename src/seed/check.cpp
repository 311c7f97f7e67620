#include "seed/check.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <tuple>

#include "base/text.hpp"
#include "sql/statements.hpp"

namespace sluice::seed {

namespace {

struct NotKnown {};

Node make(Node::Kind kind, std::string name, std::vector<Node> parts = {}) {
  return {kind, std::move(name), {}, std::move(parts), -1};
}
Node constant(Value value) { return {Node::constant, "", std::move(value), {}, -1}; }

bool is_operator_sign(char c) { return std::string_view("<>=!~+-*/%|").find(c) != std::string_view::npos; }

// sql::tokens gives signs one by one, or together: they are joined here as PostgreSQL would.
std::vector<std::string> tokens_of(const std::string& text) {
  std::vector<std::string> out;
  bool joins = false;
  for (std::string token : sql::tokens(text)) {
    bool sign = token.size() == 1 && is_operator_sign(token[0]);
    if (joins && (sign || token == ":") && !out.empty() &&
        (is_operator_sign(out.back().back()) || (token == ":" && out.back() == ":")) && token != "-" && token != "+")
      out.back() += token;
    else
      out.push_back(token);
    joins = sign || token == ":";
  }
  return out;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : tokens_(tokens_of(text)) {}

  Node parse() {
    Node node = disjunction();
    if (at_ < tokens_.size()) throw NotKnown{};
    return node;
  }

 private:
  const std::string& peek(size_t ahead = 0) const {
    static const std::string end;
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : end;
  }
  bool take(const std::string& token) {
    if (peek() != token) return false;
    at_++;
    return true;
  }
  void expect(const std::string& token) {
    if (!take(token)) throw NotKnown{};
  }

  Node disjunction() {
    Node node = conjunction();
    while (take("or")) node = make(Node::op, "or", {node, conjunction()});
    return node;
  }
  Node conjunction() {
    Node node = negation();
    while (take("and")) node = make(Node::op, "and", {node, negation()});
    return node;
  }
  Node negation() { return take("not") ? make(Node::op, "not", {negation()}) : comparison(); }

  Node comparison() {
    Node left = sum();
    for (;;) {
      if (take("is")) {
        bool negated = take("not");
        if (take("null")) {
          left = make(Node::op, "is null", {left});
        } else if (take("true") || take("false")) {
          bool wanted = tokens_[at_ - 1] == "true";
          left = make(Node::op, wanted ? "is true" : "is false", {left});
        } else {
          throw NotKnown{};
        }
        if (negated) left = make(Node::op, "not", {left});
        continue;
      }
      bool negated =
          peek() == "not" && (peek(1) == "in" || peek(1) == "between" || peek(1) == "like" || peek(1) == "ilike");
      if (negated) at_++;
      if (take("in")) {
        expect("(");
        left = make(Node::op, "any", {left, items(")")});
        left.value.s = "=";
      } else if (take("between")) {
        Node low = sum();
        expect("and");
        Node high = sum();
        left = make(Node::op, "and", {make(Node::op, ">=", {left, low}), make(Node::op, "<=", {left, high})});
      } else if (take("like")) {
        left = make(Node::op, "~~", {left, sum()});
      } else if (take("ilike")) {
        left = make(Node::op, "~~*", {left, sum()});
      } else if (!negated && is_comparison(peek())) {
        std::string op = tokens_[at_++];
        if (peek() == "any" || peek() == "all") {
          std::string which = tokens_[at_++];
          expect("(");
          Node list = disjunction();
          expect(")");
          left = make(Node::op, which, {left, list});
          left.value.s = op;
        } else {
          left = make(Node::op, op == "!=" ? "<>" : op, {left, sum()});
        }
      } else {
        return left;
      }
      if (negated) left = make(Node::op, "not", {left});
    }
  }
  static bool is_comparison(const std::string& token) {
    static const std::vector<std::string> known{"=",  "<>", "!=",  "<",  "<=",  ">",   ">=",  "~",
                                                "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*"};
    return std::find(known.begin(), known.end(), token) != known.end();
  }

  Node sum() {
    Node node = product();
    while (peek() == "+" || peek() == "-" || peek() == "||") {
      std::string op = tokens_[at_++];
      node = make(Node::op, op, {node, product()});
    }
    return node;
  }
  Node product() {
    Node node = prefix();
    while (peek() == "*" || peek() == "/" || peek() == "%") {
      std::string op = tokens_[at_++];
      node = make(Node::op, op, {node, prefix()});
    }
    return node;
  }
  Node prefix() {
    if (take("-")) return make(Node::op, "-", {constant({Value::number, 0, ""}), prefix()});
    Node node = primary();
    while (take("::")) type();
    return node;
  }

  void type() {
    if (peek().empty()) throw NotKnown{};
    at_++;
    while (take(".")) at_++;
    for (bool more = true; more;) {
      more = false;
      for (const char* word : {"varying", "precision", "without", "with", "time", "zone"}) more = take(word) || more;
      if (peek() == "(") {
        while (at_ < tokens_.size() && peek() != ")") at_++;
        expect(")");
        more = true;
      }
    }
    while (take("[")) expect("]");
  }

  Node items(const std::string& end) {
    Node list = make(Node::list, "");
    while (!take(end)) {
      list.parts.push_back(disjunction());
      if (peek() != end) expect(",");
    }
    return list;
  }

  Node primary() {
    std::string token = peek();
    if (token.empty()) throw NotKnown{};
    at_++;
    if (token == "(") {
      Node node = disjunction();
      expect(")");
      return node;
    }
    if (token == "array") {
      expect("[");
      return items("]");
    }
    if (token == "true" || token == "false") return constant({Value::boolean, token == "true" ? 1.0 : 0.0, token});
    if (token == "null") return constant({Value::null, 0, ""});
    if (token[0] == '\'') {
      std::string text = text::replace_all(token.substr(1, token.size() - 2), "''", "'");
      return constant({Value::text, 0, text});
    }
    if (std::isdigit(static_cast<unsigned char>(token[0]))) {
      while (peek() == "." ||
             (!peek().empty() && tokens_[at_ - 1] == "." && std::isdigit(static_cast<unsigned char>(peek()[0]))))
        token += tokens_[at_++];
      return constant({Value::number, std::strtod(token.c_str(), nullptr), token});
    }
    bool quoted = token[0] == '"';
    if (!quoted && !std::isalpha(static_cast<unsigned char>(token[0])) && token[0] != '_') throw NotKnown{};
    if (token == "case" || token == "select" || token == "exists" || token == "row") throw NotKnown{};
    while (peek() == ".") {
      at_++;
      token = tokens_.at(at_++);
      quoted = token[0] == '"';
    }
    if (quoted) token = text::replace_all(token.substr(1, token.size() - 2), "\"\"", "\"");
    if (!take("(")) return make(Node::column, token);
    Node call = make(Node::call, token);
    call.parts = items(")").parts;
    return call;
  }

  std::vector<std::string> tokens_;
  size_t at_ = 0;
};

Value truth(bool value) { return {Value::boolean, value ? 1.0 : 0.0, value ? "true" : "false"}; }

std::optional<double> as_number(const Value& value) {
  if (value.kind == Value::number) return value.n;
  char* end = nullptr;
  double n = std::strtod(value.s.c_str(), &end);
  if (value.s.empty() || *end) return std::nullopt;
  return n;
}

// Compiled once: every row meets the same few patterns. Nothing if it is no pattern that is known here.
const std::regex* compiled(const std::string& text, bool like, bool any_case) {
  thread_local std::map<std::tuple<std::string, bool, bool>, std::optional<std::regex>> all;
  auto [place, fresh] = all.try_emplace({text, like, any_case});
  if (!fresh) return place->second ? &*place->second : nullptr;
  std::string pattern;
  for (char c : text) {
    if (!like)
      pattern += c;
    else if (c == '%')
      pattern += ".*";
    else if (c == '_' || std::isalnum(static_cast<unsigned char>(c)))
      pattern += c == '_' ? '.' : c;
    else
      pattern += {'\\', c};
  }
  try {
    place->second.emplace(pattern, any_case ? std::regex::ECMAScript | std::regex::icase : std::regex::ECMAScript);
  } catch (const std::regex_error&) {
    return nullptr;
  }
  return &*place->second;
}

Value compare(const std::string& op, const Value& a, const Value& b) {
  if (a.kind == Value::unknown || b.kind == Value::unknown) return {};
  if (a.kind == Value::null || b.kind == Value::null) return {Value::null, 0, ""};
  if (op.find('~') != std::string::npos) {
    bool negated = op[0] == '!', like = op.find("~~") != std::string::npos, any_case = op.ends_with('*');
    const std::regex* regex = compiled(b.s, like, any_case);
    if (!regex) return {};
    return truth((like ? std::regex_match(a.s, *regex) : std::regex_search(a.s, *regex)) != negated);
  }
  int order;
  std::optional<double> x, y;
  if ((a.kind == Value::number || b.kind == Value::number) && (x = as_number(a)) && (y = as_number(b)))
    order = *x < *y ? -1 : *x > *y;
  else
    order = a.s.compare(b.s);
  if (op == "=") return truth(order == 0);
  if (op == "<>" || op == "!=") return truth(order != 0);
  if (op == "<") return truth(order < 0);
  if (op == "<=") return truth(order <= 0);
  if (op == ">") return truth(order > 0);
  if (op == ">=") return truth(order >= 0);
  return {};
}

Value both(const Value& a, const Value& b, bool decisive) {  // AND: false decides, OR: true does
  auto is = [](const Value& v, bool wanted) { return v.kind == Value::boolean && (v.n != 0) == wanted; };
  if (is(a, decisive) || is(b, decisive)) return truth(decisive);
  if (a.kind == Value::unknown || b.kind == Value::unknown) return {};
  if (a.kind == Value::null || b.kind == Value::null) return {Value::null, 0, ""};
  return truth(!decisive);
}

size_t characters(const std::string& s) {
  return static_cast<size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Value call(const std::string& name, const std::vector<Value>& values) {
  if (name == "coalesce") {
    for (const Value& value : values)
      if (value.kind != Value::null) return value;
    return {Value::null, 0, ""};
  }
  if (name == "num_nonnulls" || name == "num_nulls") {
    double count = 0;
    for (const Value& value : values) count += (value.kind == Value::null) == (name == "num_nulls");
    return {Value::number, count, std::to_string(static_cast<int>(count))};
  }
  if (values.size() != 1 || values[0].kind == Value::unknown) return {};
  const Value& value = values[0];
  if (value.kind == Value::null) return value;
  if (name == "length" || name == "char_length" || name == "character_length")
    return {Value::number, static_cast<double>(characters(value.s)), std::to_string(characters(value.s))};
  if (name == "octet_length")
    return {Value::number, static_cast<double>(value.s.size()), std::to_string(value.s.size())};
  if (name == "lower") return {Value::text, 0, text::to_lower(value.s)};
  if (name == "upper") {
    std::string s = value.s;
    for (char& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return {Value::text, 0, s};
  }
  if (name == "trim" || name == "btrim") return {Value::text, 0, std::string(text::trim(value.s))};
  if (name == "abs") return {Value::number, std::fabs(as_number(value).value_or(0)), ""};
  return {};
}

Value operate(const Node& node, const std::function<Value(const Node&)>& row) {
  if (node.name == "any" || node.name == "all") {
    if (node.parts[1].kind != Node::list) return {};
    Value left = evaluate(node.parts[0], row);
    Value out = truth(node.name == "all");
    for (const Node& item : node.parts[1].parts)
      out = both(out, compare(node.value.s, left, evaluate(item, row)), node.name == "any");
    return out;
  }
  Value a = evaluate(node.parts[0], row);
  if (node.name == "is null") return a.kind == Value::unknown ? Value{} : truth(a.kind == Value::null);
  if (node.name == "is true" || node.name == "is false")
    return a.kind == Value::unknown ? Value{}
                                    : truth(a.kind == Value::boolean && (a.n != 0) == (node.name == "is true"));
  if (node.name == "not") return a.kind == Value::boolean ? truth(a.n == 0) : a;
  Value b = evaluate(node.parts[1], row);
  if (node.name == "and") return both(a, b, false);
  if (node.name == "or") return both(a, b, true);
  if (std::string_view("+-*/%").find(node.name) != std::string_view::npos || node.name == "||") {
    if (a.kind == Value::unknown || b.kind == Value::unknown) return {};
    if (a.kind == Value::null || b.kind == Value::null) return {Value::null, 0, ""};
    if (node.name == "||") return {Value::text, 0, a.s + b.s};
    std::optional<double> x = as_number(a), y = as_number(b);
    if (!x || !y) return {};
    if ((node.name == "/" || node.name == "%") && *y == 0) return {};
    double n = node.name == "+"   ? *x + *y
               : node.name == "-" ? *x - *y
               : node.name == "*" ? *x * *y
               : node.name == "/" ? *x / *y
                                  : std::fmod(*x, *y);
    return {Value::number, n, std::to_string(n)};
  }
  return compare(node.name, a, b);
}

}  // namespace

std::optional<Node> parse_check(const std::string& text) {
  try {
    return Parser(text).parse();
  } catch (const NotKnown&) {
    return std::nullopt;
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

std::vector<std::string> columns_in(const Node& node) {
  std::vector<std::string> out;
  if (node.kind == Node::column) out.push_back(node.name);
  for (const Node& part : node.parts)
    for (std::string& name : columns_in(part)) out.push_back(std::move(name));
  return out;
}

Value evaluate(const Node& node, const std::function<Value(const Node&)>& row) {
  switch (node.kind) {
    case Node::constant:
      return node.value;
    case Node::column:
      return row(node);
    case Node::list:
      return {};
    case Node::op:
      return operate(node, row);
    case Node::call: {
      std::vector<Value> values;
      for (const Node& part : node.parts) values.push_back(evaluate(part, row));
      return call(node.name, values);
    }
  }
  return {};
}

void find_limits(const Node& node, const std::function<Limits&(const std::string&)>& limits) {
  if (node.kind != Node::op) return;
  if (node.name == "and") {
    for (const Node& part : node.parts) find_limits(part, limits);
    return;
  }
  if (node.name == "or") {  // "x IS NULL OR …": the rest holds when x is there
    for (size_t i = 0; i < 2; i++)
      if (node.parts[i].kind == Node::op && node.parts[i].name == "is null") find_limits(node.parts[1 - i], limits);
    return;
  }
  if (node.parts.size() != 2) return;
  const Node *left = &node.parts[0], *right = &node.parts[1];
  std::string op = node.name;
  if (op == "any" && node.value.s == "=" && left->kind == Node::column && right->kind == Node::list) {
    std::vector<std::string> values;
    for (const Node& item : right->parts)
      if (item.kind == Node::constant) values.push_back(item.value.s);
    limits(left->name).among = values;
    return;
  }
  if (left->kind == Node::constant || (op == "<=" || op == "<")) {
    if (left->kind == Node::constant || (left->kind == Node::column && right->kind == Node::column)) {
      std::swap(left, right);
      op = op == "<" ? ">" : op == "<=" ? ">=" : op == ">" ? "<" : op == ">=" ? "<=" : op;
    }
  }
  if (left->kind == Node::column && right->kind == Node::column) {
    if (op == ">" || op == ">=") limits(left->name).after = right->name;
    return;
  }
  if (left->kind == Node::column && op.find('~') != std::string::npos) limits(left->name).pattern = true;
  Value value = evaluate(*right, [](const Node&) { return Value{}; });
  bool length = left->kind == Node::call && left->parts.size() == 1 && left->parts[0].kind == Node::column &&
                left->name.find("length") != std::string::npos;
  if (length && value.kind == Value::number) {
    Limits& limit = limits(left->parts[0].name);
    auto n = static_cast<size_t>(std::max(0.0, value.n));
    if (op == ">=" || op == "=") limit.shortest = std::max(limit.shortest, n);
    if (op == ">") limit.shortest = std::max(limit.shortest, n + 1);
    if (op == "<=" || op == "=") limit.longest = std::min(limit.longest, n);
    if (op == "<") limit.longest = std::min(limit.longest, n == 0 ? 0 : n - 1);
    return;
  }
  if (left->kind != Node::column) return;
  Limits& limit = limits(left->name);
  std::optional<double> n = value.kind == Value::number || value.kind == Value::text ? as_number(value) : std::nullopt;
  if (op == "=" && value.kind == Value::text) limit.among = {value.s};
  if (op == ">=" || op == ">" || op == "=") {
    if (n)
      limit.low = std::max(limit.low, *n);
    else if (value.kind == Value::text)
      limit.low_text = std::max(limit.low_text, value.s);
  }
  if (op == "<=" || op == "<" || op == "=") {
    if (n)
      limit.high = std::min(limit.high, *n);
    else if (value.kind == Value::text)
      limit.high_text = limit.high_text.empty() ? value.s : std::min(limit.high_text, value.s);
  }
}

}  // namespace sluice::seed
