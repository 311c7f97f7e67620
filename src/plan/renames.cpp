#include "plan/renames.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <type_traits>
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
  std::function<std::string(const std::string& from, const std::string& to)> sql;
};

// A name must be free before it is given: what has it now is renamed first, and in a circle one steps aside.
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
    if (waiting == pending.begin()) {
      NewName& first = pending.front();
      std::string suffix = "_old";
      while (taken.contains(place(first, own_name(first.from, suffix)))) suffix += "_";
      const std::string aside = own_name(first.from, suffix);
      out.push_back({first.sql(first.from, aside)});
      first.from = aside;
      continue;
    }
    for (auto name = pending.begin(); name != waiting; ++name) out.push_back({name->sql(name->from, name->to)});
    pending.erase(pending.begin(), waiting);
  }
  return out;
}

// "ALTER kind", and its name in the schema.
NewName relation(const std::string& alter, const std::string& schema, const std::string& from, const std::string& to) {
  return {{schema, "", ""}, from, to, [=](const std::string& is, const std::string& becomes) {
            return alter + " " + table_name({schema, "", is}) + " RENAME TO " + sql::identifier(becomes) + ";";
          }};
}

template <class Kind>
void constraints(const diff::Changes& changes, std::vector<NewName>& out) {
  for (const auto& change : diff::of<Kind>(changes).renamed) {
    const std::string &from = change.before.key.name, &to = change.after.key.name;
    if (same_name(from, to)) continue;
    Key table = change.before.key.owner();
    // A key has an index of its name, and those are unique in the schema.
    constexpr bool has_index = std::is_same_v<Kind, PrimaryKey> || std::is_same_v<Kind, Unique>;
    out.push_back({has_index ? Key{table.schema, "", ""} : table, from, to,
                   [table](const std::string& is, const std::string& becomes) {
                     return alter_table(table) + "RENAME CONSTRAINT " + sql::identifier(is) + " TO " +
                            sql::identifier(becomes) + ";";
                   }});
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
    if (!same_name(from, to)) names.push_back(relation("ALTER " + kind + " IF EXISTS", column.schema, from, to));
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
      names.push_back(relation("ALTER INDEX", key.schema, key.name, change.after.key.name));
  }
  for (const auto& change : diff::of<Column>(changes).altered) {
    if (!change.before.identity || !change.after.identity) continue;
    const std::string &from = change.before.identity->name, &to = change.after.identity->name;
    if (!same_name(from, to)) names.push_back(relation("ALTER SEQUENCE", change.after.key.schema, from, to));
  }
  for (const auto& change : diff::of<Policy>(changes).renamed) {
    std::string table = policy_table(change.before);
    if (!same_name(change.before.key.name, change.after.key.name))
      names.push_back({{"policies", "", table},
                       change.before.key.name,
                       change.after.key.name,
                       [table](const std::string& from, const std::string& to) {
                         return "ALTER POLICY " + sql::identifier(from) + " ON " + table + " RENAME TO " +
                                sql::identifier(to) + ";";
                       }});
  }
  return in_order(std::move(names));
}

}  // namespace sluice::plan
