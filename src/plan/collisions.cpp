#include "plan/collisions.hpp"

#include <algorithm>

#include "model/names.hpp"
#include "plan/numbering.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::set<Key> relation_names(const Schema& schema, const std::set<Key>& tables) {
  std::set<Key> out;
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

}  // namespace

Key default_primary_key(const Key& column) {
  return {column.schema, column.table, implicit_name(column.table, "", "pkey")};
}

bool names_collide(const Schema& old, const std::set<Key>& dropped, const Schema& after, const std::set<Key>& created) {
  if (dropped.empty() || created.empty()) return false;
  std::set<Key> before = relation_names(old, dropped), now = relation_names(after, created);
  return std::any_of(now.begin(), now.end(), [&](const Key& key) { return before.contains(key); });
}

}  // namespace sluice::plan
