// Goes through the tokens of a statement.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::apply {

class TokenReader {
 public:
  explicit TokenReader(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  bool skip(std::string_view word) {
    if (at_ >= tokens_.size() || tokens_[at_] != word) return false;
    at_++;
    return true;
  }
  bool done() const { return at_ >= tokens_.size(); }
  bool at(std::string_view word) const { return at_ < tokens_.size() && tokens_[at_] == word; }
  void skip_if_exists() {
    if (!skip("if")) return;
    skip("not");
    skip("exists");
  }
  // A name, qualified or not.
  std::string name() {
    std::string out;
    while (at_ < tokens_.size()) {
      out += tokens_[at_++];
      if (!at(".")) break;
      out += tokens_[at_++];
    }
    return out;
  }
  // Goes behind the next comma that stands outside of brackets. False if there is none.
  bool next_of_list() {
    for (int depth = 0; at_ < tokens_.size(); at_++) {
      if (tokens_[at_] == "(") depth++;
      if (tokens_[at_] == ")") depth--;
      if (tokens_[at_] == "," && depth == 0) {
        at_++;
        return true;
      }
    }
    return false;
  }
  // Goes behind the next such word. False if there is none.
  bool find(std::string_view word) {
    auto found = std::find(tokens_.begin() + static_cast<std::ptrdiff_t>(at_), tokens_.end(), word);
    if (found == tokens_.end()) return false;
    at_ = static_cast<size_t>(found - tokens_.begin()) + 1;
    return true;
  }

 private:
  std::vector<std::string> tokens_;
  size_t at_ = 0;
};

}  // namespace sluice::apply
