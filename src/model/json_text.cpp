#include "model/json_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sluice::model {

namespace {

constexpr int deepest = 500;

// The length of the character at the start, 0 if it is not one of UTF-8.
size_t character(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return follows(1) ? 2 : 0;
  if (first < 0xf0) {
    return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  }
  return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Stands as it is, in whatever way it is printed.
bool is_plain_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return !digits.empty() && digits.size() <= 15 && std::all_of(digits.begin(), digits.end(), is_digit) &&
         (digits[0] != '0' || text == "0");
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace

class JsonParser {
 public:
  JsonParser(std::string_view text, JsonDocument& into)
      : text_(text), nodes_(into.nodes_), unescaped_(into.unescaped_) {}

  void run() {
    nodes_.reserve(text_.size() / 16 + 1);
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    value(0);
    skip_space();
    if (at_ != text_.size()) fail("something after the end");
  }

 private:
  using Type = JsonValue::Type;

  [[noreturn]] void fail(const char* what) const { throw JsonError(what, at_); }

  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      at_++;
  }

  void value(int depth) {
    if (depth > deepest) fail("too deep");
    skip_space();
    const size_t node = nodes_.size(), start = at_;
    nodes_.emplace_back();
    Type type = Type::null;
    const char c = next();
    if (c == '"') {
      nodes_[node].text = string();
      nodes_[node].type = Type::string;
      return;
    }
    if (c == '{') {
      type = Type::object;
      members(depth);
    } else if (c == '[') {
      type = Type::array;
      elements(depth);
    } else if (c == '-' || is_digit(c)) {
      type = Type::number;
      number();
    } else if (word("true") || word("false")) {
      type = Type::boolean;
    } else if (!word("null")) {
      fail("no value");
    }
    nodes_[node] = {text_.substr(start, at_ - start), static_cast<unsigned>(nodes_.size() - node), type};
  }

  void members(int depth) {
    at_++;
    skip_space();
    if (next() == '}') {
      at_++;
      return;
    }
    for (;;) {
      skip_space();
      if (next() != '"') fail("no name of a member");
      const size_t node = nodes_.size();
      nodes_.emplace_back();
      nodes_[node].text = string();
      nodes_[node].type = Type::string;
      skip_space();
      if (next() != ':') fail("no colon");
      at_++;
      value(depth + 1);
      skip_space();
      if (next() == ',') {
        at_++;
      } else if (next() == '}') {
        at_++;
        return;
      } else {
        fail("neither a comma nor the end of the object");
      }
    }
  }

  void elements(int depth) {
    at_++;
    skip_space();
    if (next() == ']') {
      at_++;
      return;
    }
    for (;;) {
      value(depth + 1);
      skip_space();
      if (next() == ',') {
        at_++;
      } else if (next() == ']') {
        at_++;
        return;
      } else {
        fail("neither a comma nor the end of the list");
      }
    }
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  void digits() {
    if (!is_digit(next())) fail("no digit");
    while (is_digit(next())) at_++;
  }

  void number() {
    if (next() == '-') at_++;
    if (next() == '0') {
      at_++;
    } else {
      digits();
    }
    if (next() == '.') {
      at_++;
      digits();
    }
    if (next() == 'e' || next() == 'E') {
      at_++;
      if (next() == '+' || next() == '-') at_++;
      digits();
    }
  }

  std::string_view string() {
    const size_t start = ++at_;
    for (; at_ < text_.size(); at_++) {
      const char c = text_[at_];
      if (c == '"') return text_.substr(start, at_++ - start);
      if (c == '\\' || static_cast<unsigned char>(c) >= 0x80) break;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a text");
    }
    return careful_string(start);
  }

  // From the first place on that is not plain ASCII. If nothing is escaped, the text stands in the document.
  std::string_view careful_string(size_t start) {
    std::string content(text_.substr(start, at_ - start));
    bool escaped = false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        const size_t end = at_++;
        if (!escaped) return text_.substr(start, end - start);
        return unescaped_.emplace_back(std::move(content));
      }
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a text");
      if (c == '\\') {
        escaped = true;
        escape(content);
        continue;
      }
      const size_t length = character(text_.substr(at_));
      if (length == 0) fail("not UTF-8");
      content.append(text_.substr(at_, length));
      at_ += length;
    }
    fail("a text without end");
  }

  void escape(std::string& content) {
    static constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    at_++;
    const char c = next();
    if (c == 'u') {
      at_++;
      unsigned code = four_digits();
      if (code >= 0xdc00 && code < 0xe000) fail("half of a character");
      if (code >= 0xd800 && code < 0xdc00) {
        if (!word("\\u")) fail("half of a character");
        const unsigned low = four_digits();
        if (low < 0xdc00 || low >= 0xe000) fail("half of a character");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      }
      append_utf8(content, code);
      return;
    }
    const size_t known = at_ < text_.size() ? letters.find(c) : std::string_view::npos;
    if (known == std::string_view::npos) fail("an unknown escape");
    content += meanings[known];
    at_++;
  }

  unsigned four_digits() {
    unsigned code = 0;
    for (int i = 0; i < 4; i++, at_++) {
      const char c = next();
      const char lower = static_cast<char>(c | 0x20);
      if (is_digit(c)) {
        code = code * 16 + static_cast<unsigned>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        code = code * 16 + static_cast<unsigned>(lower - 'a' + 10);
      } else {
        fail("not a hexadecimal digit");
      }
    }
    return code;
  }

  std::string_view text_;
  std::vector<JsonValue::Node>& nodes_;
  std::deque<std::string>& unescaped_;
  size_t at_ = 0;
};

JsonDocument::JsonDocument(std::string_view text) { JsonParser(text, *this).run(); }

std::string JsonValue::normalized() const {
  if (is_number() && is_plain_integer(text())) return std::string(text());
  try {
    return nlohmann::ordered_json::parse(text()).dump();
  } catch (const nlohmann::json::exception& error) {  // a number that no type holds
    throw JsonError(error.what(), 0);
  }
}

void JsonPrinter::new_line() {
  out_ += '\n';
  out_.append(static_cast<size_t>(depth_) * 2, ' ');
}

void JsonPrinter::element() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!empty_) out_ += ',';
  empty_ = false;
  new_line();
}

void JsonPrinter::begin(char bracket) {
  element();
  out_ += bracket;
  depth_++;
  empty_ = true;
}

void JsonPrinter::end(char bracket) {
  depth_--;
  if (!empty_) new_line();
  out_ += bracket;
  empty_ = false;
}

void JsonPrinter::key(std::string_view name) {
  element();
  quoted(name);
  out_ += ": ";
  after_key_ = true;
}

void JsonPrinter::string(std::string_view text) {
  element();
  quoted(text);
}

void JsonPrinter::boolean(bool value) {
  element();
  out_ += value ? "true" : "false";
}

void JsonPrinter::json(std::string_view text) {
  element();
  if (text == "true" || text == "false" || is_plain_integer(text)) {
    out_ += text;
    return;
  }
  for (const char c :
       nlohmann::ordered_json::parse(text).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)) {
    if (c == '\n') {
      new_line();
    } else {
      out_ += c;
    }
  }
}

void JsonPrinter::quoted(std::string_view text) {
  if (!is_utf8(text)) {
    out_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return;
  }
  static constexpr std::string_view special = "\b\t\n\f\r\"\\", letters = "btnfr\"\\";
  out_ += '"';
  size_t from = 0;
  for (size_t at = 0; at < text.size(); at++) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out_.append(text.substr(from, at - from));
    from = at + 1;
    out_ += '\\';
    if (const size_t known = special.find(text[at]); known != std::string_view::npos) {
      out_ += letters[known];
    } else {
      out_ += "u00";
      out_ += "0123456789abcdef"[c >> 4];
      out_ += "0123456789abcdef"[c & 15];
    }
  }
  out_.append(text.substr(from));
  out_ += '"';
}

}  // namespace sluice::model
