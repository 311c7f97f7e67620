// Citus checks a key on each server by itself, so it takes only keys with the column by which the rows are spread.
#include <algorithm>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/citus.hpp"

namespace sluice::review {

namespace {

bool has(const std::vector<std::string>& columns, const std::string& column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

std::string lacks(const std::string& what, const ddl::Name& table, const std::string& column) {
  return what + " of " + shown(table) + " does not have " + column + ", by which its rows are spread";
}

std::string kind_of(const sql::Constraint& constraint) {
  return (constraint.kind == sql::ConstraintKind::primary_key ? "the primary key" : "the unique constraint") +
         (constraint.name.empty() ? "" : " " + constraint.name);
}

bool is_key(const sql::Constraint& constraint) {
  return (constraint.kind == sql::ConstraintKind::primary_key || constraint.kind == sql::ConstraintKind::unique) &&
         !constraint.columns.empty();
}

void check(const Step& step, Report& report) {
  each_constraint(step, [&](const ddl::Name& name, const sql::Constraint& constraint, bool) {
    const std::string column = spread_by(step, name);
    if (!column.empty() && is_key(constraint) && !has(constraint.columns, column))
      report.add(lacks(kind_of(constraint), name, column), constraint.at, "", name);
  });
  auto plain = [](const std::vector<sql::IndexKey>& keys) {
    std::vector<std::string> out;
    for (const sql::IndexKey& key : keys) out.push_back(key.column);
    return out;
  };
  if (const auto* create = step.as<sql::CreateIndex>(); create && create->unique) {
    const ddl::Name name = step.before.resolve(create->table.name);
    const std::string column = spread_by(step, name);
    if (!column.empty() && !has(plain(create->keys), column))
      report.add(lacks("the unique index " + create->name, name, column), create->table.at, "", name);
  }
  const std::optional<sql::CitusCall> call = sql::citus_call(step.statement());
  const ddl::Relation* table = call && !call->column.empty() ? step.before.find(call->table) : nullptr;
  if (!table) return;
  for (const ddl::Constraint& constraint : table->constraints)
    if (is_key(constraint.definition) && !has(constraint.definition.columns, call->column))
      report.add(lacks(kind_of(constraint.definition), table->name, call->column), -1, "", table->name);
  for (const ddl::Index& index : table->indexes)
    if (index.unique && index.constraint.empty() && !has(plain(index.keys), call->column))
      report.add(lacks("the unique index " + index.name, table->name, call->column), -1, "", table->name);
}

}  // namespace

const Rule distributed_key{
    "SL701",
    "distributed-key",
    Level::error,
    "Citus refuses a key without the column by which the rows are spread: each server knows only its own rows.",
    "Put the column into the key: PRIMARY KEY (tenant_id, id).",
    check};

}  // namespace sluice::review
