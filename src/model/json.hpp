// JSON for the model: an ordered JSON type, and the conversions that fields() drives. Only .cpp files of `model`
// include it.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hpp"
#include "model/schema.hpp"

namespace sluice::model {

// An object that keeps the order of its keys and appends without looking for a duplicate: a snapshot of 5,000 tables
// has an object of 5,000 keys, where nlohmann's own ordered map would compare each key with all before it.
template <class K, class T, class Ignored = std::less<K>, class Allocator = std::allocator<std::pair<const K, T>>>
struct AppendMap : nlohmann::ordered_map<K, T, Ignored, Allocator> {
  using Base = nlohmann::ordered_map<K, T, Ignored, Allocator>;
  using Base::Base;
  using typename Base::Container;

  std::pair<typename Base::iterator, bool> emplace(const K& key, T&& value) {
    if (this->size() == this->capacity()) grow();
    Container::emplace_back(key, std::move(value));
    return {std::prev(this->end()), true};
  }
  T& operator[](const K& key) { return emplace(key, T{}).first->second; }

 private:
  // The keys are const, so that a growing vector would copy its elements with all that is in them.
  void grow() {
    Container larger;
    larger.reserve(std::max<size_t>(4, 2 * this->size()));
    for (auto& [key, value] : static_cast<Container&>(*this)) larger.emplace_back(key, std::move(value));
    Container::swap(larger);
  }
};

using Json = nlohmann::basic_json<AppendMap>;

// Reads the members of one JSON object into the fields of a kind. `path` names the object in messages.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string path) : object_(object), path_(std::move(path)) {
    if (!object_.is_object()) fail("", "an object");
  }

  template <class T>
  void operator()(const char* name, T& field) {
    if (const Json* value = member(name)) read(name, *value, field);
  }

  const Json* member(const char* name) const {
    auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  std::string text(const char* name) const {
    const Json* value = member(name);
    if (!value || !value->is_string()) fail(name, "a text");
    return value->get<std::string>();
  }
  const std::string& path() const { return path_; }

  [[noreturn]] void fail(const std::string& name, const std::string& expected) const {
    throw Error(path_ + (name.empty() ? "" : (path_.empty() ? "" : ".") + name) + " is not " + expected);
  }

 private:
  void read(const char* name, const Json& value, std::string& field) {
    // Old versions of drizzle-kit wrote the numbers of sequences as numbers.
    if (value.is_number()) {
      field = value.dump();
    } else if (value.is_string()) {
      field = value.get_ref<const std::string&>();
    } else {
      fail(name, "a text");
    }
  }
  void read(const char* name, const Json& value, bool& field) {
    if (!value.is_boolean()) fail(name, "true or false");
    field = value.get<bool>();
  }
  void read(const char* name, const Json& value, Literal& field) {
    if (value.is_string()) {
      field = {value.get<std::string>(), true};
    } else if (value.is_number() || value.is_boolean() || value.is_structured()) {
      // drizzle-kit writes the default of a point as a list of numbers.
      field = {value.dump(), false};
    } else {
      fail(name, "a text, a number or a boolean");
    }
  }
  void read(const char* name, const Json& value, Generated& field) { read_object(name, value, field); }
  void read(const char* name, const Json& value, Identity& field) { read_object(name, value, field); }
  void read(const char* name, const Json& value, Options& field) {
    if (!value.is_object()) fail(name, "an object");
    for (const auto& [key, item] : value.items()) {
      Literal literal;
      read(key.c_str(), item, literal);
      field.emplace_back(key, literal);
    }
  }
  void read(const char* name, const Json& value, std::vector<std::string>& field) {
    if (!value.is_array()) fail(name, "a list");
    for (const Json& item : value) {
      if (!item.is_string()) fail(name, "a list of texts");
      field.push_back(item.get<std::string>());
    }
  }
  void read(const char* name, const Json& value, std::vector<IndexColumn>& field) {
    if (!value.is_array()) fail(name, "a list");
    for (const Json& item : value) {
      if (item.is_string()) {  // version 6 and older: the column's name only
        field.push_back({item.get<std::string>(), false, true, "last", std::nullopt});
        continue;
      }
      FieldReader reader(item, path_ + "." + name);
      IndexColumn column;
      reader("expression", column.expression);
      reader("isExpression", column.is_expression);
      reader("asc", column.ascending);
      reader("nulls", column.nulls);
      reader("opClass", column.opclass);  // as `up` from version 6 misspells it
      reader("opclass", column.opclass);
      field.push_back(column);
    }
  }
  template <class T>
  void read(const char* name, const Json& value, std::optional<T>& field) {
    read(name, value, field.emplace());
  }
  template <class T>
  void read_object(const char* name, const Json& value, T& field) {
    FieldReader reader(value, path_ + "." + name);
    T::fields(field, reader);
  }

  const Json& object_;
  std::string path_;
};

// Writes the fields of a kind as members of one JSON object. What is absent (undefined in JavaScript) is left out.
class FieldWriter {
 public:
  explicit FieldWriter(Json& object) : object_(object) {}

  template <class T>
  void operator()(const char* name, const T& field) {
    object_[name] = write(field);
  }
  template <class T>
  void operator()(const char* name, const std::optional<T>& field) {
    if (field) object_[name] = write(*field);
  }

 private:
  static Json write(const std::string& field) { return field; }
  static Json write(bool field) { return field; }
  static Json write(const Literal& field) { return field.is_string ? Json(field.text) : Json::parse(field.text); }
  static Json write(const std::vector<std::string>& field) {
    Json list = Json::array();
    for (const std::string& item : field) list.push_back(item);
    return list;
  }
  static Json write(const Options& field) {
    Json object = Json::object();
    for (const auto& [key, value] : field) object[key] = write(value);
    return object;
  }
  static Json write(const std::vector<IndexColumn>& field) {
    Json list = Json::array();
    for (const IndexColumn& column : field) {
      Json object = Json::object();
      object["expression"] = column.expression;
      // drizzle-kit builds the two forms in two places, with another order of the keys.
      if (column.is_expression) {
        object["asc"] = column.ascending;
        object["isExpression"] = true;
        object["nulls"] = column.nulls;
      } else {
        object["isExpression"] = false;
        object["asc"] = column.ascending;
        object["nulls"] = column.nulls;
        if (column.opclass) object["opclass"] = *column.opclass;
      }
      list.push_back(std::move(object));
    }
    return list;
  }
  template <class T>
  requires requires(const T& t) {
    T::fields(t, [](const char*, const auto&) {});
  }
  static Json write(const T& field) {
    Json object = Json::object();
    T::fields(field, FieldWriter(object));
    return object;
  }

  Json& object_;
};

}  // namespace sluice::model
