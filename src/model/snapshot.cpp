#include "model/snapshot.hpp"

#include <tuple>
#include <unordered_set>

#include "base/text.hpp"
#include "model/json.hpp"

namespace sluice::model {

namespace {

std::string schema_or_public(const FieldReader& reader) {
  const Json* schema = reader.member("schema");
  if (!schema || !schema->is_string() || schema->get_ref<const std::string&>().empty()) return "public";
  return schema->get<std::string>();
}

// Every member of the object `name` in `parent`, as (key, reader of its fields). Missing objects are empty: older
// versions do not have all of them.
template <class F>
void each(const FieldReader& parent, const char* name, F&& visit) {
  const Json* object = parent.member(name);
  if (!object) return;
  if (!object->is_object()) parent.fail(name, "an object");
  for (const auto& [key, value] : object->items())
    visit(key, FieldReader(value, (parent.path().empty() ? "" : parent.path() + ".") + std::string(name) + "." + key));
}

template <class Kind>
void read_children(const FieldReader& table, const char* name, const Key& owner, Schema& schema) {
  each(table, name, [&](const std::string&, FieldReader reader) {
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
  Table::fields(table, FieldReader(reader));
  read_children<Column>(reader, "columns", table.key, schema);
  read_children<Index>(reader, "indexes", table.key, schema);
  read_children<ForeignKey>(reader, "foreignKeys", table.key, schema);
  read_children<PrimaryKey>(reader, "compositePrimaryKeys", table.key, schema);
  read_children<Unique>(reader, "uniqueConstraints", table.key, schema);
  read_children<Policy>(reader, "policies", table.key, schema);
  read_children<Check>(reader, "checkConstraints", table.key, schema);
  all<Table>(schema).push_back(std::move(table));
}

void read_enum(FieldReader reader, Schema& schema) {
  Enum object;
  object.key = {schema_or_public(reader), "", reader.text("name")};
  const Json* values = reader.member("values");
  if (values && values->is_object()) {  // version 5: {"a": "a"}
    for (const auto& [key, value] : values->items()) object.values.push_back(key);
  } else {
    Enum::fields(object, reader);
  }
  all<Enum>(schema).push_back(std::move(object));
}

void read_view(FieldReader reader, Schema& schema) {
  View view;
  view.key = {schema_or_public(reader), "", reader.text("name")};
  View::fields(view, reader);
  each(reader, "columns", [&](const std::string&, FieldReader column) {
    Column object;
    object.key = {view.key.schema, view.key.name, column.text("name")};
    Column::fields(object, column);
    view.columns.push_back(std::move(object));
  });
  all<View>(schema).push_back(std::move(view));
}

void read_linked_policy(FieldReader reader, Schema& schema) {
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
  if (const Json* schemas = root.member("schemas"); schemas && schemas->is_object())
    for (const auto& [name, value] : schemas->items()) all<Namespace>(schema).push_back({{"", "", name}});
  each(root, "enums", [&](const std::string&, FieldReader reader) { read_enum(std::move(reader), schema); });
  each(root, "sequences", [&](const std::string&, FieldReader reader) {
    Sequence object;
    object.key = {schema_or_public(reader), "", reader.text("name")};
    Sequence::fields(object, reader);
    all<Sequence>(schema).push_back(std::move(object));
  });
  each(root, "roles", [&](const std::string&, FieldReader reader) {
    Role object;
    object.key = {"", "", reader.text("name")};
    Role::fields(object, reader);
    all<Role>(schema).push_back(std::move(object));
  });
  each(root, "tables", [&](const std::string&, const FieldReader& reader) { read_table(reader, schema); });
  each(root, "views", [&](const std::string&, FieldReader reader) { read_view(std::move(reader), schema); });
  each(root, "policies",
       [&](const std::string&, FieldReader reader) { read_linked_policy(std::move(reader), schema); });
  std::apply([](const auto&... objects) { (check_names(objects), ...); }, schema);
  return schema;
}

template <class Kind>
Json to_json(const Kind& object) {
  Json json = Json::object();
  json["name"] = object.key.name;
  Kind::fields(object, FieldWriter(json));
  return json;
}

template <>
Json to_json(const ForeignKey& object) {
  Json json = Json::object();
  json["name"] = object.key.name;
  json["tableFrom"] = object.key.table;
  FieldWriter write(json);
  ForeignKey::fields(object, [&](std::string_view name, const auto& field) {
    if (name != "schemaTo" || object.schema_to != "public") write(name.data(), field);
  });
  return json;
}

// What stands in a schema and is not a table: its name, its schema, its fields.
template <class Kind>
Json with_schema(const Kind& object) {
  Json json = Json::object();
  json["name"] = object.key.name;
  json["schema"] = object.key.schema;
  Kind::fields(object, FieldWriter(json));
  return json;
}

template <class Kind>
Json object_of(const std::vector<const Kind*>* children) {
  Json json = Json::object();
  if (children)
    for (const Kind* child : *children) json[child->key.name] = to_json(*child);
  return json;
}

Json tables_json(const Schema& schema) {
  auto columns = by_table<Column>(schema);
  auto indexes = by_table<Index>(schema);
  auto foreign_keys = by_table<ForeignKey>(schema);
  auto primary_keys = by_table<PrimaryKey>(schema);
  auto uniques = by_table<Unique>(schema);
  auto policies = by_table<Policy>(schema);
  auto checks = by_table<Check>(schema);
  auto of = [](const auto& map, const Key& key) {
    auto found = map.find(key);
    return object_of(found == map.end() ? nullptr : &found->second);
  };
  Json tables = Json::object();
  for (const Table& table : all<Table>(schema)) {
    Json json = Json::object();
    json["name"] = table.key.name;
    json["schema"] = table.key.schema == "public" ? "" : table.key.schema;
    json["columns"] = of(columns, table.key);
    json["indexes"] = of(indexes, table.key);
    json["foreignKeys"] = of(foreign_keys, table.key);
    json["compositePrimaryKeys"] = of(primary_keys, table.key);
    json["uniqueConstraints"] = of(uniques, table.key);
    json["policies"] = of(policies, table.key);
    json["checkConstraints"] = of(checks, table.key);
    Table::fields(table, FieldWriter(json));
    tables[table.key.schema + "." + table.key.name] = std::move(json);
  }
  return tables;
}

Json view_json(const View& view) {
  Json json = Json::object();
  Json columns = Json::object();
  for (const Column& column : view.columns) columns[column.key.name] = to_json(column);
  json["columns"] = std::move(columns);
  FieldWriter write(json);
  View::fields(view, [&](std::string_view name, const auto& field) {
    if (name == "isExisting") {
      json["name"] = view.key.name;
      json["schema"] = view.key.schema;
    }
    if constexpr (std::is_same_v<decltype(field), const Options&>) {
      if (!field.empty()) write(name.data(), field);
    } else {
      write(name.data(), field);
    }
  });
  return json;
}

Json linked_policy_json(const Policy& policy) {
  Json json = Json::object();
  json["name"] = policy.key.name;
  FieldWriter write(json);
  Policy::fields(policy, [&](std::string_view name, const auto& field) {
    if (name == "on") json["schema"] = policy.key.schema;
    write(name.data(), field);
  });
  return json;
}

template <class Kind>
Json schema_objects(const Schema& schema) {
  Json json = Json::object();
  for (const Kind& object : all<Kind>(schema)) json[object.key.schema + "." + object.key.name] = with_schema(object);
  return json;
}

}  // namespace

Snapshot parse_snapshot(std::string_view text, const std::string& name) {
  ErrorContext context;
  context.at.file = name;
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    context.at.line = text::line_of(text, error.byte ? error.byte - 1 : 0);
    context.hint = text::trim(text).empty()
                       ? "The file is empty. Restore it from version control."
                       : "Restore the file from version control; after a merge, look for conflict markers.";
    throw Error("the snapshot is not valid JSON", context);
  } catch (const Json::exception& error) {  // a number that no type holds
    throw Error("the snapshot cannot be read: " + std::string(error.what()), context);
  }
  context.hint = "Restore the file from version control, or generate it again.";
  try {
    FieldReader root(json, "");
    Snapshot snapshot;
    root("id", snapshot.id);
    root("prevId", snapshot.prev_id);
    root("version", snapshot.version);
    if (snapshot.version == "8" || snapshot.version == "9") {
      context.hint = "Sluice reads versions 5 to 7 (drizzle-kit 0.x). The 1.0 folder format is not supported yet.";
      throw Error("the snapshot has version " + snapshot.version, context);
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
  } catch (const Error& error) {
    if (error.context.at.known()) throw;
    throw Error("the snapshot is malformed: " + std::string(error.what()), context);
  }
}

std::string print_snapshot(const Snapshot& snapshot) {
  const Schema& schema = snapshot.schema;
  Json json = Json::object();
  json["id"] = snapshot.id;
  json["prevId"] = snapshot.prev_id;
  json["version"] = snapshot.version;
  json["dialect"] = "postgresql";
  json["tables"] = tables_json(schema);
  json["enums"] = schema_objects<Enum>(schema);
  Json schemas = Json::object();
  for (const Namespace& object : all<Namespace>(schema)) schemas[object.key.name] = object.key.name;
  json["schemas"] = std::move(schemas);
  json["sequences"] = schema_objects<Sequence>(schema);
  Json roles = Json::object();
  for (const Role& role : all<Role>(schema)) roles[role.key.name] = to_json(role);
  json["roles"] = std::move(roles);
  Json policies = Json::object();
  for (const Policy& policy : all<Policy>(schema))
    if (policy.linked_to) policies[policy.key.name] = linked_policy_json(policy);
  json["policies"] = std::move(policies);
  Json views = Json::object();
  for (const View& view : all<View>(schema)) views[view.key.schema + "." + view.key.name] = view_json(view);
  json["views"] = std::move(views);
  json["_meta"] = {{"columns", Json::object()}, {"schemas", Json::object()}, {"tables", Json::object()}};
  // drizzle-kit prints with JSON.stringify(value, null, 2), which leaves UTF-8 as it is.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sluice::model
