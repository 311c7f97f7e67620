#include "read/catalog/spelling.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::read {

namespace {

constexpr std::string_view number_types[] = {"smallint", "integer", "bigint", "real", "double precision"};

bool is_number_type(std::string_view type) {
  return std::find(std::begin(number_types), std::end(number_types), type) != std::end(number_types);
}

// A number that JavaScript prints in the same way.
bool is_plain_number(std::string_view s) {
  size_t i = s.starts_with('-') ? 1 : 0, start = i;
  while (i < s.size() && std::isdigit(static_cast<unsigned char>(s[i]))) i++;
  if (i == start || i - start > 15 || (s[start] == '0' && i - start > 1) || s == "-0") return false;
  if (i == s.size()) return true;
  if (s[i] != '.' || s.size() - start > 16) return false;
  if (s.substr(start).starts_with("0.000000")) return false;  // 1e-7
  return i + 1 < s.size() && s.back() != '0' &&
         std::all_of(s.begin() + static_cast<long>(i) + 1, s.end(), [](unsigned char c) { return std::isdigit(c); });
}

// "integer(3)[]" → "integer"; "timestamp(3) with time zone" → "timestamp with time zone"
std::string without_modifier(std::string_view type) {
  std::string out(type.substr(0, type.find('[')));
  if (size_t open = out.find('('); open != std::string::npos) {
    size_t close = out.find(')', open);
    if (close != std::string::npos) out.erase(open, close - open + 1);
  }
  return std::string(text::trim(out));
}

std::string last_part(std::string_view name) {
  if (size_t dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
  if (name.size() > 1 && name.front() == '"' && name.back() == '"')
    return text::replace_all(std::string(name.substr(1, name.size() - 2)), "\"\"", "\"");
  return std::string(name);
}

// The cast that PostgreSQL puts behind a literal says no more than the column's type does.
bool is_cast_to(std::string_view cast, std::string_view type) {
  auto is_list = [](std::string_view t) { return t.find('[') != std::string_view::npos; };
  if (is_list(cast) != is_list(type)) return false;
  std::string from = without_modifier(spelled_type(cast)), to = without_modifier(type);
  if (from == "bpchar" && to == "char") return true;
  return from == to || last_part(from) == to;
}

// drizzle leaves single quotes inside of JSON and lists as they are, unless that would look as if they were doubled.
std::string loosely(const std::string& value) {
  bool all_even = value.find('\'') != std::string::npos;
  for (size_t at = value.find('\''); at != std::string::npos;) {
    size_t end = value.find_first_not_of('\'', at);
    if (end == std::string::npos) end = value.size();
    if ((end - at) % 2 == 1) all_even = false;
    at = value.find('\'', end);
  }
  return all_even ? sql::literal(value) : "'" + value + "'";
}

std::string in_array_quotes(const std::string& value) {
  std::string out = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string compact_json(const std::string& value) {
  auto json = nlohmann::ordered_json::parse(value, nullptr, false);
  return json.is_discarded() ? value : json.dump();
}

// The inside of an array literal as drizzle prints it: texts in double quotes, numbers and booleans bare.
class ArrayPrinter {
 public:
  ArrayPrinter(std::string_view text, std::string element) : text_(text), element_(std::move(element)) {}

  std::optional<std::string> print() {
    std::string out = list();
    return broken_ || at_ != text_.size() ? std::nullopt : std::optional(out);
  }

 private:
  std::string list() {
    std::string out = "{";
    if (!take('{')) return fail();
    if (take('}')) return "{}";
    do {
      if (out.size() > 1) out += ',';
      out += peek() == '{' ? list() : element();
    } while (!broken_ && take(','));
    return take('}') ? out + "}" : fail();
  }
  std::string element() {
    std::string value;
    if (take('"')) {
      while (at_ < text_.size() && text_[at_] != '"') {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) at_++;
        value += text_[at_++];
      }
      return take('"') ? spelled(value) : fail();
    }
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') value += text_[at_++];
    return value == "NULL" ? value : spelled(value);
  }
  std::string spelled(const std::string& value) const {
    if (element_ == "boolean") return value == "t" ? "true" : "false";
    if (is_number_type(element_)) return value;
    return in_array_quotes(element_ == "jsonb" ? compact_json(value) : value);
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    at_++;
    return true;
  }
  std::string fail() {
    broken_ = true;
    return "";
  }

  std::string_view text_;
  std::string element_;
  size_t at_ = 0;
  bool broken_ = false;
};

}  // namespace

std::string spelled_type(std::string_view given) {
  std::string type(given);
  auto starts = [&](std::string_view word, std::string_view instead) {
    if (!type.starts_with(word)) return false;
    char next = type.size() > word.size() ? type[word.size()] : '\0';
    if (next != '\0' && next != '(' && next != '[') return false;
    type.replace(0, word.size(), instead);
    return true;
  };
  if (starts("character varying", "varchar") || starts("character", "char")) return type;
  if (starts("numeric", "numeric")) {
    type = text::replace_all(type, ",0)", ")");
    return text::replace_all(type, ",", ", ");
  }
  if (size_t at = type.find(" without time zone"); at != std::string::npos)
    return type.erase(at, std::string_view(" without time zone").size());
  if (type.starts_with("geometry(Point)")) return "geometry(point)" + type.substr(15);
  return type;
}

std::optional<TextLiteral> text_literal(std::string_view sql) {
  bool escapes = sql.starts_with("E'");
  if (!escapes && !sql.starts_with('\'')) return std::nullopt;
  TextLiteral out{"", escapes ? 2u : 1u};
  for (size_t& i = out.end; i < sql.size(); i++) {
    if (sql[i] == '\'') {
      if (i + 1 >= sql.size() || sql[i + 1] != '\'') {
        i++;
        return out;
      }
      i++;
    } else if (escapes && sql[i] == '\\') {
      // PostgreSQL writes E'' only to double backslashes.
      i++;
      if (i >= sql.size()) return std::nullopt;
    }
    out.value += sql[i];
  }
  return std::nullopt;
}

std::optional<model::Literal> spelled_default(const std::string& expression, const std::string& type) {
  std::string base = without_modifier(type);
  bool is_list = type.find('[') != std::string::npos;
  if (expression == "true" || expression == "false") return model::Literal{expression, type != "boolean"};
  if (expression.starts_with("NULL::")) return std::nullopt;
  // numeric has more digits than a number of JavaScript: drizzle writes it as text.
  if (base == "numeric" && !is_list && !expression.empty() &&
      expression.find_first_not_of("0123456789.") == std::string::npos)
    return model::Literal{sql::literal(expression)};
  if (is_plain_number(expression)) return model::Literal{expression, !is_number_type(base)};
  if (std::optional<TextLiteral> literal = text_literal(expression)) {
    std::string_view rest = std::string_view(expression).substr(literal->end);
    bool plain = rest.empty() || (rest.starts_with("::") && is_cast_to(rest.substr(2), type));
    if (!plain) return model::Literal{expression};
    if (is_list) {
      if (std::optional<std::string> list = ArrayPrinter(literal->value, base).print())
        return model::Literal{loosely(*list)};
      return model::Literal{sql::literal(literal->value)};
    }
    if (is_number_type(base) && is_plain_number(literal->value)) return model::Literal{literal->value, false};
    if (base == "json" || base == "jsonb")
      return model::Literal{loosely(base == "jsonb" ? compact_json(literal->value) : literal->value) + "::" + base};
    return model::Literal{sql::literal(literal->value)};
  }
  return model::Literal{expression};
}

}  // namespace sluice::read
