// PostgreSQL will refuse the statement, and the migration stops there.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

// What PostgreSQL refuses of partitioned tables `sluice migrate` does with each of their partitions.
bool runs_on_partitions(const Step& step) {
  auto partitioned = [&](const sql::Target& target) {
    const ddl::Relation* table = step.before.find(step.before.resolve(target.name));
    return table && table->kind == ddl::RelationKind::partitioned_table;
  };
  if (const auto* create = step.as<sql::CreateIndex>())
    return create->concurrently && !create->only && !create->name.empty() && partitioned(create->table);
  const auto* alter = step.as<sql::AlterTable>();
  return alter && !alter->only && alter->actions.size() == 1 && partitioned(alter->table) &&
         alter->actions.front().kind == sql::Alter::add_constraint && alter->actions.front().constraint.not_valid &&
         alter->actions.front().constraint.kind == sql::ConstraintKind::foreign_key;
}

void check(const Step& step, Report& report) {
  if (!step.impact().refused.empty() && !runs_on_partitions(step))
    report.add("PostgreSQL " + std::to_string(step.options.version) + " refuses it: " + step.impact().refused);
}

}  // namespace

const Rule refused_by_server{"SL501",
                             "refused-by-server",
                             Level::error,
                             "PostgreSQL will refuse the statement, and the migration stops there.",
                             "What the message says.",
                             check};

}  // namespace sluice::review
