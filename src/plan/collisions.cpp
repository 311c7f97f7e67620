#include "plan/collisions.hpp"

#include <algorithm>

#include "model/names.hpp"
#include "plan/numbering.hpp"

namespace sluice::plan {

using namespace model;
using diff::of;

namespace {

std::set<Key> relation_names(const Schema& schema, const std::set<Key>& tables) {
  std::set<Key> out;
  if (tables.empty()) return out;
  auto add = [&](const Key& key) {
    if (tables.contains(key.owner())) out.insert({key.schema, "", clipped(key.name)});
  };
  for (const Key& table : tables) out.insert({table.schema, "", clipped(table.name)});
  for (const PrimaryKey& key : all<PrimaryKey>(schema)) add(key.key);
  for (const Unique& unique : all<Unique>(schema)) add(unique.key);
  for (const Index& index : all<Index>(schema)) add(index.key);
  for (const Column& column : all<Column>(schema)) {
    if (column.primary_key) add(default_primary_key(column.key));
    if (is_serial(column.type)) add({column.key.schema, column.key.table, serial_sequence(column).name});
    if (column.identity) add({column.key.schema, column.key.table, column.identity->name});
  }
  return out;
}

// Names of relations, without the table.
class Names {
 public:
  template <class Kind>
  void add(const std::vector<Kind>& objects) {
    for (const Kind& object : objects) add(object.key);
  }
  void add(const Key& key) { names_.insert({key.schema, "", key.name}); }
  bool has(const Key& key) const { return names_.contains(key); }

 private:
  std::set<Key> names_;
};

template <class Kind>
void add_indexes(const diff::Changes& changes, Names& created, Names& dropped) {
  const auto& kind = diff::of<Kind>(changes);
  created.add(kind.created);
  dropped.add(kind.dropped);
  for (const auto& change : kind.renamed) {
    created.add(change.after.key);
    dropped.add(change.before.key);
  }
}

Key free_name(const Key& key, const Schema& old) {
  Key free = key;
  for (std::string suffix = "_old";; suffix += "_") {
    free.name = own_name(key.name, suffix);
    if (!find<Table>(old, free) && !find<Enum>(old, free) && !find<Sequence>(old, free) && !find<View>(old, free))
      return free;
  }
}

std::set<Key> keys_of(const std::vector<Table>& tables) {
  std::set<Key> out;
  for (const Table& table : tables) out.insert(table.key);
  return out;
}

}  // namespace

Key default_primary_key(const Key& column) {
  return {column.schema, column.table, implicit_name(column.table, "", "pkey")};
}

ContestedNames contested_names(const Schema& old, const Schema& after, const diff::Changes& changes,
                               const ViewPlan& views) {
  std::set<Key> created_tables = keys_of(of<Table>(changes).created),
                dropped_tables = keys_of(of<Table>(changes).dropped);
  // With what belongs to the tables.
  std::set<Key> going = relation_names(old, dropped_tables), coming = relation_names(after, created_tables);
  ContestedNames out;
  out.drop_tables_first =
      std::any_of(coming.begin(), coming.end(), [&](const Key& key) { return going.contains(key); });
  const auto& enums = of<Enum>(changes);
  const auto& sequences = of<Sequence>(changes);
  Names created, created_indexes, dropped;
  add_indexes<Index>(changes, created_indexes, dropped);
  add_indexes<Unique>(changes, created_indexes, dropped);
  add_indexes<PrimaryKey>(changes, created_indexes, dropped);
  created.add(of<Table>(changes).created);
  dropped.add(of<Table>(changes).dropped);
  for (const View* view : views.create) created.add(view->key);
  for (const View* view : views.drop) dropped.add(view->key);
  for (const auto* change : views.rename) dropped.add(change->before.key);
  for (const Enum& object : enums.dropped)
    if (created.has(object.key)) out.aside.emplace(object.key, free_name(object.key, old));
  for (const Sequence& object : sequences.dropped)
    if (created.has(object.key) || created_indexes.has(object.key) || coming.contains(object.key))
      out.aside.emplace(object.key, free_name(object.key, old));
  auto wait = [&](const auto& objects) {
    for (const auto& object : objects) {
      bool with_table = going.contains(object.key);
      if (with_table || dropped.has(object.key)) out.late.insert(object.key);
      out.drop_tables_first = out.drop_tables_first || with_table;
    }
  };
  wait(enums.created);
  wait(sequences.created);
  return out;
}

}  // namespace sluice::plan
