#include "plan/enums.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plan/render.hpp"

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

bool kept_in_order(const diff::Altered<Enum>& change) {
  auto at = change.after.values.begin();
  for (const std::string& value : change.before.values) {
    at = std::find(at, change.after.values.end(), value);
    if (at == change.after.values.end()) return false;
    ++at;
  }
  return true;
}

std::string alter(const Column& column) {
  return alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " ";
}

}  // namespace

bool has_type(const Column& column, const Key& enumeration) {
  return column.type_schema == enumeration.schema && column.type.substr(0, column.type.find('[')) == enumeration.name;
}

bool can_add_values(const diff::Altered<Enum>& change, const Schema& after, const diff::Changes& changes) {
  if (!kept_in_order(change)) return false;
  auto uses_new_value = [&](const std::string& text) {
    for (const std::string& value : new_values(change))
      if (text.find(sql::literal(value)) != std::string::npos) return true;
    return false;
  };
  auto default_uses = [&](const Column& column) {
    return has_type(column, change.after.key) && column.default_value && uses_new_value(column.default_value->text);
  };
  const auto& columns = diff::of<Column>(changes);
  for (const Column& column : columns.created)
    if (default_uses(column)) return false;
  for (const auto& altered : columns.altered)
    if (altered.has("default") && default_uses(altered.after)) return false;
  for (const Index& index : diff::of<Index>(changes).created)
    if (index.where && uses_new_value(*index.where)) return false;
  for (const Check& check : diff::of<Check>(changes).created)
    if (uses_new_value(check.expression)) return false;
  for (const View& view : all<View>(after))
    if (view.definition && uses_new_value(*view.definition)) return false;
  return true;
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

std::vector<Statement> recreate(const diff::Altered<Enum>& change, const Schema& before, const Schema& after) {
  std::vector<Statement> out;
  std::vector<const Column*> columns;
  for (const Column& column : all<Column>(after)) {
    const Column* old = has_type(column, change.after.key) ? find<Column>(before, column.key) : nullptr;
    if (old && has_type(*old, change.before.key)) columns.push_back(&column);
  }
  auto array_of = [](const Column& column) {
    size_t bracket = column.type.find('[');
    return bracket == std::string::npos ? std::string() : column.type.substr(bracket);
  };
  for (const Column* column : columns) {
    bool had_default = find<Column>(before, column->key)->default_value.has_value();
    if (had_default) out.push_back({alter(*column) + "DROP DEFAULT;"});
    out.push_back({alter(*column) + "SET DATA TYPE text" + array_of(*column) + ";"});
  }
  out.push_back({"DROP TYPE " + full_name(change.before.key) + ";"});
  out.push_back({create(change.after)});
  for (const Column* column : columns) {
    std::string type = full_name(change.after.key) + array_of(*column);
    out.push_back({alter(*column) + "SET DATA TYPE " + type + " USING " + sql::identifier(column->key.name) +
                   "::" + type + ";"});
    if (column->default_value) out.push_back({alter(*column) + "SET DEFAULT " + column->default_value->text + ";"});
  }
  return out;
}

}  // namespace sluice::plan
