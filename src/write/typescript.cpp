#include "write/typescript.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "write/columns.hpp"
#include "write/names.hpp"
#include "write/relations.hpp"

namespace sluice::write {

using namespace model;

namespace {

// Foreign keys of tables from whose target a chain of foreign keys leads back: TypeScript cannot infer the types of two
// tables from each other. Two walks (Kosaraju): tables by when they are left, then from the last one against the
// arrows.
class Circles {
 public:
  explicit Circles(const Schema& schema) {
    for (const ForeignKey& key : all<ForeignKey>(schema)) {
      forward_[key.key.owner()].push_back(key.target());
      backward_[key.target()].push_back(key.key.owner());
    }
    std::vector<Key> left;
    std::set<Key> seen;
    for (const Table& table : all<Table>(schema)) walk(forward_, table.key, seen, left);
    std::set<Key> placed;
    int circle = 0;
    for (auto start = left.rbegin(); start != left.rend(); ++start) {
      std::vector<Key> members;
      walk(backward_, *start, placed, members);
      for (const Key& key : members) circle_[key] = circle;
      circle++;
    }
  }
  bool contain(const Key& from, const Key& to) const {
    auto a = circle_.find(from), b = circle_.find(to);
    return a != circle_.end() && b != circle_.end() && a->second == b->second;
  }

 private:
  using Graph = std::map<Key, std::vector<Key>>;

  // Depth first without recursion: schemas can be deep.
  static void walk(const Graph& graph, const Key& start, std::set<Key>& seen, std::vector<Key>& left) {
    if (!seen.insert(start).second) return;
    std::vector<std::pair<Key, size_t>> path{{start, 0}};
    while (!path.empty()) {
      auto& [at, next] = path.back();
      auto found = graph.find(at);
      if (found == graph.end() || next == found->second.size()) {
        left.push_back(at);
        path.pop_back();
        continue;
      }
      const Key& to = found->second[next++];
      if (seen.insert(to).second) path.emplace_back(to, 0);
    }
  }

  Graph forward_, backward_;
  std::map<Key, int> circle_;
};

class Writer {
 public:
  Writer(const Schema& schema, const TypeScriptOptions& options)
      : schema_(schema),
        options_(options),
        names_(schema, options.keep_names),
        circles_(schema),
        columns_(by_table<Column>(schema)),
        primary_keys_(by_table<PrimaryKey>(schema)),
        uniques_(by_table<Unique>(schema)),
        checks_(by_table<Check>(schema)),
        indexes_(by_table<Index>(schema)),
        foreign_keys_(by_table<ForeignKey>(schema)),
        policies_(by_table<Policy>(schema)) {}

  TypeScript write() && {
    for (const Namespace& object : all<Namespace>(schema_))
      block("export const " + names_.schemas[object.key.name] + " = " + imports_.use("pgSchema") + "(" +
            in_quotes(object.key.name) + ");\n");
    for (const Role& role : all<Role>(schema_)) block(role_text(role));
    for (const Enum& object : all<Enum>(schema_)) block(enum_text(object));
    for (const Sequence& object : all<Sequence>(schema_)) block(sequence_text(object));
    outside_tables();
    for (const Table& table : all<Table>(schema_)) block(table_text(table));
    for (const View& view : all<View>(schema_)) block(view_text(view));
    TypeScript out;
    out.schema = head() + body_;
    out.relations = relations(schema_, names_, options_.drizzle_1);
    out.notes = std::move(notes_);
    return out;
  }

 private:
  void block(const std::string& text) { body_ += "\n" + text; }

  std::string head() {
    std::string core;
    if (imports_.any_column) core = "type AnyPgColumn";
    if (circular_) core += std::string(core.empty() ? "" : ", ") + "type PgTableExtraConfigValue";
    for (const std::string& name : imports_.core) core += (core.empty() ? "" : ", ") + name;
    std::string out;
    if (imports_.sql) out += "import { sql } from \"drizzle-orm\";\n";
    if (!core.empty()) out += "import { " + core + " } from \"drizzle-orm/pg-core\";\n";
    for (const auto& [sql, name] : names_.types)
      out += "\nconst " + name + " = customType<{ data: string }>({ dataType: () => " + in_quotes(sql) + " });\n";
    return out;
  }

  // pgTable, or app.table for another schema. A schema that is not part of what is written is named where it is used.
  std::string maker(const Key& key, const std::string& in_public, const std::string& in_schema) {
    if (key.schema == "public") return imports_.use(in_public);
    auto found = names_.schemas.find(key.schema);
    if (found != names_.schemas.end()) return found->second + "." + in_schema;
    return imports_.use("pgSchema") + "(" + in_quotes(key.schema) + ")." + in_schema;
  }

  // Tables that foreign keys refer to and that are not part of the schema: declared, not exported, so that drizzle
  // knows them and leaves them alone. Of their columns only those that are referred to are known, by the other side's
  // type.
  void outside_tables() {
    std::map<Key, std::map<std::string, Column>> found;
    for (const ForeignKey& key : all<ForeignKey>(schema_)) {
      if (names_.tables.contains(key.target())) continue;
      for (size_t i = 0; i < key.columns_to.size(); i++) {
        Column column;
        for (const Column* other : columns_[key.key.owner()])
          if (other->key.name == key.columns_from[i])
            column.type = other->type, column.type_schema = other->type_schema;
        if (size_t at = column.type.find("serial"); at != std::string::npos)
          column.type = at == 0 ? "integer" : at == 3 ? "bigint" : "smallint";
        column.key = {key.schema_to, key.table_to, key.columns_to[i]};
        found[key.target()].emplace(key.columns_to[i], column);
      }
    }
    for (const auto& [table, columns] : found) {
      Schema only;
      all<Table>(only).push_back({table});
      std::string name = Names(only, options_.keep_names).table(table);
      outside_[table] = names_.exports.take(name, "Table");
      std::vector<const Column*> pointers;
      for (const auto& [column_name, column] : columns) {
        names_.columns[column.key] = options_.keep_names ? preserved(column_name) : camel_case(column_name);
        pointers.push_back(&column);
      }
      block("// not part of this schema\nconst " + outside_[table] + " = " + maker(table, "pgTable", "table") + "(" +
            in_quotes(table.name) + ", {\n" + columns_text(table, pointers, {}) + "});\n");
    }
  }
  const std::string& table_variable(const Key& table) {
    auto found = names_.tables.find(table);
    return found == names_.tables.end() ? outside_[table] : found->second;
  }

  std::string role_text(const Role& role) {
    std::vector<std::string> given;
    if (role.create_db) given.emplace_back("createDb: true");
    if (role.create_role) given.emplace_back("createRole: true");
    if (!role.inherit) given.emplace_back("inherit: false");
    return "export const " + names_.roles[role.key.name] + " = " + imports_.use("pgRole") + "(" +
           in_quotes(role.key.name) + (given.empty() ? "" : ", { " + text::join(given, ", ") + " }") + ");\n";
  }

  std::string enum_text(const Enum& object) {
    std::vector<std::string> values;
    for (const std::string& value : object.values) values.push_back(in_quotes(value));
    return "export const " + names_.enums[object.key] + " = " + maker(object.key, "pgEnum", "enum") + "(" +
           in_quotes(object.key.name) + ", [" + text::join(values, ", ") + "]);\n";
  }

  std::string sequence_text(const Sequence& object) {
    std::string given = sequence_options(object.options, "", "");
    return "export const " + names_.sequences[object.key] + " = " + maker(object.key, "pgSequence", "sequence") + "(" +
           in_quotes(object.key.name) + (given.empty() ? "" : ", " + given) + ");\n";
  }

  std::string columns_text(const Key& owner, const std::vector<const Column*>& columns,
                           const std::map<std::string, std::string>& more) {
    std::string out;
    for (const Column* column : columns) {
      std::string key = names_.column(owner, column->key.name);
      out += "\t" + property(key) + ": " + column_builder(*column, key, names_, imports_, options_);
      if (auto found = more.find(column->key.name); found != more.end()) out += found->second;
      out += ",\n";
    }
    return out;
  }

  std::string table_text(const Table& table) {
    std::map<std::string, std::string> on_columns;  // .unique() and .references() by column
    std::vector<std::string> extra;
    for (const PrimaryKey* key : primary_keys_[table.key])
      extra.push_back(imports_.use("primaryKey") + "({ columns: [" + members(table.key, key->columns) +
                      "], name: " + in_quotes(key->key.name) + " })");
    for (const Unique* unique : uniques_[table.key]) unique_text(table.key, *unique, on_columns, extra);
    for (const ForeignKey* key : foreign_keys_[table.key]) foreign_key_text(table.key, *key, on_columns, extra);
    for (const Index* index : indexes_[table.key]) extra.push_back(index_text(table.key, *index));
    for (const Check* check : checks_[table.key])
      extra.push_back(imports_.use("check") + "(" + in_quotes(check->key.name) + ", " +
                      imports_.template_of(check->expression) + ")");
    for (const Policy* policy : policies_[table.key]) extra.push_back(policy_text(*policy));
    std::string out = "export const " + names_.table(table.key) + " = " + maker(table.key, "pgTable", "table") + "(" +
                      in_quotes(table.key.name) + ", {\n" + columns_text(table.key, columns_[table.key], on_columns) +
                      "}";
    // Two tables that name each other need a type that does not follow from either.
    bool circular =
        std::any_of(foreign_keys_[table.key].begin(), foreign_keys_[table.key].end(), [&](const ForeignKey* key) {
          return key->target() != table.key && circles_.contain(table.key, key->target());
        });
    circular = circular && std::any_of(extra.begin(), extra.end(),
                                       [](const std::string& line) { return line.starts_with("foreignKey("); });
    circular_ = circular_ || circular;
    if (!extra.empty()) {
      bool uses_table = std::any_of(extra.begin(), extra.end(), [](const std::string& line) {
        return line.find("table.") != std::string::npos || line.find("table[") != std::string::npos;
      });
      out += std::string(", (") + (uses_table ? "table" : "") + ")" + (circular ? ": PgTableExtraConfigValue[]" : "") +
             " => [\n";
      for (const std::string& line : extra) out += "\t" + line + ",\n";
      out += "]";
    }
    out += ")";
    // A policy turns row security on by itself.
    if (table.row_security && policies_[table.key].empty()) out += ".enableRLS()";
    if (!table.row_security && !policies_[table.key].empty())
      notes_.push_back("Table " + display(table.key) +
                       " has policies and row security switched off: drizzle's policies switch it on.");
    return out + ";\n";
  }

  std::string members(const Key& table, const std::vector<std::string>& columns, const std::string& object = "table") {
    std::vector<std::string> out;
    for (const std::string& column : columns) out.push_back(member(object, names_.column(table, column)));
    return text::join(out, ", ");
  }

  void unique_text(const Key& table, const Unique& unique, std::map<std::string, std::string>& on_columns,
                   std::vector<std::string>& extra) {
    bool own_name = unique.key.name == table.name + "_" + text::join(unique.columns, "_") + "_unique";
    // drizzle makes the name of .unique() from the key where the column's name comes from it.
    std::string nulls = unique.nulls_not_distinct ? "{ nulls: \"not distinct\" }" : "";
    if (unique.columns.size() == 1 && !on_columns.contains(unique.columns[0])) {
      std::string name = own_name && nulls.empty() ? "" : in_quotes(unique.key.name);
      on_columns[unique.columns[0]] += ".unique(" + name + (nulls.empty() ? "" : ", " + nulls) + ")";
      return;
    }
    extra.push_back(imports_.use("unique") + "(" + in_quotes(unique.key.name) + ").on(" +
                    members(table, unique.columns) + ")" + (unique.nulls_not_distinct ? ".nullsNotDistinct()" : ""));
  }

  void foreign_key_text(const Key& table, const ForeignKey& key, std::map<std::string, std::string>& on_columns,
                        std::vector<std::string>& extra) {
    const std::string& target = table_variable(key.target());
    std::vector<std::string> actions;
    if (key.on_delete != "no action") actions.push_back("onDelete: " + in_quotes(key.on_delete));
    if (key.on_update != "no action") actions.push_back("onUpdate: " + in_quotes(key.on_update));
    std::string own_name = table.name + "_" + text::join(key.columns_from, "_") + "_" + key.table_to + "_" +
                           text::join(key.columns_to, "_") + "_fk";
    bool in_circle = circles_.contain(table, key.target());
    if (key.columns_from.size() == 1 && key.key.name == own_name) {
      if (in_circle) imports_.any_column = true;
      on_columns[key.columns_from[0]] += std::string(".references((") + (in_circle ? "): AnyPgColumn" : ")") + " => " +
                                         members(key.target(), key.columns_to, target) +
                                         (actions.empty() ? "" : ", { " + text::join(actions, ", ") + " }") + ")";
      return;
    }
    std::string object = key.target() == table ? "table" : target;
    std::string text = imports_.use("foreignKey") + "({ columns: [" + members(table, key.columns_from) +
                       "], foreignColumns: [" + members(key.target(), key.columns_to, object) +
                       "], name: " + in_quotes(key.key.name) + " })";
    if (key.on_delete != "no action") text += ".onDelete(" + in_quotes(key.on_delete) + ")";
    if (key.on_update != "no action") text += ".onUpdate(" + in_quotes(key.on_update) + ")";
    extra.push_back(std::move(text));
  }

  std::string index_text(const Key& table, const Index& index) {
    std::vector<std::string> columns;
    for (const IndexColumn& column : index.columns) {
      if (column.is_expression) {
        columns.push_back(imports_.template_of(column.expression));
        continue;
      }
      std::string text = member("table", names_.column(table, column.expression));
      if (!column.ascending) text += ".desc()";
      // drizzle's desc() leaves nulls last, as asc() does.
      if (column.nulls == "first") text += ".nullsFirst()";
      if (!column.ascending && column.nulls == "last") text += ".nullsLast()";
      if (column.opclass) text += ".op(" + in_quotes(*column.opclass) + ")";
      columns.push_back(std::move(text));
    }
    std::string out = imports_.use(index.unique ? "uniqueIndex" : "index") + "(" + in_quotes(index.key.name) + ")";
    out += index.method == "btree" ? ".on(" : ".using(" + in_quotes(index.method) + ", ";
    out += text::join(columns, ", ") + ")";
    if (index.where) out += ".where(" + imports_.template_of(*index.where) + ")";
    if (!index.with.empty()) out += ".with(" + options_text(index.with) + ")";
    return out;
  }

  static std::string options_text(const Options& options) {
    std::vector<std::string> out;
    for (const auto& [name, value] : options)
      out.push_back(property(name) + ": " + (value.is_string ? in_quotes(value.text) : value.text));
    return "{ " + text::join(out, ", ") + " }";
  }

  std::string policy_text(const Policy& policy) {
    std::vector<std::string> given;
    if (policy.as != "PERMISSIVE") given.emplace_back("as: \"restrictive\"");
    if (policy.command != "ALL") given.push_back("for: " + in_quotes(text::to_lower(policy.command)));
    if (policy.to != std::vector<std::string>{"public"}) {
      std::vector<std::string> roles;
      for (const std::string& role : policy.to) {
        auto found = names_.roles.find(role);
        roles.push_back(found == names_.roles.end() ? in_quotes(role) : found->second);
      }
      given.push_back("to: " + (roles.size() == 1 ? roles[0] : "[" + text::join(roles, ", ") + "]"));
    }
    if (policy.using_expression) given.push_back("using: " + imports_.template_of(*policy.using_expression));
    if (policy.with_check) given.push_back("withCheck: " + imports_.template_of(*policy.with_check));
    return imports_.use("pgPolicy") + "(" + in_quotes(policy.key.name) +
           (given.empty() ? "" : ", { " + text::join(given, ", ") + " }") + ")";
  }

  std::string view_text(const View& view) {
    std::vector<const Column*> columns;
    for (const Column& column : view.columns) columns.push_back(&column);
    std::string out = "export const " + names_.views[view.key] + " = " +
                      (view.materialized ? maker(view.key, "pgMaterializedView", "materializedView")
                                         : maker(view.key, "pgView", "view")) +
                      "(" + in_quotes(view.key.name) + ", {\n" + columns_text(view.key, columns, {}) + "})";
    if (view.using_method) out += ".using(" + in_quotes(*view.using_method) + ")";
    if (!view.with.empty()) out += ".with(" + options_text(view.with) + ")";
    if (view.tablespace) out += ".tablespace(" + in_quotes(*view.tablespace) + ")";
    return out + ".as(" + imports_.template_of(view.definition.value_or("")) + ");\n";
  }

  const Schema& schema_;
  const TypeScriptOptions& options_;
  Names names_;
  Imports imports_;
  Circles circles_;
  bool circular_ = false;
  std::map<Key, std::vector<const Column*>> columns_;
  std::map<Key, std::vector<const PrimaryKey*>> primary_keys_;
  std::map<Key, std::vector<const Unique*>> uniques_;
  std::map<Key, std::vector<const Check*>> checks_;
  std::map<Key, std::vector<const Index*>> indexes_;
  std::map<Key, std::vector<const ForeignKey*>> foreign_keys_;
  std::map<Key, std::vector<const Policy*>> policies_;
  std::map<Key, std::string> outside_;  // variables of tables that are not part of the schema
  std::string body_;
  std::vector<std::string> notes_;
};

}  // namespace

TypeScript typescript(const Schema& schema, const TypeScriptOptions& options) {
  return Writer(schema, options).write();
}

}  // namespace sluice::write
