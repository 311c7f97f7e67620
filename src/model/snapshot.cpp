#include "model/snapshot.hpp"

#include <tuple>
#include <unordered_set>

#include "base/text.hpp"
#include "model/json.hpp"

namespace sluice::model {

namespace {

std::string schema_or_public(const FieldReader& reader) {
  const std::optional<JsonValue> schema = reader.member("schema");
  if (!schema || !schema->is_string() || schema->text().empty()) return "public";
  return std::string(schema->text());
}

// Every member of the object `name` in `parent`, as (key, reader of its fields). Missing objects are empty: older
// versions do not have all of them.
template <class F>
void each(const FieldReader& parent, const char* name, F&& visit) {
  const std::optional<JsonValue> object = parent.member(name);
  if (!object) return;
  if (!object->is_object()) parent.fail(name, "an object");
  object->each_member([&](std::string_view key, JsonValue value) { visit(FieldReader(value, parent, name, key)); });
}

template <class Kind>
void read_children(const FieldReader& table, const char* name, const Key& owner, Schema& schema) {
  each(table, name, [&](const FieldReader& reader) {
    Kind object;
    object.key = {owner.schema, owner.name, reader.text("name")};
    Kind::fields(object, reader);
    if constexpr (std::is_same_v<Kind, ForeignKey>)
      if (object.schema_to.empty()) object.schema_to = "public";
    all<Kind>(schema).push_back(std::move(object));
  });
}

void read_table(const FieldReader& reader, Schema& schema) {
  Table table;
  table.key = {schema_or_public(reader), "", reader.text("name")};
  Table::fields(table, reader);
  read_children<Column>(reader, "columns", table.key, schema);
  read_children<Index>(reader, "indexes", table.key, schema);
  read_children<ForeignKey>(reader, "foreignKeys", table.key, schema);
  read_children<PrimaryKey>(reader, "compositePrimaryKeys", table.key, schema);
  read_children<Unique>(reader, "uniqueConstraints", table.key, schema);
  read_children<Policy>(reader, "policies", table.key, schema);
  read_children<Check>(reader, "checkConstraints", table.key, schema);
  all<Table>(schema).push_back(std::move(table));
}

void read_enum(const FieldReader& reader, Schema& schema) {
  Enum object;
  object.key = {schema_or_public(reader), "", reader.text("name")};
  const std::optional<JsonValue> values = reader.member("values");
  if (values && values->is_object()) {  // version 5: {"a": "a"}
    values->each_member([&](std::string_view key, JsonValue) { object.values.emplace_back(key); });
  } else {
    Enum::fields(object, reader);
  }
  all<Enum>(schema).push_back(std::move(object));
}

void read_view(const FieldReader& reader, Schema& schema) {
  View view;
  view.key = {schema_or_public(reader), "", reader.text("name")};
  View::fields(view, reader);
  each(reader, "columns", [&](const FieldReader& column) {
    Column object;
    object.key = {view.key.schema, view.key.name, column.text("name")};
    Column::fields(object, column);
    view.columns.push_back(std::move(object));
  });
  all<View>(schema).push_back(std::move(view));
}

void read_linked_policy(const FieldReader& reader, Schema& schema) {
  Policy policy;
  policy.key = {schema_or_public(reader), "", reader.text("name")};
  Policy::fields(policy, reader);
  all<Policy>(schema).push_back(std::move(policy));
}

// Two objects with one name cannot both be meant, and everything after this relies on names.
template <class Kind>
void check_names(const std::vector<Kind>& objects) {
  auto hash = [](const Key* key) {
    const std::hash<std::string> of;
    return (of(key->schema) * 31 + of(key->table)) * 31 + of(key->name);
  };
  auto same = [](const Key* a, const Key* b) { return *a == *b; };
  std::unordered_set<const Key*, decltype(hash), decltype(same)> seen(2 * objects.size(), hash, same);
  for (const Kind& object : objects)
    if (!seen.insert(&object.key).second)
      throw Error("the " + std::string(kind_name<Kind>) + " " + display(object.key) + " is there twice");
}

Schema read_schema(const FieldReader& root) {
  Schema schema;
  if (const auto schemas = root.member("schemas"); schemas && schemas->is_object())
    schemas->each_member([&](std::string_view name, JsonValue) {
      all<Namespace>(schema).push_back({{"", "", std::string(name)}});
    });
  each(root, "enums", [&](const FieldReader& reader) { read_enum(reader, schema); });
  each(root, "sequences", [&](const FieldReader& reader) {
    Sequence object;
    object.key = {schema_or_public(reader), "", reader.text("name")};
    Sequence::fields(object, reader);
    all<Sequence>(schema).push_back(std::move(object));
  });
  each(root, "roles", [&](const FieldReader& reader) {
    Role object;
    object.key = {"", "", reader.text("name")};
    Role::fields(object, reader);
    all<Role>(schema).push_back(std::move(object));
  });
  each(root, "tables", [&](const FieldReader& reader) { read_table(reader, schema); });
  each(root, "views", [&](const FieldReader& reader) { read_view(reader, schema); });
  each(root, "policies", [&](const FieldReader& reader) { read_linked_policy(reader, schema); });
  std::apply([](const auto&... objects) { (check_names(objects), ...); }, schema);
  return schema;
}

template <class Kind>
void print(JsonPrinter& out, const Kind& object) {
  const FieldWriter write(out);
  out.begin_object();
  write("name", object.key.name);
  Kind::fields(object, write);
  out.end_object();
}

template <>
void print(JsonPrinter& out, const ForeignKey& object) {
  const FieldWriter write(out);
  out.begin_object();
  write("name", object.key.name);
  write("tableFrom", object.key.table);
  ForeignKey::fields(object, [&](std::string_view name, const auto& field) {
    if (name != "schemaTo" || object.schema_to != "public") write(name.data(), field);
  });
  out.end_object();
}

template <class Kind>
void print_children(JsonPrinter& out, const char* name, const std::map<Key, std::vector<const Kind*>>& children,
                    const Key& table) {
  out.key(name);
  out.begin_object();
  if (const auto found = children.find(table); found != children.end())
    for (const Kind* child : found->second) {
      out.key(child->key.name);
      print(out, *child);
    }
  out.end_object();
}

void print_tables(JsonPrinter& out, const Schema& schema) {
  const auto columns = by_table<Column>(schema);
  const auto indexes = by_table<Index>(schema);
  const auto foreign_keys = by_table<ForeignKey>(schema);
  const auto primary_keys = by_table<PrimaryKey>(schema);
  const auto uniques = by_table<Unique>(schema);
  const auto policies = by_table<Policy>(schema);
  const auto checks = by_table<Check>(schema);
  const FieldWriter write(out);
  out.key("tables");
  out.begin_object();
  for (const Table& table : all<Table>(schema)) {
    out.key(table.key.schema + "." + table.key.name);
    out.begin_object();
    write("name", table.key.name);
    write("schema", table.key.schema == "public" ? std::string() : table.key.schema);
    print_children(out, "columns", columns, table.key);
    print_children(out, "indexes", indexes, table.key);
    print_children(out, "foreignKeys", foreign_keys, table.key);
    print_children(out, "compositePrimaryKeys", primary_keys, table.key);
    print_children(out, "uniqueConstraints", uniques, table.key);
    print_children(out, "policies", policies, table.key);
    print_children(out, "checkConstraints", checks, table.key);
    Table::fields(table, write);
    out.end_object();
  }
  out.end_object();
}

void print_view(JsonPrinter& out, const View& view) {
  const FieldWriter write(out);
  out.begin_object();
  out.key("columns");
  out.begin_object();
  for (const Column& column : view.columns) {
    out.key(column.key.name);
    print(out, column);
  }
  out.end_object();
  View::fields(view, [&](std::string_view name, const auto& field) {
    if (name == "isExisting") {
      write("name", view.key.name);
      write("schema", view.key.schema);
    }
    if constexpr (std::is_same_v<decltype(field), const Options&>) {
      if (!field.empty()) write(name.data(), field);
    } else {
      write(name.data(), field);
    }
  });
  out.end_object();
}

void print_linked_policy(JsonPrinter& out, const Policy& policy) {
  const FieldWriter write(out);
  out.begin_object();
  write("name", policy.key.name);
  Policy::fields(policy, [&](std::string_view name, const auto& field) {
    if (name == "on") write("schema", policy.key.schema);
    write(name.data(), field);
  });
  out.end_object();
}

// What stands in a schema and is not a table: its name, its schema, its fields.
template <class Kind>
void print_schema_objects(JsonPrinter& out, const char* list, const Schema& schema) {
  const FieldWriter write(out);
  out.key(list);
  out.begin_object();
  for (const Kind& object : all<Kind>(schema)) {
    out.key(object.key.schema + "." + object.key.name);
    out.begin_object();
    write("name", object.key.name);
    write("schema", object.key.schema);
    Kind::fields(object, write);
    out.end_object();
  }
  out.end_object();
}

}  // namespace

Snapshot parse_snapshot(std::string_view text, const std::string& name) {
  ErrorContext context;
  context.at.file = name;
  std::optional<JsonDocument> json;
  try {
    json.emplace(text);
  } catch (const JsonError& error) {
    context.at.line = text::line_of(text, error.offset);
    context.hint = text::trim(text).empty()
                       ? "The file is empty. Restore it from version control."
                       : "Restore the file from version control; after a merge, look for conflict markers.";
    throw Error("the snapshot is not valid JSON", context);
  }
  context.hint = "Restore the file from version control, or generate it again.";
  try {
    const FieldReader root(json->root());
    Snapshot snapshot;
    root("id", snapshot.id);
    root("prevId", snapshot.prev_id);
    root("version", snapshot.version);
    if (snapshot.version == "8" || snapshot.version == "9") {
      context.hint = "It is read together with the others of its folder: name the folder, or DIR@MIGRATION.";
      throw Error("the snapshot has version " + snapshot.version + ", which does not stand alone", context);
    }
    if (snapshot.version != "5" && snapshot.version != "6" && snapshot.version != "7") {
      throw Error("the snapshot has the unknown version '" + snapshot.version + "'", context);
    }
    std::string dialect = root.text("dialect");
    if (dialect != "postgresql" && dialect != "pg") {
      context.hint = "Sluice works with PostgreSQL only.";
      throw Error("the snapshot is for '" + dialect + "'", context);
    }
    snapshot.schema = read_schema(root);
    snapshot.version = "7";
    return snapshot;
  } catch (const JsonError& error) {  // a number that no type holds
    throw Error("the snapshot cannot be read: " + std::string(error.what()), context);
  } catch (const Error& error) {
    if (error.context.at.known()) throw;
    throw Error("the snapshot is malformed: " + std::string(error.what()), context);
  }
}

std::string print_snapshot(const Snapshot& snapshot) {
  const Schema& schema = snapshot.schema;
  JsonPrinter out;
  const FieldWriter write(out);
  out.begin_object();
  write("id", snapshot.id);
  write("prevId", snapshot.prev_id);
  write("version", snapshot.version);
  write("dialect", std::string("postgresql"));
  print_tables(out, schema);
  print_schema_objects<Enum>(out, "enums", schema);
  out.key("schemas");
  out.begin_object();
  for (const Namespace& object : all<Namespace>(schema)) write(object.key.name.c_str(), object.key.name);
  out.end_object();
  print_schema_objects<Sequence>(out, "sequences", schema);
  out.key("roles");
  out.begin_object();
  for (const Role& role : all<Role>(schema)) {
    out.key(role.key.name);
    print(out, role);
  }
  out.end_object();
  out.key("policies");
  out.begin_object();
  for (const Policy& policy : all<Policy>(schema)) {
    if (!policy.linked_to) continue;
    out.key(policy.key.name);
    print_linked_policy(out, policy);
  }
  out.end_object();
  out.key("views");
  out.begin_object();
  for (const View& view : all<View>(schema)) {
    out.key(view.key.schema + "." + view.key.name);
    print_view(out, view);
  }
  out.end_object();
  out.key("_meta");
  out.begin_object();
  for (const char* name : {"columns", "schemas", "tables"}) {
    out.key(name);
    out.begin_object();
    out.end_object();
  }
  out.end_object();
  out.end_object();
  return out.take();
}

}  // namespace sluice::model
