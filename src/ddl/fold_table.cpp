#include "ddl/fold_table.hpp"

#include <algorithm>

namespace sluice::ddl {

namespace {

using sql::Alter;
using sql::ConstraintKind;

bool is_serial(const sql::TypeName& type) { return type.schema.empty() && type.name.ends_with("serial"); }

void add_sequence(Catalog& catalog, const Relation& table, const std::string& column, int number) {
  Relation sequence;
  sequence.name = {table.name.schema, made_up_name(catalog, table, {column}, "seq")};
  sequence.kind = RelationKind::sequence;
  sequence.owner = table.name;
  sequence.created_by = number;
  catalog.add(std::move(sequence));
}

void add_constraint(Catalog& catalog, Relation& table, sql::Constraint constraint) {
  constraint.name = constraint_name(catalog, table, constraint);
  if (constraint.kind == ConstraintKind::foreign_key) constraint.references = catalog.resolve(constraint.references);
  Constraint added{constraint, !constraint.not_valid && constraint.enforced};
  if (constraint.kind == ConstraintKind::not_null) {
    for (const std::string& name : constraint.columns)
      if (Column* column = table.column(name); column && !constraint.not_valid) column->not_null = true;
    if (!constraint.not_valid) return;  // kept only while it is to be validated
  }
  if (constraint.kind == ConstraintKind::primary_key || constraint.kind == ConstraintKind::unique ||
      constraint.kind == ConstraintKind::exclusion) {
    if (!constraint.index.empty()) {
      catalog.rename_index(table, constraint.index, constraint.name);
      for (Index& index : table.indexes) {
        if (index.name != constraint.name) continue;
        index.constraint = constraint.name;
        added.definition.columns = index.leading_columns();
      }
    } else {
      Index index;
      index.name = index.constraint = constraint.name;
      index.unique = constraint.kind != ConstraintKind::exclusion;
      for (const std::string& column : constraint.columns) index.keys.push_back({column, {}, "", true, false});
      catalog.add_index(table, std::move(index));
    }
    if (constraint.kind == ConstraintKind::primary_key)
      for (const std::string& name : added.definition.columns)
        if (Column* column = table.column(name)) column->not_null = true;
  }
  catalog.add_constraint(table, std::move(added));
}

void add_column(Catalog& catalog, Relation& table, const sql::ColumnDefinition& definition, int number) {
  Column column;
  column.name = definition.name;
  column.type = definition.type;
  column.collation = definition.collation;
  column.serial = is_serial(definition.type);
  if (column.serial) {
    column.not_null = true;
    column.type.name = column.type.name == "bigserial"     ? "bigint"
                       : column.type.name == "smallserial" ? "smallint"
                                                           : "integer";
  }
  for (const sql::Constraint& constraint : definition.constraints) {
    if (constraint.kind == ConstraintKind::not_null) column.not_null = true;
    if (constraint.kind == ConstraintKind::identity) column.identity = column.not_null = true;
    if (constraint.kind == ConstraintKind::default_value) column.default_value = constraint.expression;
    if (constraint.kind == ConstraintKind::generated) {
      column.generated = true;
      column.stored = constraint.stored;
      column.default_value = constraint.expression;
    }
  }
  const bool has_sequence = column.serial || column.identity;
  column.unfilled = number >= 0 && column.default_value.empty() && !has_sequence;
  column.filled = number >= 0 && column.default_value.literal && !column.default_value.null && !column.generated;
  table.columns.push_back(std::move(column));
  for (const sql::Constraint& constraint : definition.constraints)
    if (constraint.kind == ConstraintKind::check || constraint.kind == ConstraintKind::primary_key ||
        constraint.kind == ConstraintKind::unique || constraint.kind == ConstraintKind::foreign_key)
      add_constraint(catalog, table, constraint);
  if (has_sequence) add_sequence(catalog, table, definition.name, number);
}

void copy_from(Catalog& catalog, Relation& table, const Relation& source, bool indexes) {
  for (const Column& column : source.columns) table.columns.push_back(column);
  for (const Constraint& constraint : source.constraints) {
    const bool with_index = constraint.definition.kind == ConstraintKind::primary_key ||
                            constraint.definition.kind == ConstraintKind::unique;
    if (constraint.definition.kind == ConstraintKind::foreign_key || (with_index && !indexes)) continue;
    sql::Constraint copy = constraint.definition;
    if (with_index) copy.name.clear(), copy.index.clear();
    add_constraint(catalog, table, copy);
  }
  if (!indexes) return;
  for (const Index& index : source.indexes) {
    if (!index.constraint.empty()) continue;
    Index copy = index;
    sql::CreateIndex unnamed;
    unnamed.keys = index.keys;
    unnamed.include = index.include;
    copy.name = index_name(catalog, table, unnamed);
    catalog.add_index(table, std::move(copy));
  }
}

void drop_column(Catalog& catalog, Relation& table, const std::string& name, bool cascade) {
  std::vector<std::string> constraints, indexes;
  for (const Constraint& constraint : table.constraints) {
    const auto& columns = constraint.definition.columns;
    const auto& used = constraint.definition.expression.columns;
    if (std::find(columns.begin(), columns.end(), name) != columns.end() ||
        std::find(used.begin(), used.end(), name) != used.end())
      constraints.push_back(constraint.definition.name);
  }
  for (const std::string& constraint : constraints) catalog.remove_constraint(table, constraint);
  for (const Index& index : table.indexes)
    if (index.uses(name)) indexes.push_back(index.name);
  for (const std::string& index : indexes) catalog.remove_index(table, index);
  if (cascade)
    for (const Relation* view : catalog.views_on(table.name))
      if (view->uses_column(table.name, name)) catalog.remove(view->name);
  std::erase_if(table.columns, [&](const Column& column) { return column.name == name; });
}

void replace_all(std::vector<std::string>& list, const std::string& from, const std::string& to) {
  std::replace(list.begin(), list.end(), from, to);
}

void alter_index(Catalog& catalog, const sql::AlterTable& alter) {
  Relation* table = catalog.table_of_index(alter.table.name);
  if (!table) return;
  for (const sql::AlterAction& action : alter.actions)
    if (action.kind == Alter::attach_partition)  // valid when the last one is attached; taken as such from the first
      for (Index& index : table->indexes)
        if (index.name == alter.table.name.name) index.valid = true;
}

}  // namespace

void create_table(Catalog& catalog, const sql::CreateTable& create, int number) {
  const Name name = catalog.resolve(create.table.name);
  if (create.if_not_exists && catalog.find(name)) return;
  Relation fresh;
  fresh.name = name;
  fresh.kind = create.partitioned ? RelationKind::partitioned_table : RelationKind::table;
  fresh.partition_columns = create.partition_columns;
  fresh.created_by = number;
  fresh.filled = create.from_query;
  fresh.complete = !create.from_query;
  fresh.default_partition = create.default_partition;
  for (const sql::Target& parent : create.inherits) fresh.inherits.push_back(catalog.resolve(parent.name));
  Relation& table = catalog.add(std::move(fresh));
  if (create.partition_of) {
    const Name parent = catalog.resolve(create.partition_of->name);
    catalog.set_partition(table, parent);
    if (const Relation* from = catalog.find(parent)) copy_from(catalog, table, *from, true);
  }
  for (const Name& parent : table.inherits)
    if (const Relation* from = catalog.find(parent))
      for (const Column& column : from->columns) table.columns.push_back(column);
  for (const sql::Target& like : create.like)
    if (const Relation* from = catalog.find(like.name)) copy_from(catalog, table, *from, create.like_indexes);
  for (const sql::ColumnDefinition& column : create.columns)
    if (!table.column(column.name)) add_column(catalog, table, column, number);
  for (const sql::Constraint& constraint : create.constraints) {
    sql::Constraint valid = constraint;
    valid.not_valid = false;  // an empty table has nothing to validate
    add_constraint(catalog, table, valid);
  }
}

void rename_column(Catalog& catalog, Relation& table, const std::string& from, const std::string& to) {
  for (const Relation* reader : catalog.views_on(table.name))
    if (Relation* view = catalog.find(reader->name))
      for (auto& [relation, column] : view->uses)
        if (relation == table.name && column == from) column = to;
  for (sql::Policy& policy : table.policies) replace_all(policy.using_expression.columns, from, to);
  if (Column* column = table.column(from)) column->name = to;
  for (Column& column : table.columns) replace_all(column.default_value.columns, from, to);
  for (Constraint& constraint : table.constraints) {
    replace_all(constraint.definition.columns, from, to);
    replace_all(constraint.definition.expression.columns, from, to);
    replace_all(constraint.definition.expression.not_null, from, to);
  }
  for (Index& index : table.indexes) {
    for (sql::IndexKey& key : index.keys) {
      if (key.column == from) key.column = to;
      replace_all(key.expression.columns, from, to);
    }
    replace_all(index.include, from, to);
    replace_all(index.where.columns, from, to);
  }
}

void alter_table(Catalog& catalog, const sql::AlterTable& alter, int number) {
  if (alter.kind == sql::ObjectKind::index) return alter_index(catalog, alter);
  Relation* found = catalog.find(alter.table.name);
  if (!found) return;
  Relation& table = *found;
  // PostgreSQL drops first, whatever the order of the text.
  std::vector<const sql::AlterAction*> actions;
  for (const sql::AlterAction& action : alter.actions) actions.push_back(&action);
  std::stable_partition(actions.begin(), actions.end(), [](const sql::AlterAction* action) {
    return action->kind == Alter::drop_column || action->kind == Alter::drop_constraint;
  });
  for (const sql::AlterAction* each : actions) {
    const sql::AlterAction& action = *each;
    Column* column = table.column(action.name);
    switch (action.kind) {
      case Alter::add_column:
        if (!column) add_column(catalog, table, action.column, number);
        break;
      case Alter::drop_column:
        if (column) drop_column(catalog, table, action.name, action.cascade);
        break;
      case Alter::type:
        if (column) {
          catalog.dropped_keys.clear();
          column->type = action.column.type;
          column->collation = action.column.collation;
        }
        break;
      case Alter::set_default:
        if (column) column->default_value = action.expression;
        break;
      case Alter::drop_default:
        if (column) column->default_value = {};
        break;
      case Alter::set_not_null:
        if (column) column->not_null = true;
        break;
      case Alter::drop_not_null:
        if (column) column->not_null = false;
        break;
      case Alter::add_identity:
        if (column) {
          column->identity = true;
          add_sequence(catalog, table, action.name, number);
        }
        break;
      case Alter::drop_identity:
        if (column) column->identity = false;
        break;
      case Alter::drop_expression:
        if (column) column->generated = false, column->default_value = {};
        break;
      case Alter::set_expression:
        if (column) column->default_value = action.expression;
        break;
      case Alter::add_constraint:
        add_constraint(catalog, table, action.constraint);
        break;
      case Alter::drop_constraint:
        if (const Constraint* key = table.constraint(action.name);
            key && key->valid && key->definition.kind == ConstraintKind::foreign_key && number >= 0)
          catalog.dropped_keys.emplace_back(table.name, key->definition);
        catalog.remove_constraint(table, action.name);
        break;
      case Alter::validate_constraint:
        for (Constraint& constraint : table.constraints)
          if (constraint.definition.name == action.name) {
            constraint.valid = true;
            if (constraint.definition.kind == ConstraintKind::not_null)
              for (const std::string& name : constraint.definition.columns)
                if (Column* target = table.column(name)) target->not_null = true;
          }
        break;
      case Alter::enable_row_security:
        table.row_security = true;
        break;
      case Alter::disable_row_security:
        table.row_security = false;
        break;
      case Alter::attach_partition:
        if (Relation* partition = action.other ? catalog.find(action.other->name) : nullptr) {
          catalog.set_partition(*partition, table.name);
          partition->default_partition = action.default_partition;
        }
        break;
      case Alter::detach_partition:
        if (Relation* partition = action.other ? catalog.find(action.other->name) : nullptr)
          catalog.set_partition(*partition, std::nullopt);
        break;
      case Alter::inherit:
        if (action.other) table.inherits.push_back(catalog.resolve(action.other->name));
        break;
      default:
        break;
    }
  }
}

}  // namespace sluice::ddl
