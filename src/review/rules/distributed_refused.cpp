// What Citus refuses on a table that is distributed. (Citus 13.2, tried on a cluster.)
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/citus.hpp"

namespace sluice::review {

namespace {

bool is_distributed(const Step& step, const ddl::Name& name) {
  const ddl::Relation* relation = step.before.find(name);
  return relation && relation->distribution;
}

const char* refused_action(const sql::AlterAction& action) {
  using sql::Alter;
  switch (action.kind) {
    case Alter::statistics:
      return "SET STATISTICS";
    case Alter::storage:
      return "SET STORAGE";
    case Alter::column_options:
      return "options of a column";
    case Alter::cluster_on:
      return "CLUSTER ON";
    case Alter::tablespace:
      return "SET TABLESPACE";
    case Alter::inherit:
    case Alter::no_inherit:
      return "inheritance";
    case Alter::enable_trigger:
    case Alter::disable_trigger:
      return "triggers";
    case Alter::add_identity:
    case Alter::set_identity:
    case Alter::drop_identity:
      return "an identity column that is added, changed or dropped";
    case Alter::add_column:
      if (action.column.find(sql::ConstraintKind::identity)) return "a new identity column";
      if (action.column.type.name.ends_with("serial")) return "a new serial column";
      return nullptr;
    default:
      return nullptr;
  }
}

void check(const Step& step, Report& report) {
  each_action(step, [&](const sql::AlterTable& alter, const sql::AlterAction& action, const ddl::Name& table) {
    if (!is_distributed(step, table)) return;
    const std::string column = spread_by(step, table);
    if (const char* what = refused_action(action))
      report.add("on " + shown(table) + " Citus refuses " + what, action.at, "", table);
    else if (!column.empty() && action.name == column &&
             (action.kind == sql::Alter::type || action.kind == sql::Alter::drop_column))
      report.add(
          "the rows of " + shown(table) + " are spread by " + column + ": Citus neither drops it nor changes its type",
          action.at, "", table);
    else if (action.kind == sql::Alter::add_constraint && alter.actions.size() > 1)
      report.add("on " + shown(table) + " Citus takes ADD CONSTRAINT only by itself", action.at, "", table);
  });
  const std::optional<sql::CitusCall> call = sql::citus_call(step.statement());
  if (const ddl::Relation* table = call ? step.before.find(call->table) : nullptr;
      table && table->distribution && (call->alters() || call->is("undistribute_table")))
    for (const ddl::Column& column : table->columns)
      if (column.identity)
        report.add("the column " + column.name + " of " + shown(table->name) +
                       " is an identity: Citus does not distribute the table in another way",
                   -1, "", table->name);
  if (const auto* trigger = step.as<sql::CreateTrigger>(); trigger && is_distributed(step, trigger->table.name))
    report.add("on " + shown(step.before.resolve(trigger->table.name)) + " Citus refuses triggers", trigger->table.at,
               "", step.before.resolve(trigger->table.name));
  if (const auto* rename = step.as<sql::Rename>();
      rename && rename->kind == sql::ObjectKind::constraint && is_distributed(step, rename->object.name))
    report.add("on " + shown(step.before.resolve(rename->object.name)) + " Citus renames no constraint",
               rename->object.at, "", step.before.resolve(rename->object.name));
  if (const auto* update = step.as<sql::Update>()) {
    const ddl::Name table = step.before.resolve(update->table.name);
    const std::string column = spread_by(step, table);
    for (const std::string& set : update->columns)
      if (!column.empty() && set == column)
        report.add("the rows of " + shown(table) + " are spread by " + column + ": Citus changes no value of it",
                   update->table.at, "", table);
  }
}

}  // namespace

const Rule distributed_refused{"SL703",
                               "distributed-refused",
                               Level::error,
                               "Citus does not do this to a distributed table: the statement fails.",
                               "Before the table is distributed, or around undistribute_table() and "
                               "create_distributed_table(), which copy all rows.",
                               check};

}  // namespace sluice::review
