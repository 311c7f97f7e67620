#include "model/names.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "base/text.hpp"

namespace sluice::model {

std::string clipped(std::string_view name, size_t bytes) {
  if (name.size() <= bytes) return std::string(name);
  while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0) == 0x80) bytes--;
  return std::string(name.substr(0, bytes));
}

bool same_name(std::string_view a, std::string_view b) { return clipped(a) == clipped(b); }

std::string checksum(std::string_view text) {
  uint32_t hash = 2166136261u;  // FNV-1a
  for (unsigned char c : text) hash = (hash ^ c) * 16777619u;
  std::string out;
  for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[(hash >> shift) & 15];
  return out;
}

std::string with_suffix(std::string_view name, std::string_view suffix) {
  return clipped(name, max_name_bytes - suffix.size()) + std::string(suffix);
}

std::string plain_identity(const std::string& identity) {
  std::string out = text::replace_all(text::replace_all(identity, "\"", ""), " ", "");
  return text::to_lower(text::replace_all(out, "public.", ""));
}

// As makeObjectName in PostgreSQL's indexcmds.c: the longer of the two parts is shortened until it fits.
std::string implicit_name(const std::string& table, const std::string& column, const std::string& label) {
  std::string first = clipped(table), second = clipped(column);
  size_t available = max_name_bytes - label.size() - 1 - (column.empty() ? 0 : 1);
  size_t a = first.size(), b = second.size();
  while (a + b > available) (a > b ? a : b)--;
  return clipped(first, a) + (column.empty() ? "" : "_" + clipped(second, b)) + "_" + label;
}

std::string own_name(std::string_view name, std::string_view suffix) {
  const std::string kept = clipped(name), whole = kept + std::string(suffix);
  return whole.size() <= max_name_bytes ? whole : with_suffix(kept, "_" + checksum(kept) + std::string(suffix));
}

std::string own_name(const std::string& table, const std::string& column, const std::string& label) {
  const std::string whole = clipped(table) + (column.empty() ? "" : "_" + clipped(column));
  const bool fits = whole.size() + 1 + label.size() <= max_name_bytes;
  return implicit_name(table, column, fits ? label : checksum(whole) + "_" + label);
}

namespace {

// Names that are taken: relations in a schema, constraints on a table.
class Taken {
 public:
  bool add(const Key& key, bool relation, bool constraint) {
    Key in_schema{key.schema, "", clipped(key.name)}, on_table{key.schema, key.table, clipped(key.name)};
    if ((relation && relations_.contains(in_schema)) || (constraint && constraints_.contains(on_table))) return false;
    if (relation) relations_.insert(in_schema);
    if (constraint) constraints_.insert(on_table);
    return true;
  }

 private:
  std::set<Key> relations_, constraints_;
};

struct Named {
  Key* key;
  bool relation, constraint;
};

template <class Kind>
bool any_long(const Schema& schema) {
  return std::any_of(all<Kind>(schema).begin(), all<Kind>(schema).end(),
                     [](const Kind& object) { return object.key.name.size() > max_name_bytes; });
}

template <class Kind>
void collect(Schema& schema, bool relation, bool constraint, std::vector<Named>& out) {
  for (Kind& object : all<Kind>(schema)) out.push_back({&object.key, relation, constraint});
}

bool has_long_sequence(const Column& column) {
  return column.identity && column.identity->name.size() > max_name_bytes;
}

}  // namespace

std::optional<Schema> with_distinct_names(const Schema& schema) {
  const auto& columns = all<Column>(schema);
  if (std::none_of(columns.begin(), columns.end(), has_long_sequence) && !any_long<PrimaryKey>(schema) &&
      !any_long<Unique>(schema) && !any_long<Check>(schema) && !any_long<Index>(schema) &&
      !any_long<ForeignKey>(schema))
    return std::nullopt;
  Schema out = schema;
  std::vector<Named> names;
  collect<PrimaryKey>(out, true, true, names);
  collect<Unique>(out, true, true, names);
  collect<Index>(out, true, false, names);
  collect<Check>(out, false, true, names);
  collect<ForeignKey>(out, false, true, names);
  Taken taken;
  for (const Table& table : all<Table>(out)) taken.add(table.key, true, false);
  for (const Sequence& sequence : all<Sequence>(out)) taken.add(sequence.key, true, false);
  for (const View& view : all<View>(out)) taken.add(view.key, true, false);
  std::vector<Named> long_names;
  for (const Named& named : names) {
    if (named.key->name.size() > max_name_bytes)
      long_names.push_back(named);
    else
      taken.add(*named.key, named.relation, named.constraint);
  }
  std::sort(long_names.begin(), long_names.end(), [](const Named& a, const Named& b) { return *a.key < *b.key; });
  bool changed = false;
  for (const Named& named : long_names) {
    if (taken.add(*named.key, named.relation, named.constraint)) continue;
    named.key->name = with_suffix(named.key->name, "_" + checksum(named.key->name));
    taken.add(*named.key, named.relation, named.constraint);
    changed = true;
  }
  // drizzle's name for the sequence of an identity column, cut, can be the table's own.
  for (Column& column : all<Column>(out)) {
    if (!has_long_sequence(column)) continue;
    Key key{column.key.schema, "", column.identity->name};
    if (taken.add(key, true, false)) continue;
    key.name = implicit_name(column.key.table, column.key.name, "seq");
    if (!taken.add(key, true, false)) key.name = with_suffix(key.name, "_" + checksum(column.identity->name));
    column.identity->name = key.name;
    changed = true;
  }
  if (!changed) return std::nullopt;
  return out;
}

namespace {

// Types that PostgreSQL finds before any of the same name elsewhere.
const std::set<std::string, std::less<>> own_types = {
    "bigint",   "bigserial", "bit",       "bool",        "boolean", "box",      "bytea",     "char",        "cidr",
    "circle",   "date",      "daterange", "decimal",     "float4",  "float8",   "inet",      "int2",        "int4",
    "int8",     "integer",   "interval",  "json",        "jsonb",   "jsonpath", "line",      "lseg",        "macaddr",
    "macaddr8", "money",     "name",      "numeric",     "oid",     "path",     "point",     "polygon",     "real",
    "regclass", "serial",    "smallint",  "smallserial", "text",    "time",     "timestamp", "timestamptz", "timetz",
    "tsquery",  "tsvector",  "uuid",      "varbit",      "varchar", "xml"};

// Where the enum of each name is: in public, else in the only schema that has one.
std::map<std::string, std::string, std::less<>> enum_schemas(const Schema& schema) {
  std::map<std::string, std::string, std::less<>> found;
  for (const Enum& object : all<Enum>(schema)) {
    if (own_types.contains(object.key.name)) continue;
    auto [at, first] = found.emplace(object.key.name, object.key.schema);
    if (object.key.schema == "public")
      at->second = "public";
    else if (!first && at->second != "public")
      at->second.clear();
  }
  std::erase_if(found, [](const auto& entry) { return entry.second.empty(); });
  return found;
}

}  // namespace

std::optional<Schema> as_in_database(const Schema& schema) {
  const auto schemas = enum_schemas(schema);
  auto missing = [&](const Column& column) {
    if (column.type_schema) return schemas.end();
    return schemas.find(std::string_view(column.type).substr(0, column.type.find('[')));
  };
  const auto& columns = all<Column>(schema);
  if (schemas.empty() || std::all_of(columns.begin(), columns.end(),
                                     [&](const Column& column) { return missing(column) == schemas.end(); }))
    return with_distinct_names(schema);
  Schema named = schema;
  for (Column& column : all<Column>(named))
    if (auto at = missing(column); at != schemas.end()) column.type_schema = at->second;
  std::optional<Schema> distinct = with_distinct_names(named);
  return distinct ? std::move(distinct) : std::optional(std::move(named));
}

}  // namespace sluice::model
