// Changes JSON as JSON: bytes alone nearly always give text that no parser takes. Values are copied to other places,
// names and texts exchanged, members removed; now and then libFuzzer changes bytes all the same.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

using Json = nlohmann::ordered_json;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void change(Json& root) {
    values_.clear();
    collect(root);
    Json& value = *values_[below(values_.size())];
    switch (below(5)) {
      case 0:
        value = Json(*values_[below(values_.size())]);
        break;
      case 1:
        if (Json* other = like(value)) std::swap(value, *other);
        break;
      case 2:
        if (Json* other = like(value)) value = Json(*other);
        break;
      case 3:
        if (!value.empty() && value.is_structured())
          value.erase(std::next(value.begin(), static_cast<long>(below(value.size()))));
        break;
      default:
        simple(value);
    }
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  void collect(Json& value) {
    values_.push_back(&value);
    if (value.is_structured())
      for (Json& child : value) collect(child);
  }

  // Another value of the same type that is not around or inside of this one: a text, a number, a boolean.
  Json* like(const Json& value) {
    if (value.is_structured()) return nullptr;
    std::vector<Json*> found;
    for (Json* other : values_)
      if (other != &value && other->type() == value.type()) found.push_back(other);
    return found.empty() ? nullptr : found[below(found.size())];
  }

  void simple(Json& value) {
    static const std::vector<Json> texts{"",
                                         "\"",
                                         "'",
                                         ".",
                                         "a\nb",
                                         "ü",
                                         "public",
                                         "text",
                                         "serial",
                                         "numeric(10, 2)[]",
                                         std::string(70, 'n'),
                                         "x'::text",
                                         "nextval('s')"};
    if (value.is_string()) {
      value = texts[below(texts.size())];
    } else if (value.is_boolean()) {
      value = !value.get<bool>();
    } else if (value.is_number()) {
      value = std::vector<Json>{0, -1, 1.5, 9223372036854775807}[below(4)];
    } else if (value.is_object() && !value.empty()) {
      // One more member, as one that is there, under the name of another.
      const Json member = std::next(value.begin(), static_cast<long>(below(value.size()))).value();
      value[texts[below(texts.size())].get<std::string>()] = member;
    } else if (value.is_array() && !value.empty()) {
      value.push_back(Json(value[below(value.size())]));
    }
  }

  std::mt19937 random_;
  std::vector<Json*> values_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  Json root = Json::parse(data, data + size, nullptr, false);
  if (root.is_discarded() || seed % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
  Mutator mutator(seed);
  for (unsigned i = 0; i <= seed / 8 % 4; i++) mutator.change(root);
  const std::string text = root.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}
