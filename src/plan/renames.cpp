#include "plan/renames.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "model/names.hpp"
#include "plan/numbering.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;
using diff::Rename;
using diff::RenameKind;

namespace {

// One object gets a new name. `scope` is where the name must be unique.
struct NewName {
  Key scope;
  std::string from, to;
  std::string sql;
};

// A name must be free before it is given: what has it now is renamed first.
std::vector<Statement> in_order(std::vector<NewName> pending) {
  std::vector<Statement> out;
  auto place = [](const NewName& name, const std::string& of) {
    return Key{name.scope.schema, name.scope.name, clipped(of)};
  };
  while (!pending.empty()) {
    std::set<Key> taken;
    for (const NewName& name : pending) taken.insert(place(name, name.from));
    auto waiting = std::stable_partition(pending.begin(), pending.end(),
                                         [&](const NewName& name) { return !taken.contains(place(name, name.to)); });
    // A circle: PostgreSQL will say so.
    if (waiting == pending.begin()) waiting = pending.end();
    for (auto name = pending.begin(); name != waiting; ++name) out.push_back({name->sql});
    pending.erase(pending.begin(), waiting);
  }
  return out;
}

template <class Kind>
void constraints(const diff::Changes& changes, std::vector<NewName>& out) {
  for (const auto& change : diff::of<Kind>(changes).renamed) {
    const std::string &from = change.before.key.name, &to = change.after.key.name;
    if (same_name(from, to)) continue;
    out.push_back({change.before.key.owner(), from, to,
                   alter_table(change.before.key.owner()) + "RENAME CONSTRAINT " + sql::identifier(from) + " TO " +
                       sql::identifier(to) + ";"});
  }
}

// As drizzle-kit writes it: the schema is always said when the object moves, else where it is not public (tables).
void move_and_rename(const std::string& kind, const Rename& rename, std::vector<Statement>& out) {
  Key at = rename.from;
  if (at.schema != rename.to.schema) {
    out.push_back({"ALTER " + kind + " " + full_name(at) + " SET SCHEMA " + sql::identifier(rename.to.schema) + ";" +
                   (kind == "TABLE" ? "\n" : "")});
    at.schema = rename.to.schema;
  }
  if (!same_name(at.name, rename.to.name))
    out.push_back({"ALTER " + kind + " " + (kind == "TABLE" ? table_name(at) : full_name(at)) + " RENAME TO " +
                   sql::identifier(rename.to.name) + ";"});
}

}  // namespace

std::vector<Statement> rename_all(const diff::Renames& renames, const std::vector<Namespace>& created) {
  std::vector<Statement> out;
  auto create_schemas = [&, done = false]() mutable {
    if (!std::exchange(done, true))
      for (const Namespace& object : created) out.push_back({create(object)});
  };
  for (const Rename& rename : renames) {
    if (rename.kind != RenameKind::schema) create_schemas();
    switch (rename.kind) {
      case RenameKind::schema:
        out.push_back({"ALTER SCHEMA " + sql::identifier(rename.from.name) + " RENAME TO " +
                       sql::identifier(rename.to.name) + ";\n"});
        break;
      case RenameKind::table:
        move_and_rename("TABLE", rename, out);
        break;
      case RenameKind::column:
        if (!same_name(rename.from.name, rename.to.name))
          out.push_back({alter_table(rename.to.owner()) + "RENAME COLUMN " + sql::identifier(rename.from.name) +
                         " TO " + sql::identifier(rename.to.name) + ";"});
        break;
      case RenameKind::enumeration:
        move_and_rename("TYPE", rename, out);
        break;
      case RenameKind::sequence:
        move_and_rename("SEQUENCE", rename, out);
        break;
      case RenameKind::role:
        out.push_back({"ALTER ROLE " + sql::identifier(rename.from.name) + " RENAME TO " +
                       sql::identifier(rename.to.name) + ";"});
        break;
    }
  }
  create_schemas();
  return out;
}

std::vector<Statement> rename_implicit(const Schema& before, const Schema& renamed) {
  std::vector<NewName> names;
  const auto &old = all<Column>(before), &now = all<Column>(renamed);
  auto add = [&](const std::string& kind, const Key& column, const std::string& from, const std::string& to) {
    // IF EXISTS: a table that another tool renamed may have kept a still older name.
    if (!same_name(from, to))
      names.push_back({{column.schema, "", ""},
                       from,
                       to,
                       "ALTER " + kind + " IF EXISTS " + table_name({column.schema, "", from}) + " RENAME TO " +
                           sql::identifier(to) + ";"});
  };
  for (size_t i = 0; i < old.size(); i++) {
    const Key &was = old[i].key, &is = now[i].key;
    if (was.table == is.table && was.name == is.name) continue;
    if (old[i].primary_key) add("INDEX", is, implicit_name(was.table, "", "pkey"), implicit_name(is.table, "", "pkey"));
    if (is_serial(old[i].type)) add("SEQUENCE", is, serial_sequence(old[i]).name, serial_sequence(now[i]).name);
  }
  return in_order(std::move(names));
}

std::vector<Statement> rename_constraints(const diff::Changes& changes) {
  std::vector<NewName> names;
  constraints<PrimaryKey>(changes, names);
  constraints<Unique>(changes, names);
  constraints<Check>(changes, names);
  constraints<ForeignKey>(changes, names);
  for (const auto& change : diff::of<Index>(changes).renamed) {
    const Key& key = change.before.key;
    if (!same_name(key.name, change.after.key.name))
      names.push_back({{key.schema, "", ""},
                       key.name,
                       change.after.key.name,
                       "ALTER INDEX " + table_name({key.schema, "", key.name}) + " RENAME TO " +
                           sql::identifier(change.after.key.name) + ";"});
  }
  for (const auto& change : diff::of<Policy>(changes).renamed) {
    const Policy& policy = change.before;
    if (!same_name(policy.key.name, change.after.key.name))
      names.push_back({{"policies", "", policy_table(policy)},
                       policy.key.name,
                       change.after.key.name,
                       "ALTER POLICY " + sql::identifier(policy.key.name) + " ON " + policy_table(policy) +
                           " RENAME TO " + sql::identifier(change.after.key.name) + ";"});
  }
  return in_order(std::move(names));
}

}  // namespace sluice::plan
