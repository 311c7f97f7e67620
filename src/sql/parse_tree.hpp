// The parse tree as the parser prints it: JSON, read into nodes that point into its text. Only parse*.cpp use it.
#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace sluice::sql {

struct Node {
  enum class Kind : unsigned char { nothing, scalar, text, list, object };
  Kind kind = Kind::nothing;
  std::string_view key;   // in an object
  std::string_view text;  // of a text or scalar
  const Node* first = nullptr;
  const Node* next = nullptr;

  explicit operator bool() const { return kind != Kind::nothing; }
  // The member of that name, or a node that is nothing: so that chains need no checks.
  const Node& operator[](std::string_view name) const;
  // What stands in a wrapper of one member, {"CreateStmt": {…}}, and the name of it.
  const Node& inner() const { return first ? *first : nothing(); }
  std::string_view type() const { return first ? first->key : std::string_view(); }
  std::string str() const { return std::string(text); }
  bool is_true() const { return kind == Kind::scalar && text == "true"; }
  int number() const;
  bool empty() const { return first == nullptr; }

  class Iterator {
   public:
    explicit Iterator(const Node* node) : node_(node) {}
    const Node& operator*() const { return *node_; }
    Iterator& operator++() {
      node_ = node_->next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return node_ != other.node_; }

   private:
    const Node* node_;
  };
  Iterator begin() const { return Iterator(first); }
  Iterator end() const { return Iterator(nullptr); }
  static const Node& nothing();
};

class Tree {
 public:
  // Throws Error if it is not JSON, which the parser never gives.
  explicit Tree(std::string json);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  const Node& root() const { return nodes_.front(); }

 private:
  std::string_view unescaped(size_t& at);

  std::string json_;
  std::deque<Node> nodes_;
};

}  // namespace sluice::sql
