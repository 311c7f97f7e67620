// What refers to what across servers: Citus takes foreign keys between tables that lie together, and to reference
// tables.
#include <algorithm>

#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/citus.hpp"

namespace sluice::review {

namespace {

using ddl::Distribution;

std::vector<std::string> referenced_by(const sql::Constraint& key, const ddl::Relation& parent) {
  if (key.referenced.empty() && parent.primary_key()) return parent.primary_key()->definition.columns;
  return key.referenced;
}

// Why Citus refuses the key of a table that is spread; nothing if it does not.
std::string problem(const ddl::Name& child, const Distribution& own, const sql::Constraint& key,
                    const ddl::Relation& parent) {
  const std::string pair = shown(child) + " refers to " + shown(parent.name);
  if (!parent.distribution) return own.column.empty() ? "" : pair + ", which is not distributed";
  const Distribution& other = *parent.distribution;
  if (other.column.empty()) return "";
  if (own.column.empty()) return pair + ": a reference table cannot refer to one that is spread";
  if (!own.group.empty() && !other.group.empty() && own.group != other.group)
    return pair + ", whose rows lie elsewhere: the tables are not co-located";
  const std::vector<std::string> referenced = referenced_by(key, parent);
  auto at = std::find(key.columns.begin(), key.columns.end(), own.column);
  const size_t place = static_cast<size_t>(at - key.columns.begin());
  if (at == key.columns.end() || (place < referenced.size() && referenced[place] != other.column))
    return pair + " without " + own.column + " → " + other.column + ", by which the rows are spread";
  if (key.on_delete == 'n' || key.on_delete == 'd')
    return pair + " ON DELETE SET " + (key.on_delete == 'n' ? "NULL" : "DEFAULT") + ": that would move the row";
  if (key.on_update == 'c' || key.on_update == 'n' || key.on_update == 'd')
    return pair + " ON UPDATE CASCADE or SET …: that would move the row";
  return "";
}

void check(const Step& step, Report& report) {
  each_constraint(step, [&](const ddl::Name& name, const sql::Constraint& key, bool) {
    if (key.kind != sql::ConstraintKind::foreign_key) return;
    const ddl::Relation* child = step.before.find(name);
    const ddl::Relation* parent = step.before.find(key.references);
    if (!child || !child->distribution || !parent) return;
    if (std::string why = problem(name, *child->distribution, key, *parent); !why.empty())
      report.add(why, key.at, "", name);
  });
  const std::optional<sql::CitusCall> call = sql::citus_call(step.statement());
  const ddl::Relation* table = call ? step.before.find(call->table) : nullptr;
  if (!table || (!call->spreads() && !call->is("create_reference_table"))) return;
  for (const ddl::Constraint& constraint : table->constraints) {
    const sql::Constraint& key = constraint.definition;
    const ddl::Relation* parent =
        key.kind == sql::ConstraintKind::foreign_key ? step.before.find(key.references) : nullptr;
    if (!parent || parent->name == table->name) continue;
    // Where it will lie is Citus's choice.
    if (std::string why = problem(table->name, {call->column, ""}, key, *parent); !why.empty())
      report.add(why, -1, "", table->name);
  }
}

// Citus lets a table of one server refer to one that is spread, and then finds no row there.
void check_whole(const Whole& whole, Report& report) {
  for (const auto& each : whole.after.relations()) {
    const ddl::Name& name = each.first;
    const ddl::Relation& parent = each.second;
    if (!parent.distribution || parent.distribution->column.empty()) continue;
    for (const ddl::Relation* child : whole.after.referencing(name)) {
      if (child->distribution || child->partition_of) continue;
      auto concerns = [&](const Judged& judged) {
        const std::optional<sql::CitusCall> call = sql::citus_call(*judged.statement);
        if (call) return whole.after.resolve(call->table) == name;
        const auto* create = std::get_if<sql::CreateTable>(&judged.statement->command);
        const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command);
        if (!create && !alter) return false;
        return whole.after.resolve(create ? create->table.name : alter->table.name) == child->name;
      };
      const auto& statements = whole.file.statements;
      auto found = std::find_if(statements.rbegin(), statements.rend(), concerns);
      if (found == statements.rend()) continue;
      report
          .add(shown(child->name) + " is not distributed and refers to " + shown(name) +
                   ", which is spread: no row will be found there",
               found->statement->at, "", child->name)
          .statement = static_cast<int>(statements.rend() - found) - 1;
    }
  }
}

}  // namespace

const Rule distributed_foreign_key{"SL702",
                                   "distributed-foreign-key",
                                   Level::error,
                                   "Citus takes foreign keys between tables that lie together, with the column by "
                                   "which they are spread on both sides, "
                                   "and to reference tables. All others it refuses, or cannot keep.",
                                   "Spread both by the same value (colocate_with) and put its column into the key, or "
                                   "make the other a reference table.",
                                   check,
                                   check_whole};

}  // namespace sluice::review
