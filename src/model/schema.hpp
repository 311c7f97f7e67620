// What a database looks like, as plain values.
//
// A Schema is a flat list for each kind of object. A kind is one struct with one fields(): the snapshot's JSON,
// equality and the difference of two schemas all follow from it, so a new kind or field is written here once. The names
// given to fields() are the keys of drizzle-kit's version-7 snapshot, in the order in which it writes them (drizzle-kit
// 0.31.11); docs/formats.md describes that file. Fields whose name begins with an underscore, and the kinds that are
// beyond_drizzle, are what drizzle has no word for: they stand in a file of ours beside the snapshot
// (model/beyond.hpp).
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace sluice::model {

// The name of an object. `table` is empty for what stands directly in a schema; `schema` is empty for what stands in no
// schema (roles and schemas themselves). The default schema is always spelled "public".
struct Key {
  std::string schema, table, name;

  auto operator<=>(const Key&) const = default;
  // The table that a column, constraint, index or policy belongs to.
  Key owner() const { return {schema, "", table}; }
};

// "users.email", "app.users.email", "app.users": for people; "public" is left out.
std::string display(const Key& key);

// A value that JSON may write as a string, a number or a boolean, and SQL as its text.
struct Literal {
  std::string text;
  bool is_string = true;  // false: JSON number or boolean

  bool operator==(const Literal& other) const { return text == other.text; }
};

using Options = std::vector<std::pair<std::string, Literal>>;  // in the order in which they were given

struct Namespace {
  Key key;

  template <class Self, class V>
  static void fields(Self&, V&&) {}
};

struct Enum {
  Key key;
  std::vector<std::string> values;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("values", self.values);
  }
};

// Numbers are text, as in the snapshot: they may exceed 53 bits.
struct SequenceOptions {
  std::string increment = "1", start = "1", min = "1", max = "9223372036854775807", cache = "1";
  bool cycle = false;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("increment", self.increment);
    visit("startWith", self.start);
    visit("minValue", self.min);
    visit("maxValue", self.max);
    visit("cache", self.cache);
    visit("cycle", self.cycle);
  }
  bool operator==(const SequenceOptions&) const = default;
};

struct Sequence {
  Key key;
  SequenceOptions options;
  std::optional<std::string> type{};      // unless bigint
  std::optional<std::string> owned_by{};  // as SQL names the column: public.invoices.number

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    SequenceOptions::fields(self.options, visit);
    visit("_type", self.type);
    visit("_ownedBy", self.owned_by);
  }
};

struct Role {
  Key key;
  bool create_db = false, create_role = false, inherit = true;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("createDb", self.create_db);
    visit("createRole", self.create_role);
    visit("inherit", self.inherit);
  }
};

struct Table {
  Key key;
  bool row_security = false;
  std::optional<std::string> partition_by{};  // RANGE (created_at)
  std::vector<std::string> inherits{};        // the parents as SQL names them
  std::optional<bool> unlogged{}, force_row_security{};
  Options with{};  // storage parameters
  std::optional<std::string> tablespace{}, access_method{};
  std::optional<std::string> replica_identity{};  // FULL, NOTHING, USING INDEX …
  Options distributed{};                          // by Citus (model/distribution.hpp)

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("isRLSEnabled", self.row_security);
    visit("_partitionBy", self.partition_by);
    visit("_inherits", self.inherits);
    visit("_unlogged", self.unlogged);
    visit("_forceRowSecurity", self.force_row_security);
    visit("_with", self.with);
    visit("_tablespace", self.tablespace);
    visit("_accessMethod", self.access_method);
    visit("_replicaIdentity", self.replica_identity);
    visit("_distributed", self.distributed);
  }
};

struct Generated {
  std::string expression;
  std::string type = "stored";

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("as", self.expression);
    visit("type", self.type);
  }
  bool operator==(const Generated&) const = default;
};

struct Identity {
  std::string type;  // "always" or "byDefault"
  std::string name;  // of its sequence
  std::string schema;
  SequenceOptions options;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("type", self.type);
    visit("name", self.name);
    visit("schema", self.schema);
    SequenceOptions::fields(self.options, visit);
  }
  bool operator==(const Identity&) const = default;
};

struct Column {
  Key key;
  std::string type;                        // as drizzle prints it: "varchar(255)", "text[]", "mood"
  std::optional<std::string> type_schema;  // only for enums: the schema of the enum
  bool primary_key = false;                // the single-column form
  bool not_null = false;
  std::optional<Generated> generated;
  std::optional<Identity> identity;
  std::optional<Literal> default_value;  // SQL text
  std::optional<bool> inherited{};       // comes from a parent table and is not the table's own
  std::optional<std::string> collation{};
  std::optional<std::string> storage{}, compression{}, statistics{};  // where they are not the type's

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("type", self.type);
    visit("typeSchema", self.type_schema);
    visit("primaryKey", self.primary_key);
    visit("notNull", self.not_null);
    visit("generated", self.generated);
    visit("identity", self.identity);
    visit("default", self.default_value);
    visit("_inherited", self.inherited);
    visit("_collation", self.collation);
    visit("_storage", self.storage);
    visit("_compression", self.compression);
    visit("_statistics", self.statistics);
  }
};

// Composite primary keys, and single-column ones written as primaryKey({ columns: [x] }).
//
// `definition`, here and in the constraints and indexes after it, is all that stands behind CONSTRAINT "name", as
// PostgreSQL prints it: only where drizzle has no word for some of it (DEFERRABLE, INCLUDE, NOT VALID, MATCH FULL …).
struct PrimaryKey {
  Key key;
  std::vector<std::string> columns;
  std::optional<std::string> definition{};

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("columns", self.columns);
    visit("_definition", self.definition);
  }
};

struct Unique {
  Key key;
  bool nulls_not_distinct = false;
  std::vector<std::string> columns;
  std::optional<std::string> definition{};

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("nullsNotDistinct", self.nulls_not_distinct);
    visit("columns", self.columns);
    visit("_definition", self.definition);
  }
};

struct Check {
  Key key;
  std::string expression;
  std::optional<std::string> definition{};

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("value", self.expression);
    visit("_definition", self.definition);
  }
};

struct IndexColumn {
  std::string expression;  // a column's name, or SQL
  bool is_expression = false;
  bool ascending = true;
  std::string nulls = "last";  // "first" or "last"
  std::optional<std::string> opclass;

  bool operator==(const IndexColumn&) const = default;
};

struct Index {
  Key key;
  std::vector<IndexColumn> columns;
  bool unique = false;
  std::optional<std::string> where;
  bool concurrently = false;
  std::string method = "btree";
  Options with;
  std::optional<std::string> definition{};  // all of CREATE INDEX; indexes of materialised views have nothing else

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("columns", self.columns);
    visit("isUnique", self.unique);
    visit("where", self.where);
    visit("concurrently", self.concurrently);
    visit("method", self.method);
    visit("with", self.with);
    visit("_definition", self.definition);
  }
};

struct ForeignKey {
  Key key;
  std::string table_to;
  std::string schema_to = "public";
  std::vector<std::string> columns_from, columns_to;
  std::string on_delete = "no action", on_update = "no action";
  std::optional<std::string> definition{};

  Key target() const { return {schema_to, "", table_to}; }

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("tableTo", self.table_to);
    visit("schemaTo", self.schema_to);
    visit("columnsFrom", self.columns_from);
    visit("columnsTo", self.columns_to);
    visit("onDelete", self.on_delete);
    visit("onUpdate", self.on_update);
    visit("_definition", self.definition);
  }
};

struct View {
  Key key;
  std::vector<Column> columns;  // what drizzle knows of the result; not part of the comparison
  std::optional<std::string> definition;
  bool existing = false;  // declared for queries only: never created, altered or dropped
  Options with;
  std::optional<bool> with_no_data;
  bool materialized = false;
  std::optional<std::string> tablespace;
  std::optional<std::string> using_method;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
    visit("isExisting", self.existing);
    visit("with", self.with);
    visit("withNoData", self.with_no_data);
    visit("materialized", self.materialized);
    visit("tablespace", self.tablespace);
    visit("using", self.using_method);
  }
};

struct Policy {
  Key key;
  std::string as = "PERMISSIVE";
  std::string command = "ALL";
  std::vector<std::string> to;
  std::optional<std::string> using_expression, with_check;
  // A policy .link()ed to a table that the schema does not declare: the table as SQL names it.
  std::optional<std::string> linked_to;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("as", self.as);
    visit("for", self.command);
    visit("to", self.to);
    visit("using", self.using_expression);
    visit("withCheck", self.with_check);
    visit("on", self.linked_to);
  }
};

// What drizzle has no word for. Texts are PostgreSQL's own (pg_get_functiondef …), with names of schema public bare.

struct Extension {
  Key key;
  std::string schema = "public";

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("inSchema", self.schema);
  }
};

struct Collation {
  Key key;
  std::string definition;  // provider = icu, locale = 'de'

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
  }
};

struct Domain {
  Key key;
  std::string type;
  std::optional<std::string> collation, default_value;
  bool not_null = false;
  Options checks;  // name → CHECK (…)

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("type", self.type);
    visit("collation", self.collation);
    visit("default", self.default_value);
    visit("notNull", self.not_null);
    visit("checks", self.checks);
  }
};

struct CompositeType {
  Key key;
  Options attributes;  // name → type

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("attributes", self.attributes);
  }
};

struct RangeType {
  Key key;
  std::string definition;  // subtype = double precision, …

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
  }
};

// A function or procedure. The key's name has the types of its arguments: "touch()", "area(integer, integer)".
struct Function {
  Key key;
  std::string kind = "FUNCTION";  // or PROCEDURE
  std::string definition;         // CREATE OR REPLACE …
  std::string arguments;          // with their names, without defaults: what CREATE OR REPLACE must not change
  std::string result;
  std::string defaults = "0";      // how many arguments have one
  bool follows_relations = false;  // PostgreSQL knows that it needs a table or view

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("kind", self.kind);
    visit("definition", self.definition);
    visit("arguments", self.arguments);
    visit("result", self.result);
    visit("defaults", self.defaults);
    visit("followsRelations", self.follows_relations);
  }
};

// One of a partitioned table's; columns, keys and indexes are the table's.
struct Partition {
  Key key;
  std::string of;     // the partitioned table as SQL names it
  std::string bound;  // FOR VALUES …
  std::optional<std::string> partition_by;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("of", self.of);
    visit("bound", self.bound);
    visit("partitionBy", self.partition_by);
  }
};

struct Exclusion {
  Key key;
  std::string definition;  // EXCLUDE USING gist (…)

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
  }
};

struct Trigger {
  Key key;
  std::string definition;          // CREATE TRIGGER …
  std::string enabled = "ENABLE";  // or ENABLE REPLICA, ENABLE ALWAYS, DISABLE

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
    visit("enabled", self.enabled);
  }
};

struct Rule {
  Key key;
  std::string definition;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
  }
};

struct Statistics {
  Key key;  // in its schema
  std::string definition;
  std::string relation;  // as SQL names it
  std::optional<std::string> target;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
    visit("relation", self.relation);
    visit("target", self.target);
  }
};

struct EventTrigger {
  Key key;
  std::string definition;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
  }
};

struct Publication {
  Key key;
  std::string definition;  // all behind the name

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("definition", self.definition);
  }
};

// COMMENT ON <name>: the key's name is what stands there, "COLUMN public.users.email"; its table is the relation that
// the object belongs to, if there is one.
struct Comment {
  Key key;
  std::string text;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("text", self.text);
  }
};

// What one role may do with one object. The key's name is "TABLE public.users TO anon". Without privileges: those that
// everybody has by default are taken away.
struct Grant {
  Key key;
  std::string object, grantee;  // as SQL names them
  std::vector<std::string> privileges, grantable;

  template <class Self, class V>
  static void fields(Self& self, V&& visit) {
    visit("on", self.object);
    visit("to", self.grantee);
    visit("privileges", self.privileges);
    visit("grantable", self.grantable);
  }
};

template <class Kind>
inline constexpr std::string_view kind_name = {};
template <>
inline constexpr std::string_view kind_name<Namespace> = "schema";
template <>
inline constexpr std::string_view kind_name<Enum> = "enum";
template <>
inline constexpr std::string_view kind_name<Sequence> = "sequence";
template <>
inline constexpr std::string_view kind_name<Role> = "role";
template <>
inline constexpr std::string_view kind_name<Table> = "table";
template <>
inline constexpr std::string_view kind_name<Column> = "column";
template <>
inline constexpr std::string_view kind_name<PrimaryKey> = "primary key";
template <>
inline constexpr std::string_view kind_name<Unique> = "unique constraint";
template <>
inline constexpr std::string_view kind_name<Check> = "check constraint";
template <>
inline constexpr std::string_view kind_name<Index> = "index";
template <>
inline constexpr std::string_view kind_name<ForeignKey> = "foreign key";
template <>
inline constexpr std::string_view kind_name<View> = "view";
template <>
inline constexpr std::string_view kind_name<Policy> = "policy";
template <>
inline constexpr std::string_view kind_name<Extension> = "extension";
template <>
inline constexpr std::string_view kind_name<Collation> = "collation";
template <>
inline constexpr std::string_view kind_name<Domain> = "domain";
template <>
inline constexpr std::string_view kind_name<CompositeType> = "composite type";
template <>
inline constexpr std::string_view kind_name<RangeType> = "range type";
template <>
inline constexpr std::string_view kind_name<Function> = "function";
template <>
inline constexpr std::string_view kind_name<Partition> = "partition";
template <>
inline constexpr std::string_view kind_name<Exclusion> = "exclusion constraint";
template <>
inline constexpr std::string_view kind_name<Trigger> = "trigger";
template <>
inline constexpr std::string_view kind_name<Rule> = "rule";
template <>
inline constexpr std::string_view kind_name<Statistics> = "statistics";
template <>
inline constexpr std::string_view kind_name<EventTrigger> = "event trigger";
template <>
inline constexpr std::string_view kind_name<Publication> = "publication";
template <>
inline constexpr std::string_view kind_name<Comment> = "comment";
template <>
inline constexpr std::string_view kind_name<Grant> = "grant";

// Order matters: objects are created in this order of kinds and dropped in the reverse one.
using Schema =
    std::tuple<std::vector<Namespace>, std::vector<Extension>, std::vector<Collation>, std::vector<Enum>,
               std::vector<Sequence>, std::vector<Role>, std::vector<Domain>, std::vector<CompositeType>,
               std::vector<RangeType>, std::vector<Function>, std::vector<Table>, std::vector<Partition>,
               std::vector<Column>, std::vector<PrimaryKey>, std::vector<Unique>, std::vector<Check>,
               std::vector<Exclusion>, std::vector<Index>, std::vector<ForeignKey>, std::vector<View>,
               std::vector<Trigger>, std::vector<Rule>, std::vector<Statistics>, std::vector<Policy>,
               std::vector<EventTrigger>, std::vector<Publication>, std::vector<Comment>, std::vector<Grant>>;

template <class Kind>
std::vector<Kind>& all(Schema& schema) {
  return std::get<std::vector<Kind>>(schema);
}
template <class Kind>
const std::vector<Kind>& all(const Schema& schema) {
  return std::get<std::vector<Kind>>(schema);
}

// The objects of one kind by table, in their order. The pointers live as long as the schema does.
template <class Kind>
std::map<Key, std::vector<const Kind*>> by_table(const Schema& schema) {
  std::map<Key, std::vector<const Kind*>> out;
  for (const Kind& object : all<Kind>(schema)) out[object.key.owner()].push_back(&object);
  return out;
}

// The object of that name, or nullptr. Linear: for messages and small lists; group or index for anything else.
template <class Kind>
const Kind* find(const Schema& schema, const Key& key) {
  for (const Kind& object : all<Kind>(schema))
    if (object.key == key) return &object;
  return nullptr;
}

// True if two type texts mean the same to PostgreSQL although drizzle prints them differently: "timestamp (3)" (date
// mode) and "timestamp(3)" (string mode), "numeric(10, 2)" and "numeric(10,2)".
bool same_type(std::string_view a, std::string_view b);

}  // namespace sluice::model
