// JSON as text: taken apart for reading, and printed as it is said. A snapshot of 500 tables is two megabytes; to make
// a tree of maps and strings of it took three times as long as this, and as much again to print one.
#pragma once

#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::model {

struct JsonError : std::runtime_error {
  JsonError(const std::string& what, size_t at) : std::runtime_error(what), offset(at) {}
  size_t offset;  // in the text; its size if it ends too early
};

// A value of a JsonDocument: valid as long as that is.
class JsonValue {
 public:
  enum class Type : unsigned char { null, boolean, number, string, array, object };
  struct Node {
    std::string_view text;  // of a string its content, of everything else as it stands in the document
    unsigned nodes = 1;     // this one and all inside: the next value stands so many further on
    Type type = Type::null;
  };

  explicit JsonValue(const Node* node) : node_(node) {}

  bool is_null() const { return node_->type == Type::null; }
  bool is_boolean() const { return node_->type == Type::boolean; }
  bool is_number() const { return node_->type == Type::number; }
  bool is_string() const { return node_->type == Type::string; }
  bool is_array() const { return node_->type == Type::array; }
  bool is_object() const { return node_->type == Type::object; }

  std::string_view text() const { return node_->text; }
  bool truth() const { return node_->text == "true"; }
  // In one form whatever the spaces and zeros were: "1.5", "[1,2]". Throws JsonError if no type holds a number.
  std::string normalized() const;

  // Calls visit(value) for each element, or visit(key, value) for each member, in their order.
  template <class Visit>
  void each_element(Visit&& visit) const {
    for (const Node* at = node_ + 1; at != node_ + node_->nodes; at += at->nodes) visit(JsonValue(at));
  }
  template <class Visit>
  void each_member(Visit&& visit) const {
    for (const Node* at = node_ + 1; at != node_ + node_->nodes; at += 1 + at[1].nodes)
      visit(at->text, JsonValue(at + 1));
  }
  // The first member of that name; null and nothing are the same.
  const Node* member(std::string_view name) const {
    const Node* found = any_member(name);
    return found != nullptr && found->type == Type::null ? nullptr : found;
  }
  // The same, where null is a value.
  const Node* any_member(std::string_view name) const {
    for (const Node* at = node_ + 1; at != node_ + node_->nodes; at += 1 + at[1].nodes)
      if (at->text == name) return at + 1;
    return nullptr;
  }

 private:
  const Node* node_;
};

// Strict: RFC 8259 in UTF-8, at most 500 levels deep. Keeps views of `text`. Throws JsonError.
class JsonDocument {
 public:
  explicit JsonDocument(std::string_view text);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  JsonValue root() const { return JsonValue(nodes_.data()); }

 private:
  friend class JsonParser;
  std::vector<JsonValue::Node> nodes_;
  std::deque<std::string> unescaped_;
};

// Prints like JSON.stringify(value, null, 2).
class JsonPrinter {
 public:
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  // The name of the next member.
  void key(std::string_view name);
  void string(std::string_view text);
  void boolean(bool value);
  // A value that is JSON already.
  void json(std::string_view text);

  std::string take() { return std::move(out_); }

 private:
  void begin(char bracket);
  void end(char bracket);
  void element();  // what stands before a value in a list
  void new_line();
  void quoted(std::string_view text);

  std::string out_;
  int depth_ = 0;
  bool empty_ = true, after_key_ = false;
};

}  // namespace sluice::model
