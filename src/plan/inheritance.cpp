#include "plan/inheritance.hpp"

#include <algorithm>
#include <set>

#include "model/names.hpp"
#include "plan/beyond_render.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

const Table* parent_in(const Schema& schema, const std::string& name) {
  for (const Table& table : all<Table>(schema))
    if (plain_identity(full_name(table.key)) == plain_identity(name)) return &table;
  return nullptr;
}

bool is_listed(const std::vector<std::string>& parents, const std::string& name) {
  return std::any_of(parents.begin(), parents.end(),
                     [&](const std::string& parent) { return plain_identity(parent) == plain_identity(name); });
}

std::vector<const Check*> checks_of(const Schema& schema, const std::string& parent) {
  std::vector<const Check*> out;
  if (const Table* table = parent_in(schema, parent))
    for (const Check& check : all<Check>(schema))
      if (check.key.owner() == table->key &&
          !(check.definition && check.definition->find("NO INHERIT") != std::string::npos))
        out.push_back(&check);
  return out;
}

bool has_column(const Schema& schema, const std::string& parent, const std::string& name) {
  const Table* table = parent_in(schema, parent);
  return table && find<Column>(schema, {table->key.schema, table->key.name, name});
}

}  // namespace

std::vector<Statement> leave_parents(const Schema& old, const Schema& after, const diff::Changes& changes) {
  std::vector<Statement> out;
  for (const diff::Altered<Table>& change : diff::of<Table>(changes).altered) {
    const Key& child = change.after.key;
    for (const std::string& parent : change.before.inherits) {
      if (is_listed(change.after.inherits, parent)) continue;
      out.push_back({alter_table(child) + "NO INHERIT " + parent + ";"});
      for (const Check* check : checks_of(old, parent)) {
        auto has_it = [&](const std::string& other) {
          std::vector<const Check*> checks = checks_of(old, other);
          return is_listed(change.after.inherits, other) &&
                 std::any_of(checks.begin(), checks.end(),
                             [&](const Check* c) { return c->key.name == check->key.name; });
        };
        bool stays = find<Check>(old, {child.schema, child.name, check->key.name}) ||
                     std::any_of(change.before.inherits.begin(), change.before.inherits.end(), has_it);
        if (!stays) out.push_back({alter_table(child) + "DROP CONSTRAINT " + sql::identifier(check->key.name) + ";"});
      }
    }
  }
  std::set<std::pair<Key, std::string>> made_own;
  for (const diff::Altered<Column>& change : diff::of<Column>(changes).altered) {
    if (!change.has("_inherited")) continue;
    const Key child = change.after.key.owner();
    const Table *was = find<Table>(old, child), *is = find<Table>(after, child);
    if (!was || !is) continue;
    for (const std::string& parent : was->inherits)
      if (is_listed(is->inherits, parent) && has_column(old, parent, change.after.key.name) &&
          made_own.emplace(child, parent).second) {
        out.push_back({alter_table(child) + "NO INHERIT " + parent + ";"});
        out.push_back({alter_table(child) + "INHERIT " + parent + ";"});
      }
  }
  return out;
}

std::vector<Statement> join_parents(const Schema& old, const Schema& after, const diff::Altered<Table>& change) {
  std::vector<Statement> out;
  const Key& child = change.after.key;
  for (const std::string& parent : change.after.inherits) {
    if (is_listed(change.before.inherits, parent)) continue;
    for (const Check* check : checks_of(after, parent))
      if (Key own{child.schema, child.name, check->key.name}; !find<Check>(old, own) && !find<Check>(after, own))
        out.push_back({alter_table(child) + "ADD " + constraint(*check) + ";"});
    out.push_back({alter_table(child) + "INHERIT " + parent + ";"});
  }
  return out;
}

bool follows_parent(const Column& column, const Schema& old, const Schema& after) {
  if (!column.inherited.value_or(false)) return false;
  const Table *was = find<Table>(old, column.key.owner()), *is = find<Table>(after, column.key.owner());
  if (!was || !is) return true;  // it comes and goes with its table
  return std::any_of(was->inherits.begin(), was->inherits.end(), [&](const std::string& parent) {
    return is_listed(is->inherits, parent) &&
           (has_column(old, parent, column.key.name) || has_column(after, parent, column.key.name));
  });
}

}  // namespace sluice::plan
