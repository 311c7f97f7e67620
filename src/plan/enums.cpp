#include "plan/enums.hpp"

#include <algorithm>
#include <map>

#include "model/names.hpp"
#include "plan/render.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::vector<std::string> new_values(const diff::Altered<Enum>& change) {
  std::vector<std::string> out;
  for (const std::string& value : change.after.values)
    if (std::find(change.before.values.begin(), change.before.values.end(), value) == change.before.values.end())
      out.push_back(value);
  return out;
}

// Whether the statements of a migration say a new value of one enum.
class NewValueUse {
 public:
  NewValueUse(const diff::Altered<Enum>& change, const std::vector<const Column*>& columns)
      : change_(change), columns_(columns) {
    for (const std::string& value : new_values(change)) literals_.push_back(sql::literal(value));
  }

  bool in(const diff::Changes& changes, const Options& options) const {
    const auto& columns = diff::of<Column>(changes);
    for (const Column& column : columns.created)
      if (in_default(column) || in_generated(column)) return true;
    for (const auto& altered : columns.altered)
      if ((altered.has("default") && in_default(altered.after)) ||
          (altered.has("generated") && in_generated(altered.after)))
        return true;
    for (const auto& [column, value] : options.backfill)
      if (says_value(value)) return true;
    return any<Index>(changes, [&](const Index& index) { return in_index(index); }) ||
           any<Check>(changes, [&](const Check& check) { return in_text(check.expression); }) ||
           any<View>(changes, [&](const View& view) { return in_text(view.definition); }) ||
           any<Policy>(changes, [&](const Policy& policy) {
             return in_text(policy.using_expression) || in_text(policy.with_check);
           });
  }

 private:
  template <class Kind, class F>
  static bool any(const diff::Changes& changes, F&& uses) {
    const auto& kind = diff::of<Kind>(changes);
    return std::any_of(kind.created.begin(), kind.created.end(), uses) ||
           std::any_of(kind.altered.begin(), kind.altered.end(),
                       [&](const auto& change) { return uses(change.after); });
  }
  bool says_value(const std::string& text) const {
    return std::any_of(literals_.begin(), literals_.end(),
                       [&](const std::string& literal) { return text.find(literal) != std::string::npos; });
  }
  // A text that names neither the enum nor a column that has it says the same word about something else.
  bool in_text(const std::optional<std::string>& text) const {
    if (!text || !says_value(*text)) return false;
    Words words(*text);
    return words.has(change_.after.key.name) ||
           std::any_of(columns_.begin(), columns_.end(),
                       [&](const Column* column) { return words.has(column->key.name); });
  }
  bool in_default(const Column& column) const {
    return column.default_value && (has_type(column, change_.after.key) ? says_value(column.default_value->text)
                                                                        : in_text(column.default_value->text));
  }
  bool in_generated(const Column& column) const { return column.generated && in_text(column.generated->expression); }
  bool in_index(const Index& index) const {
    return in_text(index.where) ||
           std::any_of(index.columns.begin(), index.columns.end(),
                       [&](const IndexColumn& column) { return column.is_expression && in_text(column.expression); });
  }

  const diff::Altered<Enum>& change_;
  const std::vector<const Column*>& columns_;
  std::vector<std::string> literals_;
};

}  // namespace

bool kept_in_order(const diff::Altered<Enum>& change) {
  auto at = change.after.values.begin();
  for (const std::string& value : change.before.values) {
    at = std::find(at, change.after.values.end(), value);
    if (at == change.after.values.end()) return false;
    ++at;
  }
  return true;
}

bool has_type(const Column& column, const Key& enumeration) {
  return column.type_schema == enumeration.schema && column.type.substr(0, column.type.find('[')) == enumeration.name;
}

std::vector<const diff::Altered<Enum>*> to_recreate(const Schema& after, const diff::Changes& changes,
                                                    const Options& options) {
  std::vector<const diff::Altered<Enum>*> out;
  const auto& altered = diff::of<Enum>(changes).altered;
  if (altered.empty()) return out;
  std::map<Key, std::vector<const Column*>> columns;
  for (const Column& column : all<Column>(after))
    if (column.type_schema)
      columns[{*column.type_schema, "", column.type.substr(0, column.type.find('['))}].push_back(&column);
  for (const auto& change : altered)
    if (!kept_in_order(change) || NewValueUse(change, columns[change.after.key]).in(changes, options))
      out.push_back(&change);
  return out;
}

std::vector<Statement> add_values(const diff::Altered<Enum>& change) {
  std::vector<Statement> out;
  const std::vector<std::string>& values = change.after.values;
  for (const std::string& value : new_values(change)) {
    // Before the next old value; the last ones go to the end, in their order.
    auto next = std::find_if(std::find(values.begin(), values.end(), value), values.end(), [&](const std::string& v) {
      return std::find(change.before.values.begin(), change.before.values.end(), v) != change.before.values.end();
    });
    out.push_back({"ALTER TYPE " + full_name(change.after.key) + " ADD VALUE " + sql::literal(value) +
                   (next == values.end() ? "" : " BEFORE " + sql::literal(*next)) + ";"});
  }
  return out;
}

Key old_type(const Key& enumeration, const Schema& old) {
  Key key = enumeration;
  // A table is a type too.
  for (std::string suffix = "_old";; suffix += "_") {
    key.name = own_name(enumeration.name, suffix);
    if (!find<Enum>(old, key) && !find<Table>(old, key)) return key;
  }
}

std::string step_aside(const Key& enumeration, const Schema& old) {
  return "ALTER TYPE " + full_name(enumeration) + " RENAME TO " + sql::identifier(old_type(enumeration, old).name) +
         ";";
}

}  // namespace sluice::plan
