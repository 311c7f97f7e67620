// The two sides of a foreign key have different types: slower joins, and values that fit one and not the other.
#include "impact/type_change.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  if (!step.impact().refused.empty()) return;
  each_constraint(step, [&](const ddl::Name& table, const sql::Constraint& key, bool) {
    if (key.kind != sql::ConstraintKind::foreign_key) return;
    const ddl::Relation* parent = step.before.find(key.references);
    if (!parent) return;
    std::vector<std::string> referenced = key.referenced;
    if (referenced.empty() && parent->primary_key()) referenced = parent->primary_key()->definition.columns;
    for (size_t i = 0; i < key.columns.size() && i < referenced.size(); i++) {
      const sql::TypeName* from = nullptr;
      const ddl::Relation* known = step.before.find(table);
      if (known && known->column(key.columns[i])) from = &known->column(key.columns[i])->type;
      each_column(step, [&](const ddl::Name&, const sql::ColumnDefinition& column, bool) {
        if (column.name == key.columns[i]) from = &column.type;
      });
      const ddl::Column* to = parent->column(referenced[i]);
      if (!from || !to) continue;
      sql::TypeName left = impact::base_type(step.before, *from), right = impact::base_type(step.before, to->type);
      left.modifiers.clear(), right.modifiers.clear();
      if (left.name.ends_with("serial"))
        left.name = left.name == "bigserial" ? "bigint" : left.name == "smallserial" ? "smallint" : "integer";
      auto is_text = [](const std::string& name) { return name == "text" || name == "varchar"; };
      if (left == right || (is_text(left.name) && is_text(right.name))) continue;
      report.add(shown(table) + "." + key.columns[i] + " is " + sql::display(*from) + ", " + shown(parent->name) + "." +
                     referenced[i] + " is " + sql::display(to->type),
                 key.at, "", table);
    }
  });
}

}  // namespace

const Rule foreign_key_type_differs{
    "SL411",
    "foreign-key-type-differs",
    Level::warning,
    "The two sides of a foreign key have different types: slower joins, and values that fit one and not the other.",
    "The same type on both sides.",
    check};

}  // namespace sluice::review
