// An integer key ends at 2,147,483,647; making it larger later rewrites the table and every one that refers to it.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* create = step.as<sql::CreateTable>();
  if (!create) return;
  const ddl::Name table = step.before.resolve(create->table.name);
  auto is_small = [](const std::string& type) {
    return type == "integer" || type == "smallint" || type == "serial" || type == "smallserial";
  };
  for (const sql::ColumnDefinition& column : create->columns) {
    bool key = column.find(sql::ConstraintKind::primary_key) != nullptr;
    for (const sql::Constraint& constraint : create->constraints)
      key = key || (constraint.kind == sql::ConstraintKind::primary_key &&
                    constraint.columns == std::vector<std::string>{column.name});
    if (key && column.type.schema.empty() && is_small(column.type.name) &&
        !column.find(sql::ConstraintKind::foreign_key))
      report.add("the primary key " + shown(table) + "." + column.name + " is " + column.type.name, column.at, "",
                 table);
  }
}

}  // namespace

const Rule small_primary_key{
    "SL407",
    "small-primary-key",
    Level::note,
    "An integer key ends at 2,147,483,647; making it larger later rewrites the table and every one that refers to it.",
    "bigint, or uuid.",
    check};

}  // namespace sluice::review
