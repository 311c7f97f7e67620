#include "ddl/catalog.hpp"

#include <algorithm>
#include <utility>

namespace sluice::ddl {

namespace {

template <class List>
auto* named(List& list, const std::string& name) {
  auto found = std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> Index::leading_columns() const {
  std::vector<std::string> out;
  for (const sql::IndexKey& key : keys) {
    if (key.column.empty()) break;
    out.push_back(key.column);
  }
  return out;
}

bool Index::uses(const std::string& column) const {
  auto in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), column) != list.end();
  };
  return in(include) || in(where.columns) || std::any_of(keys.begin(), keys.end(), [&](const sql::IndexKey& key) {
           return key.column == column || in(key.expression.columns);
         });
}

const Column* Relation::column(const std::string& wanted) const { return named(columns, wanted); }
Column* Relation::column(const std::string& wanted) { return named(columns, wanted); }
const Index* Relation::index(const std::string& wanted) const { return named(indexes, wanted); }
const Constraint* Relation::constraint(const std::string& wanted) const {
  for (const Constraint& constraint : constraints)
    if (constraint.definition.name == wanted) return &constraint;
  return nullptr;
}
bool Relation::uses_column(const Name& relation, const std::string& wanted) const {
  return std::find(uses.begin(), uses.end(), std::pair(relation, wanted)) != uses.end();
}
const Constraint* Relation::primary_key() const {
  for (const Constraint& constraint : constraints)
    if (constraint.definition.kind == sql::ConstraintKind::primary_key) return &constraint;
  return nullptr;
}

namespace {

template <class Map>
Name resolved(const Map& map, const std::vector<std::string>& path, const Name& name) {
  if (!name.schema.empty()) return name;
  for (const std::string& schema : path)
    if (Name full{schema, name.name}; map.contains(full)) return full;
  return {path.empty() ? "public" : path.front(), name.name};
}

}  // namespace

Name Catalog::resolve(const Name& name) const { return resolved(relations_, search_path, name); }
Name Catalog::resolve_type(const Name& name) const { return resolved(types_, search_path, name); }

const Relation* Catalog::find(const Name& name) const {
  auto found = relations_.find(resolve(name));
  return found == relations_.end() ? nullptr : &found->second;
}
Relation* Catalog::find(const Name& name) { return const_cast<Relation*>(std::as_const(*this).find(name)); }

const Relation* Catalog::table_of_index(const Name& index) const {
  auto found = table_of_index_.find(resolved(table_of_index_, search_path, index));
  return found == table_of_index_.end() ? nullptr : find(found->second);
}
Relation* Catalog::table_of_index(const Name& index) {
  return const_cast<Relation*>(std::as_const(*this).table_of_index(index));
}

const Type* Catalog::type(const Name& name) const {
  auto found = types_.find(resolve_type(name));
  return found == types_.end() ? nullptr : &found->second;
}
Type* Catalog::type(const Name& name) { return const_cast<Type*>(std::as_const(*this).type(name)); }

const Function* Catalog::function(const Name& name) const {
  auto found = functions_.find(resolved(functions_, search_path, name));
  return found == functions_.end() ? nullptr : &found->second;
}

std::set<Name> Catalog::function_names() const {
  std::set<Name> out;
  for (const auto& [name, function] : functions_) out.insert(name);
  return out;
}

Relation& Catalog::add(Relation relation) {
  Name name = relation.name;
  remove(name);
  for (const Name& read : relation.reads) read_by_[read].insert(name);
  for (const Constraint& constraint : relation.constraints)
    if (constraint.definition.kind == sql::ConstraintKind::foreign_key)
      referenced_by_[constraint.definition.references].insert(name);
  if (relation.partition_of) partitions_of_[*relation.partition_of].insert(name);
  for (const Index& index : relation.indexes) table_of_index_[{name.schema, index.name}] = name;
  return relations_[name] = std::move(relation);
}

void Catalog::remove(const Name& of) {
  const Name name = of;  // it may be the name of what goes
  auto found = relations_.find(name);
  if (found == relations_.end()) return;
  for (const Index& index : found->second.indexes) table_of_index_.erase({name.schema, index.name});
  relations_.erase(found);
}

void Catalog::rename(const Name& old_name, const Name& new_name) {
  const Name from = old_name, to = new_name;  // they may be names of what is moved here
  auto found = relations_.find(from);
  if (found == relations_.end()) return;
  Relation moved = std::move(found->second);
  remove(from);
  for (const Index& index : moved.indexes) table_of_index_.erase({from.schema, index.name});
  moved.name = to;
  auto follow = [&](std::map<Name, std::set<Name>>& edges) {
    if (auto edge = edges.find(from); edge != edges.end()) {
      std::set<Name> others = std::move(edge->second);
      edges.erase(edge);
      edges[to].insert(others.begin(), others.end());
      for (const Name& other : others) {
        Relation* relation = other == from ? &moved : find(other);
        if (!relation) continue;
        for (Constraint& constraint : relation->constraints)
          if (constraint.definition.references == from) constraint.definition.references = to;
        std::replace(relation->reads.begin(), relation->reads.end(), from, to);
        for (auto& [used, column] : relation->uses)
          if (used == from) used = to;
        if (relation->partition_of == from) relation->partition_of = to;
      }
    }
  };
  follow(referenced_by_);
  follow(partitions_of_);
  follow(read_by_);
  for (auto& [name, relation] : relations_)
    if (relation.owner == from) relation.owner = to;
  add(std::move(moved));
}

void Catalog::add_type(Type type) {
  Name name = type.name;
  types_[name] = std::move(type);
}
void Catalog::remove_type(const Name& name) { types_.erase(resolve_type(name)); }
void Catalog::rename_type(const Name& from, const Name& to) {
  auto found = types_.find(resolve_type(from));
  if (found == types_.end()) return;
  Type moved = std::move(found->second);
  const Name old = found->first;
  for (auto& [name, relation] : relations_)
    for (Column& column : relation.columns)
      if (resolve_type({column.type.schema, column.type.name}) == old)
        column.type.schema = to.schema, column.type.name = to.name;
  types_.erase(found);
  moved.name = to;
  add_type(std::move(moved));
}
void Catalog::add_function(Function function) {
  Name name = function.name;
  functions_[name] = std::move(function);
}
void Catalog::remove_function(const Name& name) { functions_.erase(resolved(functions_, search_path, name)); }

Index& Catalog::add_index(Relation& table, Index index) {
  table_of_index_[{table.name.schema, index.name}] = table.name;
  return table.indexes.emplace_back(std::move(index));
}
void Catalog::remove_index(Relation& table, const std::string& index) {
  table_of_index_.erase({table.name.schema, index});
  std::erase_if(table.indexes, [&](const Index& other) { return other.name == index; });
}
void Catalog::rename_index(Relation& table, const std::string& from, const std::string& to) {
  table_of_index_.erase({table.name.schema, from});
  table_of_index_[{table.name.schema, to}] = table.name;
  for (Index& index : table.indexes) {
    if (index.name != from) continue;
    index.name = to;
    if (index.constraint == from) index.constraint = to;
  }
  for (Constraint& constraint : table.constraints)
    if (constraint.definition.name == from && constraint.definition.kind != sql::ConstraintKind::check &&
        constraint.definition.kind != sql::ConstraintKind::foreign_key)
      constraint.definition.name = to;
}
void Catalog::add_constraint(Relation& table, Constraint constraint) {
  if (constraint.definition.kind == sql::ConstraintKind::foreign_key)
    referenced_by_[constraint.definition.references].insert(table.name);
  table.constraints.push_back(std::move(constraint));
}
void Catalog::remove_constraint(Relation& table, const std::string& name) {
  std::vector<std::string> indexes;
  for (const Index& index : table.indexes)
    if (index.constraint == name) indexes.push_back(index.name);
  for (const std::string& index : indexes) remove_index(table, index);
  std::erase_if(table.constraints, [&](const Constraint& c) { return c.definition.name == name; });
}
void Catalog::set_partition(Relation& child, std::optional<Name> parent) {
  child.partition_of = parent;
  if (parent) partitions_of_[*parent].insert(child.name);
}

std::vector<const Relation*> Catalog::referencing(const Name& table) const {
  std::vector<const Relation*> out;
  if (auto edge = referenced_by_.find(table); edge != referenced_by_.end())
    for (const Name& name : edge->second)
      if (const Relation* relation = find(name))
        if (std::any_of(relation->constraints.begin(), relation->constraints.end(), [&](const Constraint& c) {
              return c.definition.kind == sql::ConstraintKind::foreign_key && c.definition.references == table;
            }))
          out.push_back(relation);
  return out;
}
std::vector<const Relation*> Catalog::partitions(const Name& table) const {
  std::vector<const Relation*> out;
  if (auto edge = partitions_of_.find(table); edge != partitions_of_.end())
    for (const Name& name : edge->second)
      if (const Relation* relation = find(name); relation && relation->partition_of == table) out.push_back(relation);
  return out;
}
std::vector<const Relation*> Catalog::views_on(const Name& table) const {
  std::vector<const Relation*> out;
  if (auto edge = read_by_.find(table); edge != read_by_.end())
    for (const Name& name : edge->second)
      if (const Relation* relation = find(name);
          relation && std::find(relation->reads.begin(), relation->reads.end(), table) != relation->reads.end())
        out.push_back(relation);
  return out;
}

namespace {

constexpr size_t longest_name = 63;

std::string cut(std::string text, size_t size) {
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) size--;
  return text.substr(0, size);
}

// makeObjectName: the longer of the two parts gives way.
std::string joined(std::string first, std::string second, const std::string& label) {
  const size_t overhead = label.size() + 1 + (second.empty() ? 0 : 1);
  while (first.size() + second.size() + overhead > longest_name) {
    if (first.size() > second.size())
      first = cut(first, first.size() - 1);
    else
      second = cut(second, second.size() - 1);
  }
  return first + (second.empty() ? "" : "_" + second) + "_" + label;
}

}  // namespace

std::string made_up_name(const Catalog& catalog, const Relation& table, const std::vector<std::string>& columns,
                         const std::string& label) {
  std::string second;
  for (const std::string& column : columns) second += (second.empty() ? "" : "_") + column;
  for (int number = 0;; number++) {
    std::string name = joined(table.name.name, second, number ? label + std::to_string(number) : label);
    const Name full{table.name.schema, name};
    if (!table.constraint(name) && !catalog.find(full) && !catalog.table_of_index(full)) return name;
  }
}

std::string constraint_name(const Catalog& catalog, const Relation& table, const sql::Constraint& constraint) {
  if (!constraint.name.empty()) return constraint.name;
  switch (constraint.kind) {
    case sql::ConstraintKind::primary_key:
      return made_up_name(catalog, table, {}, "pkey");
    case sql::ConstraintKind::unique:
      return constraint.index.empty() ? made_up_name(catalog, table, constraint.columns, "key") : constraint.index;
    case sql::ConstraintKind::exclusion:
      return made_up_name(catalog, table, constraint.columns, "excl");
    case sql::ConstraintKind::foreign_key:
      return made_up_name(catalog, table, constraint.columns, "fkey");
    case sql::ConstraintKind::not_null:
      return made_up_name(catalog, table, constraint.columns, "not_null");
    default: {
      std::set<std::string> used(constraint.expression.columns.begin(), constraint.expression.columns.end());
      std::vector<std::string> column = constraint.columns;
      if (column.empty() && used.size() == 1) column = {*used.begin()};
      return made_up_name(catalog, table, column, "check");
    }
  }
}

std::string index_name(const Catalog& catalog, const Relation& table, const sql::CreateIndex& index) {
  if (!index.name.empty()) return index.name;
  std::vector<std::string> columns;
  for (const sql::IndexKey& key : index.keys) {
    std::string name = !key.column.empty()                ? key.column
                       : key.expression.functions.empty() ? "expr"
                                                          : key.expression.functions.front().name;
    while (std::find(columns.begin(), columns.end(), name) != columns.end()) name += "1";
    columns.push_back(name);
  }
  for (const std::string& column : index.include) columns.push_back(column);
  return made_up_name(catalog, table, columns, "idx");
}

}  // namespace sluice::ddl
