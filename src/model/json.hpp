// JSON for the model: the conversions that fields() drives. Only .cpp files of `model` include it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/json_text.hpp"
#include "model/schema.hpp"

namespace sluice::model {

// Reads the members of one JSON object into the fields of a kind. Knows its way from the root, for messages; the
// readers above it must outlive it.
class FieldReader {
 public:
  explicit FieldReader(JsonValue object) : object_(object) {
    if (!object_.is_object()) fail("", "an object");
  }
  FieldReader(JsonValue object, const FieldReader& above, std::string_view list, std::string_view name)
      : object_(object), above_(&above), list_(list), name_(name) {
    if (!object_.is_object()) fail("", "an object");
  }

  template <class T>
  void operator()(const char* name, T& field) const {
    if (name[0] == '_') return;
    if (const std::optional<JsonValue> value = member(name)) read(name, *value, field);
  }
  // .default(null) is a default, to drizzle.
  void operator()(const char* name, std::optional<Literal>& field) const {
    if (name[0] == '_') return;
    const JsonValue::Node* found = object_.any_member(name);
    if (found == nullptr) return;
    if (const JsonValue value(found); value.is_null())
      field = Literal{"null", false};
    else
      read(name, value, field);
  }

  std::optional<JsonValue> member(std::string_view name) const {
    const JsonValue::Node* found = object_.member(name);
    return found == nullptr ? std::nullopt : std::optional<JsonValue>(JsonValue(found));
  }
  std::string text(const char* name) const {
    const std::optional<JsonValue> value = member(name);
    if (!value || !value->is_string()) fail(name, "a text");
    return std::string(value->text());
  }

  [[noreturn]] void fail(const std::string& name, const std::string& expected) const {
    const std::string here = path();
    throw Error(here + (name.empty() || here.empty() ? "" : ".") + name + " is not " + expected);
  }

 private:
  std::string path() const {
    if (above_ == nullptr) return "";
    std::string result = above_->path();
    for (const std::string_view part : {list_, name_})
      if (!part.empty()) (result += result.empty() ? "" : ".") += part;
    return result;
  }

  void read(const char* name, JsonValue value, std::string& field) const {
    // Old versions of drizzle-kit wrote the numbers of sequences as numbers.
    if (value.is_number()) {
      field = value.normalized();
    } else if (value.is_string()) {
      field = value.text();
    } else {
      fail(name, "a text");
    }
  }
  void read(const char* name, JsonValue value, bool& field) const {
    if (!value.is_boolean()) fail(name, "true or false");
    field = value.truth();
  }
  void read(const char* name, JsonValue value, Literal& field) const {
    if (value.is_string()) {
      field = {std::string(value.text()), true};
    } else if (value.is_boolean()) {
      field = {std::string(value.text()), false};
    } else if (!value.is_null()) {
      // drizzle-kit writes the default of a point as a list of numbers.
      field = {value.normalized(), false};
    } else {
      fail(name, "a text, a number or a boolean");
    }
  }
  void read(const char* name, JsonValue value, Generated& field) const { read_object(name, value, field); }
  void read(const char* name, JsonValue value, Identity& field) const { read_object(name, value, field); }
  void read(const char* name, JsonValue value, Options& field) const {
    if (!value.is_object()) fail(name, "an object");
    value.each_member([&](std::string_view key, JsonValue item) {
      Literal literal;
      read(std::string(key).c_str(), item, literal);
      field.emplace_back(key, literal);
    });
  }
  void read(const char* name, JsonValue value, std::vector<std::string>& field) const {
    if (!value.is_array()) fail(name, "a list");
    value.each_element([&](JsonValue item) {
      if (!item.is_string()) fail(name, "a list of texts");
      field.emplace_back(item.text());
    });
  }
  void read(const char* name, JsonValue value, std::vector<IndexColumn>& field) const {
    if (!value.is_array()) fail(name, "a list");
    value.each_element([&](JsonValue item) {
      if (item.is_string()) {  // version 6 and older: the column's name only
        field.push_back({std::string(item.text()), false, true, "last", std::nullopt});
        return;
      }
      const FieldReader reader(item, *this, name, "");
      IndexColumn column;
      reader("expression", column.expression);
      reader("isExpression", column.is_expression);
      reader("asc", column.ascending);
      reader("nulls", column.nulls);
      reader("opClass", column.opclass);  // as `up` from version 6 misspells it
      reader("opclass", column.opclass);
      field.push_back(std::move(column));
    });
  }
  template <class T>
  void read(const char* name, JsonValue value, std::optional<T>& field) const {
    read(name, value, field.emplace());
  }
  template <class T>
  void read_object(const char* name, JsonValue value, T& field) const {
    T::fields(field, FieldReader(value, *this, name, ""));
  }

  JsonValue object_;
  const FieldReader* above_ = nullptr;
  std::string_view list_, name_;  // where it stands in the reader above: in its member `list_`, under `name_`
};

// Prints the fields of a kind as members of the object that is open. What is absent (undefined in JavaScript) is left
// out, and so is what drizzle has no word for.
class FieldWriter {
 public:
  explicit FieldWriter(JsonPrinter& out) : out_(out) {}

  template <class T>
  void operator()(const char* name, const T& field) const {
    if (name[0] == '_') return;
    out_.key(name);
    write(field);
  }
  template <class T>
  void operator()(const char* name, const std::optional<T>& field) const {
    if (field) (*this)(name, *field);
  }

 private:
  void write(const std::string& field) const { out_.string(field); }
  void write(bool field) const { out_.boolean(field); }
  void write(const Literal& field) const {
    if (field.is_string) {
      out_.string(field.text);
    } else {
      out_.json(field.text);
    }
  }
  void write(const std::vector<std::string>& field) const {
    out_.begin_array();
    for (const std::string& item : field) out_.string(item);
    out_.end_array();
  }
  void write(const Options& field) const {
    out_.begin_object();
    for (const auto& [key, value] : field) {
      out_.key(key);
      write(value);
    }
    out_.end_object();
  }
  void write(const std::vector<IndexColumn>& field) const {
    out_.begin_array();
    for (const IndexColumn& column : field) {
      out_.begin_object();
      (*this)("expression", column.expression);
      // drizzle-kit builds the two forms in two places, with another order of the keys.
      if (column.is_expression) {
        (*this)("asc", column.ascending);
        (*this)("isExpression", true);
        (*this)("nulls", column.nulls);
      } else {
        (*this)("isExpression", false);
        (*this)("asc", column.ascending);
        (*this)("nulls", column.nulls);
        (*this)("opclass", column.opclass);
      }
      out_.end_object();
    }
    out_.end_array();
  }
  template <class T>
  requires requires(const T& t) {
    T::fields(t, [](const char*, const auto&) {});
  }
  void write(const T& field) const {
    out_.begin_object();
    T::fields(field, *this);
    out_.end_object();
  }

  JsonPrinter& out_;
};

}  // namespace sluice::model
