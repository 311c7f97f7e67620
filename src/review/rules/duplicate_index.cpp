// Another index begins with the same columns: this one only costs writes.
#include <algorithm>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateIndex>();
  if (!create) return;
  const ddl::Relation* table = step.before.find(create->table.name);
  if (!table || create->unique || !create->where.empty() || !create->include.empty() || create->method != "btree")
    return;
  std::vector<std::string> columns;
  for (const sql::IndexKey& key : create->keys) {
    if (key.column.empty() || !key.ascending || !key.operator_class.empty()) return;
    columns.push_back(key.column);
  }
  for (const ddl::Index& index : table->indexes) {
    if (!index.where.empty() || index.method != "btree" || !index.valid || index.name == create->name) continue;
    std::vector<std::string> other = index.leading_columns();
    bool plain = std::all_of(index.keys.begin(), index.keys.end(),
                             [](const sql::IndexKey& key) { return key.ascending && key.operator_class.empty(); });
    if (plain && other.size() >= columns.size() && std::equal(columns.begin(), columns.end(), other.begin()))
      return void(
          report.add(index.name + " of " + shown(table->name) + " begins with the same columns", -1, "", table->name));
  }
}

}  // namespace

const Rule duplicate_index{"SL410",
                           "duplicate-index",
                           Level::warning,
                           "Another index begins with the same columns: this one only costs writes.",
                           "Leave it out, or drop the narrower one.",
                           check};

}  // namespace sluice::review
