#include "write/cpp.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "model/beyond.hpp"
#include "write/cpp_columns.hpp"

namespace sluice::write {

using namespace model;

namespace {

std::string action(const std::string& name) {
  return name == "restrict" ? "restrict_" : text::replace_all(name, " ", "_");
}

// A name that needs no quotes.
bool is_plain(const std::string& name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
         name.find_first_of("0123456789") != 0;
}

// PostgreSQL's name of a type as drizzle has it.
std::string drizzle_type(const std::string& type) {
  std::string out = text::replace_all(type, "character varying", "varchar");
  out = text::replace_all(out, "character", "char");
  return text::replace_all(out, " without time zone", "");
}

class Writer {
 public:
  explicit Writer(const Schema& schema)
      : schema_(schema),
        names_(schema),
        columns_(by_table<Column>(schema)),
        primary_keys_(by_table<PrimaryKey>(schema)),
        uniques_(by_table<Unique>(schema)),
        checks_(by_table<Check>(schema)),
        indexes_(by_table<Index>(schema)),
        foreign_keys_(by_table<ForeignKey>(schema)),
        policies_(by_table<Policy>(schema)) {
    for (const Column& column : all<Column>(schema)) column_by_key_[column.key] = &column;
  }

  Cpp write(const std::string& space) && {
    for (const Namespace& object : all<Namespace>(schema_)) {
      std::string name = names_.schemas[object.key.name];
      body_ += "inline constexpr pg_schema<" + cpp_string(object.key.name) + "> " + name + ";\n";
      tables_.push_back(name);
    }
    for (const Role& role : all<Role>(schema_)) role_text(role);
    for (const Enum& object : all<Enum>(schema_)) enum_text(object);
    for (const Domain& object : all<Domain>(schema_)) domain_text(object);
    for (const Sequence& object : all<Sequence>(schema_)) sequence_text(object);
    for (const Table* table : in_order()) table_text(*table);
    for (const View& view : all<View>(schema_)) view_text(view);
    Cpp out;
    for (const std::string& name : tables_) out.tables.push_back(space + "::" + name);
    out.header = "// sluice_schema(app_schema HEADER schema.hpp TABLES\n//   " + text::join(out.tables, " ") +
                 ")\n#pragma once\n\n#include <sluice/pg.hpp>\n\nnamespace " + space +
                 " {\n\nusing namespace sluice::pg;\n\n";
    for (const auto& [sql, name] : custom_)
      out.header += "struct " + name +
                    " : type::AnyText {\n  static constexpr std::string_view sql = " + cpp_string(sql) + ";\n};\n";
    if (!custom_.empty()) out.header += "\n";
    out.header += body_ + "\n}  // namespace " + space + "\n";
    out.notes = std::move(notes_);
    return out;
  }

 private:
  // Tables after those that they refer to, as far as there is no circle.
  std::vector<const Table*> in_order() const {
    std::map<Key, const Table*> by_key;
    for (const Table& table : all<Table>(schema_)) by_key[table.key] = &table;
    std::vector<const Table*> out;
    std::set<Key> seen;
    std::function<void(const Table&)> visit = [&](const Table& table) {
      if (!seen.insert(table.key).second) return;
      if (auto keys = foreign_keys_.find(table.key); keys != foreign_keys_.end())
        for (const ForeignKey* key : keys->second)
          if (auto target = by_key.find(key->target()); target != by_key.end()) visit(*target->second);
      out.push_back(&table);
    };
    for (const Table& table : all<Table>(schema_)) visit(table);
    return out;
  }

  void role_text(const Role& role) {
    std::vector<std::string> given;
    if (role.create_db) given.emplace_back(".create_db = true");
    if (role.create_role) given.emplace_back(".create_role = true");
    if (!role.inherit) given.emplace_back(".inherit = false");
    std::string name = names_.roles[role.key.name];
    body_ += "inline constexpr auto " + name + " = pg_role(" + cpp_string(role.key.name) +
             (given.empty() ? "" : ", {" + text::join(given, ", ") + "}") + ");\n";
    tables_.push_back(name);
  }

  void enum_text(const Enum& object) {
    std::vector<std::string> labels, enumerators;
    for (const std::string& label : object.values) {
      labels.push_back(cpp_string(label));
      enumerators.push_back(names_.labels[object.key][label]);
    }
    const std::string &type = names_.types[object.key], &name = names_.objects[object.key];
    std::string rest = cpp_string(object.key.name) + ", " + text::join(labels, ", ");
    body_ +=
        "enum class " + type + " { " + text::join(enumerators, ", ") + " };\ninline constexpr auto " + name + " = ";
    if (object.key.schema == "public")
      body_ += "pg_enum<" + type + ", " + rest + ">;\n";
    else
      body_ += schema_of(object.key) + ".enumeration<" + type + ", " + rest + ">();\n";
    tables_.push_back(name);
  }

  // One that C++ cannot declare is written as a type of its name; the database has it from somewhere else.
  void domain_text(const Domain& object) {
    std::string where =
        object.key.schema == "public" ? "pg_domain<" : "pg_domain_in<" + cpp_string(object.key.schema) + ", ";
    std::vector<std::string> parts;
    CustomTypes unknown;
    Column column;
    column.key.name = object.key.name;
    column.type = drizzle_type(object.type);
    size_t list = std::min(object.type.find('['), object.type.size());
    for (const Enum& base : all<Enum>(schema_))
      if (object.type.substr(0, list) == type_text(base.key)) {
        column.type = base.key.name + object.type.substr(list);
        column.type_schema = base.key.schema;
      }
    column.not_null = object.not_null;
    if (object.default_value) column.default_value = Literal{*object.default_value};
    parts.push_back(cpp_column(column, names_, unknown));
    bool sayable = unknown.empty() && !object.collation && is_plain(object.key.name) && is_plain(object.key.schema);
    for (const auto& [name, check] : object.checks) {
      const std::string& text = check.text;
      sayable = sayable && text.starts_with("CHECK (") && text.ends_with(")");
      if (sayable)
        parts.push_back("domain_check(" + cpp_string(name) + ", " + cpp_string(text.substr(7, text.size() - 8)) + ")");
    }
    if (!sayable) {
      notes_.push_back("Domain " + display(object.key) +
                       " is one that C++ cannot declare: its columns have a type of that name, and a migration of your "
                       "own must make it.");
      return;
    }
    const std::string& name = names_.objects[object.key];
    body_ += "inline constexpr auto " + name + " = " + where + text::join(parts, ", ") + ">;\n";
    names_.domains[(object.key.schema == "public" ? "" : object.key.schema + ".") + object.key.name] = name;
    tables_.push_back(name);
  }

  void sequence_text(const Sequence& object) {
    const std::string& name = names_.objects[object.key];
    std::string options = cpp_sequence_options(object.options, "");
    body_ += "inline constexpr auto " + name + " = pg_sequence(" + cpp_string(object.key.name);
    if (!options.empty() || object.key.schema != "public") body_ += ", " + (options.empty() ? "{}" : options);
    if (object.key.schema != "public") body_ += ", " + cpp_string(object.key.schema);
    body_ += ");\n";
    tables_.push_back(name);
  }

  // The variable of a schema; one that is not part of what is written is named where it is used.
  std::string schema_of(const Key& key) const {
    auto found = names_.schemas.find(key.schema);
    return found != names_.schemas.end() ? found->second : "pg_schema<" + cpp_string(key.schema) + ">{}";
  }

  std::string member(const Key& table, const std::string& column) const {
    auto found = names_.columns.find({table.schema, table.name, column});
    return found == names_.columns.end() ? cpp_identifier(column) : found->second;
  }
  std::string members(const Key& table, const std::vector<std::string>& columns, const std::string& object) const {
    std::vector<std::string> out;
    for (const std::string& column : columns) out.push_back(object + "." + member(table, column));
    return text::join(out, ", ");
  }
  static std::string given(const std::string& name, const std::string& own) {
    return name == own ? "" : cpp_string(name);
  }

  void foreign_key_text(const Key& table, const ForeignKey& key, std::map<std::string, std::string>& on_columns,
                        std::vector<std::string>& extra) {
    std::string own = table.name + "_" + text::join(key.columns_from, "_") + "_" + key.table_to + "_" +
                      text::join(key.columns_to, "_") + "_fk";
    bool above = written_.contains(key.target());
    bool typed = above;
    for (size_t i = 0; i < key.columns_from.size() && typed; i++) {
      auto from = column_by_key_.find({table.schema, table.name, key.columns_from[i]});
      auto to = column_by_key_.find({key.schema_to, key.table_to, key.columns_to[i]});
      typed = from != column_by_key_.end() && to != column_by_key_.end() && same_cpp_type(*from->second, *to->second);
    }
    std::string actions;
    if (key.columns_from.size() == 1 && key.key.name == own &&
        on_columns[key.columns_from[0]].find(".references(") == std::string::npos &&
        (typed || (key.schema_to == table.schema && !above))) {
      if (key.on_delete != "no action" || key.on_update != "no action")
        actions += ", on_delete::" + action(key.on_delete);
      if (key.on_update != "no action") actions += ", on_update::" + action(key.on_update);
      std::string target = typed ? members(key.target(), key.columns_to, names_.objects[key.target()])
                                 : cpp_string(key.table_to) + ", " + cpp_string(key.columns_to[0]);
      on_columns[key.columns_from[0]] += ".references(" + target + actions + ")";
      return;
    }
    if (key.on_delete != "no action") actions += ".on_delete(on_delete::" + action(key.on_delete) + ")";
    if (key.on_update != "no action") actions += ".on_update(on_update::" + action(key.on_update) + ")";
    std::string target = members(key.target(), key.columns_to, names_.objects[key.target()]);
    if (!typed) {
      std::vector<std::string> columns;
      for (const std::string& column : key.columns_to) columns.push_back(cpp_string(column));
      target = cpp_string(key.schema_to) + ", " + cpp_string(key.table_to) + ", {" + text::join(columns, ", ") + "}";
    }
    extra.push_back("foreign_key(" + given(key.key.name, own) + ").on(" + members(table, key.columns_from, "t") +
                    ").references(" + target + ")" + actions);
  }

  std::string index_text(const Key& table, const Index& index) const {
    std::vector<std::string> parts;
    for (const IndexColumn& column : index.columns) {
      std::string part;
      if (column.is_expression)
        part = "sql_part(" + cpp_string(column.expression) + ")";
      else
        part = "t." + member(table, column.expression);
      bool plain = column.ascending && column.nulls == "last" && !column.opclass;
      if (column.is_expression && plain) part = cpp_string(column.expression);
      if (!plain) part += column.ascending ? ".asc()" : ".desc()";
      if (column.nulls != "last") part += ".nulls_" + column.nulls + "()";
      if (column.opclass) part += ".op(" + cpp_string(*column.opclass) + ")";
      parts.push_back(part);
    }
    std::string out = std::string(index.unique ? "unique_index(" : "index(") + cpp_string(index.key.name) + ")";
    if (index.method != "btree") out += ".using_(" + cpp_string(index.method) + ")";
    out += ".on(" + text::join(parts, ", ") + ")";
    if (index.where) out += ".where(" + cpp_string(*index.where) + ")";
    for (const auto& [name, value] : index.with)
      out += ".with(" + cpp_string(name) + ", " + cpp_string(value.text) + ")";
    if (index.concurrently) out += ".concurrently()";
    return out;
  }

  static std::string policy_text(const Policy& policy) {
    std::string out = "policy(" + cpp_string(policy.key.name) + ")";
    if (policy.as != "PERMISSIVE") out += ".restrictive()";
    if (policy.command != "ALL") out += ".for_(" + cpp_string(policy.command) + ")";
    if (policy.to != std::vector<std::string>{"public"}) {
      std::vector<std::string> roles;
      for (const std::string& role : policy.to) roles.push_back(cpp_string(role));
      out += ".to({" + text::join(roles, ", ") + "})";
    }
    if (policy.using_expression) out += ".using_(" + cpp_string(*policy.using_expression) + ")";
    if (policy.with_check) out += ".with_check(" + cpp_string(*policy.with_check) + ")";
    return out;
  }

  void struct_text(const Key& key, const std::vector<const Column*>& columns,
                   const std::map<std::string, std::string>& on_columns) {
    body_ += "\ntemplate <class M>\nstruct " + names_.types[key] + " {\n";
    for (const Column* column : columns) {
      body_ += "  col<M, " + cpp_column(*column, names_, custom_);
      if (auto found = on_columns.find(column->key.name); found != on_columns.end()) body_ += found->second;
      body_ += "> " + member(key, column->key.name) + ";\n";
    }
    body_ += "};\n";
  }

  void table_text(const Table& table) {
    const Key& key = table.key;
    const std::string& name = names_.objects[key];
    if (columns_[key].empty()) {
      notes_.push_back("Table " + display(key) + " has no columns, which C++ cannot declare: it is left out.");
      return;
    }
    std::map<std::string, std::string> on_columns;
    std::vector<std::string> extra;
    for (const PrimaryKey* pk : primary_keys_[key])
      extra.push_back("primary_key(" + given(pk->key.name, key.name + "_" + text::join(pk->columns, "_") + "_pk") +
                      ").on(" + members(key, pk->columns, "t") + ")");
    for (const Unique* unique : uniques_[key]) {
      std::string own = key.name + "_" + text::join(unique->columns, "_") + "_unique";
      if (unique->columns.size() == 1 && unique->key.name == own && !unique->nulls_not_distinct)
        on_columns[unique->columns[0]] = ".unique()";
      else
        extra.push_back("unique(" + given(unique->key.name, own) + ").on(" + members(key, unique->columns, "t") + ")" +
                        (unique->nulls_not_distinct ? ".nulls_not_distinct()" : ""));
    }
    for (const ForeignKey* foreign_key : foreign_keys_[key]) foreign_key_text(key, *foreign_key, on_columns, extra);
    for (const Index* index : indexes_[key]) extra.push_back(index_text(key, *index));
    for (const Check* check : checks_[key])
      extra.push_back("check(" + cpp_string(check->key.name) + ", " + cpp_string(check->expression) + ")");
    for (const Policy* policy : policies_[key]) extra.push_back(policy_text(*policy));
    if (table.row_security) extra.emplace_back("enable_row_security()");
    struct_text(key, columns_[key], on_columns);
    body_ += "inline constexpr auto " + name + " = ";
    std::string arguments = names_.types[key] + ", " + cpp_string(key.name);
    body_ += (key.schema == "public" ? "pg_table<" : schema_of(key) + ".table<") + arguments + ">(";
    if (!extra.empty()) {
      bool uses = std::any_of(extra.begin(), extra.end(),
                              [](const std::string& line) { return line.find("t.") != std::string::npos; });
      body_ += std::string("[](") + (uses ? "[[maybe_unused]] auto t" : "auto") + ") {\n  return list(" +
               text::join(extra, ",\n              ") + ");\n}";
    }
    body_ += ");\n";
    written_.insert(key);
    tables_.push_back(name);
  }

  void view_text(const View& view) {
    const std::string& name = names_.objects[view.key];
    tables_.push_back(name);
    bool plain = !view.existing && view.with.empty() && !view.with_no_data && !view.tablespace && !view.using_method;
    if (plain && !view.columns.empty() && view.definition) {
      std::vector<const Column*> columns;
      for (const Column& column : view.columns) columns.push_back(&column);
      struct_text(view.key, columns, {});
      std::string maker = view.materialized ? "materialized_view<" : "view<";
      body_ += "inline constexpr auto " + name + " = " +
               (view.key.schema == "public" ? "pg_" + maker : schema_of(view.key) + "." + maker) +
               names_.types[view.key] + ", " + cpp_string(view.key.name) + ",\n    " + cpp_string(*view.definition) +
               ">();\n";
      return;
    }
    std::vector<std::string> options, with;
    for (const auto& [option, value] : view.with) with.push_back(option + "=" + value.text);
    if (view.materialized) options.emplace_back(".materialized = true");
    if (view.existing) options.emplace_back(".existing = true");
    if (view.with_no_data) options.push_back(std::string(".no_data = ") + (*view.with_no_data ? "1" : "0"));
    if (!with.empty()) options.push_back(".with = " + cpp_string(text::join(with, ",")));
    if (view.tablespace) options.push_back(".tablespace = " + cpp_string(*view.tablespace));
    if (view.using_method) options.push_back(".method = " + cpp_string(*view.using_method));
    body_ += "inline constexpr auto " + name + " = pg_view_as(" + cpp_string(view.key.name) + ",\n    " +
             cpp_string(view.definition.value_or("")) + ",\n    {" + text::join(options, ", ") + "}, " +
             cpp_string(view.key.schema) + ");\n";
  }

  const Schema& schema_;
  CppNames names_;
  std::map<Key, std::vector<const Column*>> columns_;
  std::map<Key, std::vector<const PrimaryKey*>> primary_keys_;
  std::map<Key, std::vector<const Unique*>> uniques_;
  std::map<Key, std::vector<const Check*>> checks_;
  std::map<Key, std::vector<const Index*>> indexes_;
  std::map<Key, std::vector<const ForeignKey*>> foreign_keys_;
  std::map<Key, std::vector<const Policy*>> policies_;
  std::map<Key, const Column*> column_by_key_;
  std::set<Key> written_;
  CustomTypes custom_;
  std::string body_;
  std::vector<std::string> tables_, notes_;
};

}  // namespace

Cpp cpp(const Schema& schema, const std::string& space) { return Writer(schema).write(space); }

}  // namespace sluice::write
