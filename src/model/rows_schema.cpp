// Rows → Schema and back: version 7's words on one side, those of drizzle-kit 1.0 on the other.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.hpp"
#include "model/names.hpp"
#include "model/rows.hpp"

namespace sluice::model {

namespace {

std::string text_of(const Row& row, const char* name) {
  const auto found = row.find(name);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::string> text_or_nothing(const Row& row, const char* name) {
  const auto found = row.find(name);
  return found != row.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

bool truth_of(const Row& row, const char* name, bool otherwise = false) {
  const auto found = row.find(name);
  return found != row.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

std::vector<std::string> texts_of(const Row& row, const char* name) {
  std::vector<std::string> out;
  if (const auto found = row.find(name); found != row.end() && found->is_array())
    for (const Row& item : *found)
      if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

// A number that is text in one place and a number in the other.
std::string number_of(const Row& row, const char* name, const std::string& otherwise) {
  const auto found = row.find(name);
  if (found == row.end() || found->is_null()) return otherwise;
  return found->is_string() ? found->get<std::string>() : found->dump();
}

Row or_null(const std::optional<std::string>& text) { return text ? Row(*text) : Row(nullptr); }

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}
std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

Key table_key(const Row& row) { return {text_of(row, "schema"), text_of(row, "table"), text_of(row, "name")}; }
Key own_key(const Row& row) { return {text_of(row, "schema"), "", text_of(row, "name")}; }

constexpr int max_dimensions = 6;  // of an array, in PostgreSQL

// ---- rows → Schema

Column read_column(const Row& row) {
  Column column;
  column.key = table_key(row);
  column.type = text_of(row, "type");
  const auto dimensions = row.find("dimensions");
  const bool known = dimensions != row.end() && dimensions->is_number_integer();
  for (int i = known ? std::min(dimensions->get<int>(), max_dimensions) : 0; i > 0; i--) column.type += "[]";
  column.type_schema = text_or_nothing(row, "typeSchema");
  column.not_null = truth_of(row, "notNull");
  if (const auto value = text_or_nothing(row, "default")) column.default_value = Literal{*value, true};
  if (const auto found = row.find("generated"); found != row.end() && found->is_object())
    column.generated = Generated{text_of(*found, "as"), "stored"};
  if (const auto found = row.find("identity"); found != row.end() && found->is_object()) {
    const SequenceOptions usual;
    column.identity =
        Identity{text_of(*found, "type"),
                 text_of(*found, "name"),
                 column.key.schema,
                 {number_of(*found, "increment", usual.increment), number_of(*found, "startWith", usual.start),
                  number_of(*found, "minValue", usual.min), number_of(*found, "maxValue", usual.max),
                  number_of(*found, "cache", usual.cache), truth_of(*found, "cycle")}};
  }
  return column;
}

Index read_index(const Row& row) {
  Index index;
  index.key = table_key(row);
  const auto columns = row.find("columns");
  for (const Row& column : columns != row.end() && columns->is_array() ? *columns : Row::array()) {
    IndexColumn out;
    out.expression = text_of(column, "value");
    out.is_expression = truth_of(column, "isExpression");
    out.ascending = truth_of(column, "asc", true);
    out.nulls = truth_of(column, "nullsFirst") ? "first" : "last";
    if (const auto opclass = column.find("opclass"); opclass != column.end() && opclass->is_object())
      out.opclass = text_of(*opclass, "name");
    index.columns.push_back(std::move(out));
  }
  index.unique = truth_of(row, "isUnique");
  index.where = text_or_nothing(row, "where");
  index.concurrently = truth_of(row, "concurrently");
  index.method = text_of(row, "method");
  for (const std::string& option : text::split(text_of(row, "with"), ",")) {
    const std::string trimmed(text::trim(option));
    if (const size_t at = trimmed.find('='); at != std::string::npos)
      index.with.emplace_back(trimmed.substr(0, at), Literal{trimmed.substr(at + 1), true});
  }
  return index;
}

ForeignKey read_foreign_key(const Row& row) {
  ForeignKey key;
  key.key = table_key(row);
  key.table_to = text_of(row, "tableTo");
  key.schema_to = text_of(row, "schemaTo");
  key.columns_from = texts_of(row, "columns");
  key.columns_to = texts_of(row, "columnsTo");
  if (const auto action = text_or_nothing(row, "onDelete")) key.on_delete = lower(*action);
  if (const auto action = text_or_nothing(row, "onUpdate")) key.on_update = lower(*action);
  return key;
}

View read_view(const Row& row) {
  View view;
  view.key = own_key(row);
  view.definition = text_or_nothing(row, "definition");
  if (const auto with = row.find("with"); with != row.end() && with->is_object())
    for (const auto& [name, value] : with->items()) {
      if (value.is_null()) continue;
      view.with.emplace_back(
          name, value.is_string() ? Literal{value.get<std::string>(), true} : Literal{value.dump(), false});
    }
  if (const auto found = row.find("withNoData"); found != row.end() && found->is_boolean())
    view.with_no_data = found->get<bool>();
  view.materialized = truth_of(row, "materialized");
  view.tablespace = text_or_nothing(row, "tablespace");
  view.using_method = text_or_nothing(row, "using");
  return view;
}

Policy read_policy(const Row& row, const std::set<Key>& tables) {
  Policy policy;
  policy.key = table_key(row);
  policy.as = text_of(row, "as");
  policy.command = text_of(row, "for");
  policy.to = texts_of(row, "roles");
  policy.using_expression = text_or_nothing(row, "using");
  policy.with_check = text_or_nothing(row, "withCheck");
  if (!tables.contains(policy.key.owner())) {
    policy.linked_to = "\"" + policy.key.schema + "\".\"" + policy.key.table + "\"";
    policy.key.table.clear();
  }
  return policy;
}

// ---- Schema → rows

// "text[][]" is "text" of two dimensions, "numeric(10, 2)" and "timestamp (3)" have no spaces.
std::pair<std::string, int> type_of(const std::string& type) {
  std::string out;
  int dimensions = 0;
  for (size_t i = 0; i < type.size(); i++) {
    const size_t end = type[i] == '[' ? type.find(']', i) : std::string::npos;
    if (end == std::string::npos) {
      out += type[i];
    } else {
      dimensions++;
      i = end;
    }
  }
  if (const size_t at = out.find(", "); at != std::string::npos) out.erase(at + 1, 1);
  if (out.starts_with("timestamp (")) out.erase(std::string_view("timestamp").size(), 1);
  return {out, dimensions};
}

bool is_type_text(std::string_view text) {
  if (text.ends_with("[]")) text.remove_suffix(2);
  for (const std::string_view zone : {" without time zone", " with time zone"})
    if (text.ends_with(zone)) {
      text.remove_suffix(zone.size());
      break;
    }
  if (text.ends_with(')')) {
    const size_t open = text.find('(');
    if (open == std::string_view::npos || text.find(')') != text.size() - 1) return false;
    text = text.substr(0, open);
  }
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '"' || c == '.' || c == '-' || c == ' ' || c >= 0x80;
  });
}

// Without the casts at its end: the column's type says the same.
std::string without_casts(std::string text) {
  if (text.ends_with("[]")) text.erase(text.size() - 2);
  for (size_t at = text.rfind("::"); at != std::string::npos && at > 0 && is_type_text(text.substr(at + 2));
       at = text.rfind("::"))
    text.erase(at);
  return text;
}

// An expression of a table without the table before its columns.
std::string within(const Key& table, const std::string& text) {
  const std::string short_name = "\"" + table.table + "\".", long_name = "\"" + table.schema + "\"." + short_name;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '"' || text[i] == '\'') {
      if (text[i] == '"' && (out.empty() || out.back() != '.')) {
        const std::string_view rest = std::string_view(text).substr(i);
        const size_t skipped = rest.starts_with(long_name)    ? long_name.size()
                               : rest.starts_with(short_name) ? short_name.size()
                                                              : 0;
        if (skipped && i + skipped < text.size() && text[i + skipped] == '"') {
          i += skipped;
        }
      }
      const size_t end = text.find(text[i], i + 1);
      const size_t stop = end == std::string::npos ? text.size() : end + 1;
      out += text.substr(i, stop - i);
      i = stop;
    } else {
      out += text[i++];
    }
  }
  return out;
}

bool given(const std::string& name, const std::vector<std::string>& made_up) {
  return std::none_of(made_up.begin(), made_up.end(), [&](const std::string& other) { return same_name(name, other); });
}

Row row_of(const Column& column) {
  const auto [type, dimensions] = type_of(column.type);
  Row row{{"schema", column.key.schema},
          {"table", column.key.table},
          {"name", column.key.name},
          {"type", type},
          {"typeSchema", or_null(column.type_schema)},
          {"notNull", column.not_null},
          {"dimensions", dimensions},
          {"default", column.default_value ? Row(without_casts(column.default_value->text)) : Row(nullptr)},
          {"generated", nullptr},
          {"identity", nullptr}};
  if (column.generated) row["generated"] = {{"as", column.generated->expression}, {"type", "stored"}};
  if (const auto& identity = column.identity)
    row["identity"] = {{"type", identity->type},
                       {"name", identity->name},
                       {"increment", identity->options.increment},
                       {"startWith", identity->options.start},
                       {"minValue", identity->options.min},
                       {"maxValue", identity->options.max},
                       {"cache", std::atoll(identity->options.cache.c_str())},
                       {"cycle", identity->options.cycle}};
  row["entityType"] = "columns";
  return row;
}

Row row_of(const Index& index) {
  Row columns = Row::array();
  std::vector<std::string> names;
  bool expressions = false;
  for (const IndexColumn& column : index.columns) {
    expressions = expressions || column.is_expression;
    names.push_back(column.expression);
    columns.push_back(
        {{"value", column.expression},
         {"isExpression", column.is_expression},
         {"asc", column.ascending},
         {"nullsFirst", column.nulls == "first"},
         {"opclass", column.opclass ? Row{{"name", *column.opclass}, {"default", false}} : Row(nullptr)}});
  }
  std::vector<std::string> options;
  for (const auto& [name, value] : index.with) options.push_back(name + "=" + value.text);
  return {{"schema", index.key.schema},
          {"table", index.key.table},
          {"name", index.key.name},
          {"nameExplicit",
           expressions || given(index.key.name, {index.key.table + "_" + text::join(names, "_") + "_index"})},
          {"columns", columns},
          {"isUnique", index.unique},
          {"where", index.where ? Row(within(index.key, *index.where)) : Row(nullptr)},
          {"with", text::join(options, ", ")},
          {"method", index.method},
          {"concurrently", index.concurrently},
          {"entityType", "indexes"}};
}

Row row_of(const ForeignKey& key) {
  const std::string made_up = key.key.table + "_" + text::join(key.columns_from, "_") + "_" + key.table_to + "_" +
                              text::join(key.columns_to, "_");
  return {{"schema", key.key.schema},
          {"table", key.key.table},
          {"name", clipped(key.key.name)},
          {"nameExplicit", given(key.key.name, {made_up + "_fk", made_up + "_fkey"})},
          {"columns", key.columns_from},
          {"schemaTo", key.schema_to},
          {"tableTo", key.table_to},
          {"columnsTo", key.columns_to},
          {"onUpdate", upper(key.on_update)},
          {"onDelete", upper(key.on_delete)},
          {"entityType", "fks"}};
}

Row primary_key_row(const Key& key, const std::vector<std::string>& columns) {
  return {{"schema", key.schema},
          {"table", key.table},
          {"name", key.name},
          {"columns", columns},
          {"nameExplicit", given(key.name, {key.table + "_" + text::join(columns, "_") + "_pk", key.table + "_pkey"})},
          {"entityType", "pks"}};
}

Row row_of(const Unique& unique) {
  const std::string made_up = unique.key.table + "_" + text::join(unique.columns, "_");
  return {
      {"schema", unique.key.schema}, {"table", unique.key.table},
      {"name", unique.key.name},     {"nameExplicit", given(unique.key.name, {made_up + "_unique", made_up + "_key"})},
      {"columns", unique.columns},   {"nullsNotDistinct", unique.nulls_not_distinct},
      {"entityType", "uniques"}};
}

// The table of a policy that stands outside of it: "public"."users".
Key linked_table(const Policy& policy) {
  if (!policy.linked_to) return policy.key.owner();
  std::string name = *policy.linked_to;
  if (const size_t at = name.rfind("\".\""); at != std::string::npos) name = name.substr(at + 3);
  std::erase(name, '"');
  return {policy.key.schema, "", name};
}

Row row_of(const Policy& policy) {
  return {{"schema", policy.key.schema},
          {"table", linked_table(policy).name},
          {"name", policy.key.name},
          {"as", policy.as},
          {"for", policy.command},
          {"roles", policy.to},
          {"using", or_null(policy.using_expression)},
          {"withCheck", or_null(policy.with_check)},
          {"entityType", "policies"}};
}

constexpr std::array<const char*, 21> view_options{
    "checkOption",
    "securityBarrier",
    "securityInvoker",
    "autovacuumEnabled",
    "autovacuumFreezeMaxAge",
    "autovacuumFreezeMinAge",
    "autovacuumFreezeTableAge",
    "autovacuumMultixactFreezeMaxAge",
    "autovacuumMultixactFreezeMinAge",
    "autovacuumMultixactFreezeTableAge",
    "autovacuumVacuumCostDelay",
    "autovacuumVacuumCostLimit",
    "autovacuumVacuumScaleFactor",
    "autovacuumVacuumThreshold",
    "fillfactor",
    "logAutovacuumMinDuration",
    "parallelWorkers",
    "toastTupleTarget",
    "userCatalogTable",
    "vacuumIndexCleanup",
    "vacuumTruncate",
};

Row row_of(const View& view) {
  Row with = nullptr;
  if (!view.with.empty()) {
    with = Row::object();
    for (const char* name : view_options) with[name] = nullptr;
    for (const auto& [name, value] : view.with)
      with[name] = value.is_string ? Row(value.text) : Row::parse(value.text, nullptr, false);
  }
  return {{"schema", view.key.schema},
          {"name", view.key.name},
          {"definition", or_null(view.definition)},
          {"with", with},
          {"withNoData", view.with_no_data ? Row(*view.with_no_data) : Row(nullptr)},
          {"using", or_null(view.using_method)},
          {"tablespace", or_null(view.tablespace)},
          {"materialized", view.materialized},
          {"entityType", "views"}};
}

Row row_of(const Sequence& sequence) {
  return {{"schema", sequence.key.schema},
          {"name", sequence.key.name},
          {"incrementBy", sequence.options.increment},
          {"minValue", sequence.options.min},
          {"maxValue", sequence.options.max},
          {"startWith", sequence.options.start},
          {"cacheSize", std::atoll(sequence.options.cache.c_str())},
          {"cycle", sequence.options.cycle},
          {"entityType", "sequences"}};
}

Row row_of(const Role& role) {
  return {
      {"name", role.key.name},   {"superuser", false},  {"createDb", role.create_db}, {"createRole", role.create_role},
      {"inherit", role.inherit}, {"canLogin", false},   {"replication", false},       {"bypassRls", false},
      {"connLimit", -1},         {"password", nullptr}, {"validUntil", nullptr},      {"entityType", "roles"}};
}

}  // namespace

Schema schema_of(const Rows& rows) {
  Schema schema;
  std::set<Key> tables, primary;  // the columns that are their table's key
  for (const Row& row : rows.list()) {
    const std::string type = text_of(row, "entityType");
    if (type == "tables") tables.insert(own_key(row));
    const std::vector<std::string> columns = type == "pks" ? texts_of(row, "columns") : std::vector<std::string>();
    if (columns.size() == 1 && text_of(row, "name") == implicit_name(text_of(row, "table"), "", "pkey"))
      primary.insert({text_of(row, "schema"), text_of(row, "table"), columns.front()});
  }
  for (const Row& row : rows.list()) {
    const std::string type = text_of(row, "entityType");
    if (type == "schemas") {
      all<Namespace>(schema).push_back({{"", "", text_of(row, "name")}});
    } else if (type == "tables") {
      all<Table>(schema).push_back({own_key(row), truth_of(row, "isRlsEnabled")});
    } else if (type == "enums") {
      all<Enum>(schema).push_back({own_key(row), texts_of(row, "values")});
    } else if (type == "columns") {
      Column column = read_column(row);
      column.primary_key = primary.contains(column.key);
      all<Column>(schema).push_back(std::move(column));
    } else if (type == "indexes") {
      all<Index>(schema).push_back(read_index(row));
    } else if (type == "fks") {
      all<ForeignKey>(schema).push_back(read_foreign_key(row));
    } else if (type == "pks") {
      const std::vector<std::string> columns = texts_of(row, "columns");
      const Key key = table_key(row);
      if (columns.size() != 1 || !primary.contains({key.schema, key.table, columns.front()}))
        all<PrimaryKey>(schema).push_back({key, columns});
    } else if (type == "uniques") {
      all<Unique>(schema).push_back({table_key(row), truth_of(row, "nullsNotDistinct"), texts_of(row, "columns")});
    } else if (type == "checks") {
      all<Check>(schema).push_back({table_key(row), text_of(row, "value")});
    } else if (type == "sequences") {
      const SequenceOptions usual;
      all<Sequence>(schema).push_back(
          {own_key(row),
           {number_of(row, "incrementBy", usual.increment), number_of(row, "startWith", usual.start),
            number_of(row, "minValue", usual.min), number_of(row, "maxValue", usual.max),
            number_of(row, "cacheSize", usual.cache), truth_of(row, "cycle")}});
    } else if (type == "roles") {
      all<Role>(schema).push_back({{"", "", text_of(row, "name")},
                                   truth_of(row, "createDb"),
                                   truth_of(row, "createRole"),
                                   truth_of(row, "inherit", true)});
    } else if (type == "policies") {
      all<Policy>(schema).push_back(read_policy(row, tables));
    } else if (type == "views") {
      all<View>(schema).push_back(read_view(row));
    }
  }
  return schema;
}

Rows rows_of(const Schema& schema) {
  Rows out;
  std::set<Key> with_policies;
  std::map<Key, std::vector<std::string>> keys;  // the columns of each table's primary key
  for (const Policy& policy : all<Policy>(schema)) with_policies.insert(linked_table(policy));
  for (const PrimaryKey& key : all<PrimaryKey>(schema)) keys[key.key.owner()] = key.columns;
  for (const Namespace& object : all<Namespace>(schema))
    out.add({{"name", object.key.name}, {"entityType", "schemas"}});
  for (const Table& table : all<Table>(schema))
    out.add({{"schema", table.key.schema},
             {"name", table.key.name},
             {"isRlsEnabled", table.row_security || with_policies.contains(table.key)},
             {"entityType", "tables"}});
  for (const Enum& object : all<Enum>(schema))
    out.add(
        {{"schema", object.key.schema}, {"name", object.key.name}, {"values", object.values}, {"entityType", "enums"}});
  for (const Column& column : all<Column>(schema)) {
    Row row = row_of(column);
    const auto key = keys.find(column.key.owner());
    const bool in_key =
        key != keys.end() && std::find(key->second.begin(), key->second.end(), column.key.name) != key->second.end();
    if (column.primary_key || in_key) row["notNull"] = true;
    out.add(std::move(row));
  }
  for (const Index& index : all<Index>(schema)) out.add(row_of(index));
  for (const ForeignKey& key : all<ForeignKey>(schema)) out.add(row_of(key));
  for (const PrimaryKey& key : all<PrimaryKey>(schema)) out.add(primary_key_row(key.key, key.columns));
  for (const Column& column : all<Column>(schema))
    if (column.primary_key)
      out.add(primary_key_row({column.key.schema, column.key.table, implicit_name(column.key.table, "", "pkey")},
                              {column.key.name}));
  for (const Unique& unique : all<Unique>(schema)) out.add(row_of(unique));
  for (const Check& check : all<Check>(schema))
    out.add({{"schema", check.key.schema},
             {"table", check.key.table},
             {"name", check.key.name},
             {"value", within(check.key, check.expression)},
             {"entityType", "checks"}});
  for (const Sequence& sequence : all<Sequence>(schema)) out.add(row_of(sequence));
  for (const Role& role : all<Role>(schema)) out.add(row_of(role));
  for (const Policy& policy : all<Policy>(schema)) out.add(row_of(policy));
  for (const View& view : all<View>(schema))
    if (!view.existing) out.add(row_of(view));
  return out;
}

Rows rows_of(const Schema& schema, const Rows& known) {
  const Rows plain = rows_of(schema_of(known)), rows = rows_of(schema);
  Rows out;
  for (const Row& row : rows.list()) {
    const std::string key = key_of(row);
    const Row *before = plain.find(key), *kept = known.find(key);
    out.add(before && kept && same(*before, row) ? *kept : row);
  }
  // No schema speaks of these.
  for (const Row& row : known.list())
    if (text_of(row, "entityType") == "privileges") out.add(row);
  return out;
}

}  // namespace sluice::model
