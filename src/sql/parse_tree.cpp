#include "sql/parse_tree.hpp"

#include <charconv>
#include <vector>

#include "base/error.hpp"

namespace sluice::sql {

const Node& Node::nothing() {
  static const Node node;
  return node;
}

const Node& Node::operator[](std::string_view name) const {
  if (kind == Kind::object)
    for (const Node& member : *this)
      if (member.key == name) return member;
  return nothing();
}

int Node::number() const {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The text that begins after the quote at `at`, its escapes replaced in place; `at` ends after the closing quote.
std::string_view Tree::unescaped(size_t& at) {
  const size_t begin = at;
  size_t end = at;
  while (at < json_.size() && json_[at] != '"') {
    if (json_[at] != '\\') {
      json_[end++] = json_[at++];
      continue;
    }
    const char c = at + 1 < json_.size() ? json_[at + 1] : '\0';
    at += 2;
    if (c == 'u' && at + 4 <= json_.size()) {  // control characters only: the parser writes UTF-8 as it is
      int code = 0;
      std::from_chars(json_.data() + at, json_.data() + at + 4, code, 16);
      at += 4;
      json_[end++] = static_cast<char>(code & 0x7f);
    } else {
      json_[end++] = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
    }
  }
  at++;
  return std::string_view(json_).substr(begin, end - begin);
}

// Without recursion: a nested statement gives a deeply nested tree.
Tree::Tree(std::string json) : json_(std::move(json)) {
  struct Open {
    Node* node;
    Node* last;
  };
  std::vector<Open> open;
  std::string_view key;
  bool has_key = false;
  auto add = [&](Node::Kind kind, std::string_view text) {
    Node& node = nodes_.emplace_back();
    node.kind = kind;
    node.text = text;
    if (has_key) node.key = key, has_key = false;
    if (!open.empty()) {
      if (open.back().last)
        open.back().last->next = &node;
      else
        open.back().node->first = &node;
      open.back().last = &node;
    }
    return &node;
  };
  for (size_t at = 0; at < json_.size();) {
    const char c = json_[at];
    if (c == '{' || c == '[') {
      Node* node = add(c == '{' ? Node::Kind::object : Node::Kind::list, {});
      open.push_back({node, nullptr});
      at++;
    } else if (c == '}' || c == ']') {
      if (open.empty()) break;
      open.pop_back();
      at++;
    } else if (c == '"') {
      std::string_view text = unescaped(++at);
      bool names = !open.empty() && open.back().node->kind == Node::Kind::object && !has_key;
      if (names)
        key = text, has_key = true;
      else
        add(Node::Kind::text, text);
    } else if (c == ':' || c == ',' || c == ' ' || c == '\n') {
      at++;
    } else {
      const size_t end = std::min(json_.find_first_of(",}] \n", at), json_.size());
      add(Node::Kind::scalar, std::string_view(json_).substr(at, end - at));
      at = end;
    }
  }
  if (nodes_.empty() || !open.empty()) throw Error("the SQL parser's answer cannot be read");
}

}  // namespace sluice::sql
