#include "review/rules/helpers.hpp"

#include <algorithm>

namespace sluice::review {

bool has_prefix_index(const ddl::Relation& table, const std::vector<std::string>& columns) {
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const ddl::Index& index) {
    if (!index.where.empty() && index.where.not_null != columns) return false;
    std::vector<std::string> leading = index.leading_columns();
    if (leading.size() < columns.size()) return false;
    leading.resize(columns.size());
    return std::is_permutation(leading.begin(), leading.end(), columns.begin(), columns.end());
  });
}

bool depends_on(const Step& step, const sql::Drop& drop) {
  for (const sql::Target& object : drop.objects) {
    const ddl::Name name = step.before.resolve(object.name);
    if (!step.before.views_on(name).empty()) return true;
    for (const ddl::Relation* child : step.before.referencing(name)) {
      const bool goes_too = std::any_of(drop.objects.begin(), drop.objects.end(), [&](const sql::Target& other) {
        return step.before.resolve(other.name) == child->name;
      });
      if (child->name != name && !goes_too) return true;
    }
  }
  return false;
}

std::string spread_by(const Step& step, const ddl::Name& table) {
  const ddl::Relation* relation = step.before.find(table);
  return relation && relation->distribution ? relation->distribution->column : "";
}

}  // namespace sluice::review
