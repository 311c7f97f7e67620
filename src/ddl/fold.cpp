#include "ddl/fold.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ddl/fold_table.hpp"
#include "sql/citus.hpp"

namespace sluice::ddl {

namespace {

// Removes relations with what depends on them, when CASCADE was said.
void drop_relation(Catalog& catalog, Name name, bool cascade) {
  const Relation* relation = catalog.find(name);
  if (!relation) return;
  const Name full = relation->name;
  for (const Relation* partition : catalog.partitions(full)) drop_relation(catalog, partition->name, cascade);
  if (cascade) {
    for (const Relation* view : catalog.views_on(full)) drop_relation(catalog, view->name, true);
    for (const Relation* child : catalog.referencing(full))
      if (Relation* table = catalog.find(child->name))
        std::erase_if(table->constraints, [&](const Constraint& c) { return c.definition.references == full; });
  }
  std::vector<Name> owned;
  for (const auto& [other, sequence] : catalog.relations())
    if (sequence.owner == full) owned.push_back(other);
  for (const Name& sequence : owned) catalog.remove(sequence);
  catalog.remove(full);
}

// The relation that the column is of, where that is known for certain; of a column of what stands around the query:
// `around`.
std::optional<Name> relation_of(const Catalog& catalog, const sql::ColumnUse& use, const Name& around) {
  for (const std::vector<Name>& scope : use.scopes) {
    bool all_known = true;
    for (const Name& name : scope) {
      const Relation* relation = name.name.empty() ? nullptr : catalog.find(name);
      if (relation && relation->is_table() && relation->column(use.column)) return relation->name;
      all_known = all_known && relation && relation->is_table() && relation->complete;
    }
    if (!all_known) return std::nullopt;
  }
  return around;
}

struct Folder {
  Catalog& catalog;
  const sql::ParsedStatement& statement;
  int number;

  void operator()(const sql::CreateTable& create) { create_table(catalog, create, number); }
  void operator()(const sql::AlterTable& alter) { alter_table(catalog, alter, number); }

  void operator()(const sql::CreateIndex& create) {
    Relation* table = catalog.find(create.table.name);
    if (!table) return;
    const std::string name = index_name(catalog, *table, create);
    if (table->index(name)) return;
    Index index;
    index.name = name;
    index.keys = create.keys;
    index.include = create.include;
    index.where = create.where;
    index.method = create.method;
    index.unique = create.unique;
    index.valid = !create.only || table->kind != RelationKind::partitioned_table;
    catalog.add_index(*table, index);
    if (!create.only)
      for (const Relation* partition : catalog.partitions(table->name)) {
        Index own = index;
        sql::CreateIndex unnamed = create;
        unnamed.name.clear();
        own.name = index_name(catalog, *partition, unnamed);
        if (Relation* relation = catalog.find(partition->name)) catalog.add_index(*relation, own);
      }
  }

  void operator()(const sql::Drop& drop) {
    for (const sql::Target& object : drop.objects) {
      switch (drop.kind) {
        case sql::ObjectKind::table:
        case sql::ObjectKind::view:
        case sql::ObjectKind::materialized_view:
        case sql::ObjectKind::sequence:
        case sql::ObjectKind::foreign_table:
          drop_relation(catalog, object.name, drop.cascade);
          break;
        case sql::ObjectKind::index:
          if (Relation* table = catalog.table_of_index(object.name)) catalog.remove_index(*table, object.name.name);
          break;
        case sql::ObjectKind::type:
        case sql::ObjectKind::domain:
          catalog.remove_type(object.name);
          break;
        case sql::ObjectKind::function:
          catalog.remove_function(object.name);
          break;
        case sql::ObjectKind::schema:
          drop_schema(object.name.name);
          break;
        case sql::ObjectKind::trigger:
          if (Relation* table = catalog.find(object.name))
            std::erase_if(table->triggers, [&](const Trigger& t) { return t.name == object.of_table_member; });
          break;
        case sql::ObjectKind::policy:
          if (Relation* table = catalog.find(object.name))
            std::erase_if(table->policies, [&](const sql::Policy& p) { return p.name == object.of_table_member; });
          break;
        default:
          break;
      }
    }
  }

  void drop_schema(const std::string& schema) {
    std::vector<Name> names;
    for (const auto& [name, relation] : catalog.relations())
      if (name.schema == schema) names.push_back(name);
    for (const Name& name : names) drop_relation(catalog, name, true);
    names.clear();
    for (const auto& [name, type] : catalog.types())
      if (name.schema == schema) names.push_back(name);
    for (const Name& name : names) catalog.remove_type(name);
    catalog.schemas.erase(schema);
  }

  void operator()(const sql::Truncate& truncate) {
    for (const sql::Target& target : truncate.tables)
      if (Relation* table = catalog.find(target.name)) table->filled = false;
  }

  void operator()(const sql::Rename& rename) {
    using sql::ObjectKind;
    catalog.dropped_keys.clear();
    const Name& name = rename.object.name;
    const std::string& member = rename.object.of_table_member;
    if (rename.kind == ObjectKind::type || rename.kind == ObjectKind::domain) {
      catalog.rename_type(name, {catalog.resolve_type(name).schema, rename.to});
      return;
    }
    if (rename.kind == ObjectKind::schema) {
      rename_schema(name.name, rename.to);
      return;
    }
    // ALTER TABLE … RENAME takes an index, ALTER INDEX … RENAME a table.
    if (member.empty() && !catalog.find(name)) {
      if (Relation* table = catalog.table_of_index(name)) catalog.rename_index(*table, name.name, rename.to);
      return;
    }
    Relation* relation = catalog.find(name);
    if (!relation) return;
    if (rename.kind == ObjectKind::column) {
      rename_column(catalog, *relation, member, rename.to);
    } else if (rename.kind == ObjectKind::constraint) {
      if (relation->index(member)) {
        catalog.rename_index(*relation, member, rename.to);
      } else {
        for (Constraint& constraint : relation->constraints)
          if (constraint.definition.name == member) constraint.definition.name = rename.to;
      }
    } else if (rename.kind == ObjectKind::trigger) {
      for (Trigger& trigger : relation->triggers)
        if (trigger.name == member) trigger.name = rename.to;
    } else if (rename.kind == ObjectKind::policy) {
      for (sql::Policy& policy : relation->policies)
        if (policy.name == member) policy.name = rename.to;
    } else if (member.empty() || rename.kind == ObjectKind::table || rename.kind == ObjectKind::view ||
               rename.kind == ObjectKind::materialized_view || rename.kind == ObjectKind::sequence) {
      catalog.rename(relation->name, {relation->name.schema, rename.to});
    }
  }

  void rename_schema(const std::string& from, const std::string& to) {
    std::vector<Name> names;
    for (const auto& [name, relation] : catalog.relations())
      if (name.schema == from) names.push_back(name);
    for (const Name& name : names) catalog.rename(name, {to, name.name});
    names.clear();
    for (const auto& [name, type] : catalog.types())
      if (name.schema == from) names.push_back(name);
    for (const Name& name : names) catalog.rename_type(name, {to, name.name});
    catalog.schemas.erase(from);
    catalog.schemas.insert(to);
  }

  void operator()(const sql::SetSchema& set) {
    if (set.kind == sql::ObjectKind::type || set.kind == sql::ObjectKind::domain)
      catalog.rename_type(set.object.name, {set.to, set.object.name.name});
    else if (const Relation* relation = catalog.find(set.object.name))
      catalog.rename(relation->name, {set.to, relation->name.name});
  }

  void operator()(const sql::CreateView& create) {
    const Name name = catalog.resolve(create.view.name);
    if (create.if_not_exists && catalog.find(name)) return;
    Relation view;
    view.name = name;
    view.kind = create.materialized ? RelationKind::materialized_view : RelationKind::view;
    for (const sql::Target& relation : statement.relations)
      if (Name read = catalog.resolve(relation.name); read != name) view.reads.push_back(read);
    std::sort(view.reads.begin(), view.reads.end());
    view.reads.erase(std::unique(view.reads.begin(), view.reads.end()), view.reads.end());
    for (const sql::ColumnUse& use : create.uses)
      if (auto relation = relation_of(catalog, use, {}); relation && !relation->name.empty())
        view.uses.emplace_back(*relation, use.column);
    view.created_by = number;
    view.filled = create.materialized && create.with_data;
    if (const Relation* old = catalog.find(name); old && create.or_replace) view.created_by = old->created_by;
    catalog.add(std::move(view));
  }

  void operator()(const sql::RefreshView& refresh) {
    if (Relation* view = catalog.find(refresh.view.name)) view->filled = refresh.with_data;
  }

  void operator()(const sql::CreateEnum& create) {
    Type type;
    type.name = catalog.resolve_type(create.type.name);
    type.values = create.values;
    type.created_by = number;
    catalog.add_type(std::move(type));
  }

  void operator()(const sql::AlterEnum& alter) {
    Type* type = catalog.type(alter.type.name);
    if (!type) return;
    auto at = [&](const std::string& value) { return std::find(type->values.begin(), type->values.end(), value); };
    if (!alter.renamed_from.empty()) {
      if (auto found = at(alter.renamed_from); found != type->values.end()) *found = alter.value;
      return;
    }
    if (at(alter.value) != type->values.end()) return;
    auto place = alter.neighbour.empty() ? type->values.end() : at(alter.neighbour);
    if (place != type->values.end() && !alter.before) ++place;
    type->values.insert(place, alter.value);
    if (number >= 0) type->new_values.insert(alter.value);
  }

  void operator()(const sql::CreateDomain& create) {
    Type type;
    type.name = catalog.resolve_type(create.type.name);
    type.kind = Type::Kind::domain;
    type.base = create.base;
    type.created_by = number;
    for (const sql::Constraint& constraint : create.constraints) {
      if (constraint.kind == sql::ConstraintKind::not_null) type.not_null = true;
      if (constraint.kind == sql::ConstraintKind::check) type.constraints.push_back({constraint, true});
    }
    catalog.add_type(std::move(type));
  }

  void operator()(const sql::AlterDomain& alter) {
    using Action = sql::AlterDomain::Action;
    Type* type = catalog.type(alter.type.name);
    if (!type) return;
    if (alter.action == Action::set_not_null) type->not_null = true;
    if (alter.action == Action::drop_not_null) type->not_null = false;
    if (alter.action == Action::add_constraint)
      type->constraints.push_back({alter.constraint, !alter.constraint.not_valid});
    if (alter.action == Action::drop_constraint)
      std::erase_if(type->constraints, [&](const Constraint& c) { return c.definition.name == alter.name; });
    if (alter.action == Action::validate)
      for (Constraint& constraint : type->constraints)
        if (constraint.definition.name == alter.name) constraint.valid = true;
  }

  void operator()(const sql::CreateComposite& create) {
    Type type;
    type.name = catalog.resolve_type(create.type.name);
    type.kind = Type::Kind::composite;
    type.created_by = number;
    catalog.add_type(std::move(type));
  }

  void operator()(const sql::CreateSequence& create) {
    Relation sequence;
    sequence.name = catalog.resolve(create.sequence.name);
    if (catalog.find(sequence.name)) return;
    sequence.kind = RelationKind::sequence;
    sequence.created_by = number;
    if (create.owner_table) sequence.owner = catalog.resolve(*create.owner_table);
    catalog.add(std::move(sequence));
  }

  void operator()(const sql::CreateSchema& create) { catalog.schemas.insert(create.name); }

  void operator()(const sql::CreateFunction& create) {
    Function function;
    function.name = create.function.name;
    if (function.name.schema.empty())
      function.name.schema = catalog.search_path.empty() ? "public" : catalog.search_path.front();
    if (!create.volatility.empty()) function.volatility = create.volatility[0];
    function.security_definer = create.security_definer;
    catalog.add_function(std::move(function));
  }

  void operator()(const sql::CreateTrigger& create) {
    if (Relation* table = catalog.find(create.table.name)) {
      std::erase_if(table->triggers, [&](const Trigger& t) { return t.name == create.name; });
      table->triggers.push_back({create.name, create.columns});
    }
  }

  void operator()(const sql::Policy& policy) {
    Relation* table = catalog.find(policy.table.name);
    if (!table || !policy.create) return;
    // Of the columns that it names only those of its own table are its own.
    sql::Policy own = policy;
    own.using_expression.columns.clear();
    own.with_check.columns.clear();
    for (const sql::ColumnUse& use : policy.uses)
      if (relation_of(catalog, use, table->name) == table->name) own.using_expression.columns.push_back(use.column);
    table->policies.push_back(std::move(own));
  }

  void operator()(const sql::SetParameter& set) {
    if (set.name != "search_path") return;
    catalog.search_path.clear();
    if (set.reset) catalog.search_path = catalog.session_path;
    for (const std::string& part : text::split(set.value, ","))
      if (std::string schema(text::trim(part)); !schema.empty() && schema != "$user" && schema != "pg_catalog")
        catalog.search_path.push_back(schema);
  }

  void filled(const sql::Target& target) {
    if (Relation* table = catalog.find(target.name)) table->filled = true;
    written(target);
  }
  // New columns may have values from now on.
  void written(const sql::Target& target) {
    catalog.dropped_keys.clear();
    if (Relation* table = catalog.find(target.name))
      for (Column& column : table->columns) column.unfilled = column.filled = false;
  }
  void operator()(const sql::Update& update) {
    catalog.dropped_keys.clear();
    Relation* table = catalog.find(update.table.name);
    if (!table) return;
    for (Column& column : table->columns) {
      auto in = [&](const std::vector<std::string>& list) {
        return std::find(list.begin(), list.end(), column.name) != list.end();
      };
      column.unfilled = false;
      if (!in(update.columns)) continue;
      if (!in(update.constants))
        column.filled = false;
      else if (!update.has_where && !update.from && number >= 0)
        column.filled = true;
    }
  }
  void operator()(const sql::Delete&) { catalog.dropped_keys.clear(); }
  // A few rows by VALUES do not make a table large.
  void operator()(const sql::Insert& insert) {
    if (insert.from_query) filled(insert.table);
    written(insert.table);
  }
  void operator()(const sql::Copy& copy) {
    if (copy.from) filled(copy.table);
  }
  void operator()(const sql::Merge& merge) { filled(merge.table); }
  void operator()(const sql::DoBlock&) {
    if (statement.only_looks) return;
    if (statement.unread.empty() && !statement.inside.empty()) return;  // those are folded by themselves
    catalog.dropped_keys.clear();
    for (const auto& [name, relation] : catalog.relations()) {
      if (statement.text.find(name.name) == std::string_view::npos) continue;
      if (relation.created_by >= 0) catalog.find(name)->filled = true;
      for (Column& column : catalog.find(name)->columns) column.unfilled = column.filled = false;
    }
  }
  // What a function writes is not visible.
  void operator()(const sql::Query&) {
    if (statement.functions.empty()) return;
    if (std::optional<sql::CitusCall> call = sql::citus_call(statement)) return distribute(*call);
    catalog.dropped_keys.clear();
    for (const auto& [name, relation] : catalog.relations())
      for (Column& column : catalog.find(name)->columns) column.unfilled = column.filled = false;
  }

  // Citus lets a table lie beside any that is spread by a column of the same type, unless it is told otherwise.
  void distribute(const sql::CitusCall& call) {
    Relation* table = catalog.find(call.table);
    if (!table) return;
    if (call.is("undistribute_table")) return table->distribution.reset();
    if (call.is("create_reference_table")) {
      table->distribution = Distribution{};
      return;
    }
    if (call.is("citus_add_local_table_to_metadata")) return;
    Distribution now = table->distribution.value_or(Distribution{});
    if (!call.column.empty()) now.column = call.column;
    const std::string own = table->name.schema + "." + table->name.name;
    if (call.colocate_with == "none") {
      now.group = own;
    } else if (call.colocate_with != "default") {
      const Name beside = catalog.resolve(sql::name_in_text(call.colocate_with));
      const Relation* other = catalog.find(beside);
      now.group = other && other->distribution ? other->distribution->group : beside.schema + "." + beside.name;
    } else if (call.spreads()) {
      const Column* column = table->column(now.column);
      std::set<std::string> groups;
      for (const auto& [name, other] : catalog.relations())
        if (const Column* by = other.distribution ? other.column(other.distribution->column) : nullptr)
          if (column && by->type == column->type) groups.insert(other.distribution->group);
      now.group = groups.empty() ? own : groups.size() == 1 ? *groups.begin() : "";  // which is the oldest nobody knows
    }
    table->distribution = std::move(now);
  }

  template <class Command>
  void operator()(const Command&) {}
};

}  // namespace

void fold(Catalog& catalog, const sql::ParsedStatement& statement, int number) {
  std::visit(Folder{catalog, statement, number}, statement.command);
}

void commit(Catalog& catalog) {
  for (const auto& [name, type] : catalog.types())
    if (!type.new_values.empty()) catalog.type(name)->new_values.clear();
}

void forget_numbers(Catalog& catalog) {
  for (const auto& [name, relation] : catalog.relations()) {
    Relation& own = *catalog.find(name);
    own.created_by = -1;
    for (Column& column : own.columns) column.unfilled = column.filled = false;
  }
  catalog.dropped_keys.clear();
  for (const auto& [name, type] : catalog.types()) {
    catalog.type(name)->created_by = -1;
    catalog.type(name)->new_values.clear();
  }
  catalog.search_path = catalog.session_path;
}

}  // namespace sluice::ddl
