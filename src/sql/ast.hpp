// Statements as plain values: what the rooms above need of PostgreSQL's parse tree, with places in the source. The
// tree itself stays in parse*.cpp. Names are as PostgreSQL understands them: folded to lower case unless quoted.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice::sql {

struct Name {
  std::string schema, name;  // schema is empty where the text has none

  auto operator<=>(const Name&) const = default;
};
// "app.users"; "users" when the schema is empty or public.
std::string display(const Name& name);

struct TypeName {
  std::string schema;                  // empty for PostgreSQL's own types
  std::string name;                    // one spelling for each: "integer", "varchar", "char", "timestamptz", "serial"
  std::vector<std::string> modifiers;  // varchar(20): "20"; interval: the fields' mask, the precision
  int dimensions = 0;                  // of an array
  int at = 0;

  bool operator==(const TypeName& other) const {
    return schema == other.schema && name == other.name && modifiers == other.modifiers &&
           (dimensions > 0) == (other.dimensions > 0);
  }
};
std::string display(const TypeName& type);

struct Expression {
  std::string text;                   // as written
  std::vector<Name> functions;        // that it calls, also those behind CURRENT_USER and the like
  std::vector<std::string> columns;   // that it names
  std::vector<std::string> not_null;  // columns that are not null wherever it is not false: x IS NOT NULL AND …
  std::vector<Name> types;            // that it casts to
  bool literal = false;               // a constant, perhaps cast
  bool null = false;                  // the constant NULL, perhaps cast
  bool is_true = false;               // the constant true, or 1 = 1
  std::string cast_column;            // x::type and nothing else: x
  std::string text_cast_column;       // x::text::type and nothing else: x
  int at = 0;

  bool empty() const { return text.empty(); }
};

// A column that a query names, with the relations that it can be of: those of the innermost FROM first. A relation
// without a name is a subquery or the like, whose columns are not known. Without any it is of what stands around the
// query: the table of a policy.
struct ColumnUse {
  std::string column;
  std::vector<std::vector<Name>> scopes;
};

enum class ConstraintKind {
  null,
  not_null,
  default_value,
  identity,
  generated,
  check,
  primary_key,
  unique,
  exclusion,
  foreign_key
};

struct Constraint {
  ConstraintKind kind = ConstraintKind::check;
  std::string name;
  std::vector<std::string> columns;  // also for one that stands at its column
  Expression expression;             // default, generated, check
  Name references;
  std::vector<std::string> referenced;    // columns; empty: the primary key
  char on_delete = 'a', on_update = 'a';  // no action, restrict, cascade, set null, set default
  std::string index;                      // USING INDEX
  bool not_valid = false, enforced = true, deferrable = false, nulls_not_distinct = false;
  bool stored = true;   // generated: stored, not virtual
  bool always = false;  // identity, generated
  int at = 0;
};

struct ColumnDefinition {
  std::string name;
  TypeName type;
  std::string collation;
  std::vector<Constraint> constraints;
  int at = 0;

  const Constraint* find(ConstraintKind kind) const;
};

enum class ObjectKind {
  table,
  index,
  view,
  materialized_view,
  sequence,
  foreign_table,
  type,
  domain,
  schema,
  function,
  trigger,
  rule,
  policy,
  extension,
  role,
  database,
  column,
  constraint,
  publication,
  subscription,
  statistics,
  other
};
std::string_view display(ObjectKind kind);

// A relation or another object that a statement names, with the place.
struct Target {
  Name name;
  std::string of_table_member;  // trigger, rule, policy, column or constraint: its name; then `name` is the table
  int at = 0;
};

struct CreateTable {
  Target table;
  bool if_not_exists = false, temporary = false, unlogged = false;
  std::vector<ColumnDefinition> columns;
  std::vector<Constraint> constraints;
  std::vector<Target> like;
  bool like_indexes = false, like_constraints = false, like_defaults = false;
  std::vector<Target> inherits;
  std::optional<Target> partition_of;
  bool default_partition = false, partitioned = false;
  std::vector<std::string> partition_columns;
  bool from_query = false;  // CREATE TABLE AS, SELECT INTO
};

enum class Alter {
  add_column,
  drop_column,
  type,
  set_default,
  drop_default,
  set_not_null,
  drop_not_null,
  statistics,
  storage,
  compression,
  column_options,
  add_constraint,
  drop_constraint,
  validate_constraint,
  alter_constraint,
  add_identity,
  set_identity,
  drop_identity,
  set_expression,
  drop_expression,
  options,
  attach_partition,
  detach_partition,
  detach_finalize,
  inherit,
  no_inherit,
  owner,
  enable_trigger,
  disable_trigger,
  enable_rule,
  disable_rule,
  enable_row_security,
  disable_row_security,
  force_row_security,
  no_force_row_security,
  replica_identity,
  cluster_on,
  logged,
  unlogged,
  tablespace,
  access_method,
  other
};

struct AlterAction {
  Alter kind = Alter::other;
  std::string name;         // column, constraint, trigger, owner …
  ColumnDefinition column;  // add_column, type (with its type)
  Constraint constraint;
  Expression expression;             // set_default; USING of a type change; set_expression
  std::optional<Target> other;       // partition, parent
  std::vector<std::string> options;  // names of storage parameters
  bool if_exists = false, cascade = false, concurrently = false, default_partition = false;
  int at = 0;
};

struct AlterTable {
  ObjectKind kind = ObjectKind::table;  // also of an index, a view …
  Target table;
  bool if_exists = false, only = false;
  std::vector<AlterAction> actions;
};

struct IndexKey {
  std::string column;  // empty: an expression
  Expression expression;
  std::string operator_class;
  bool ascending = true, nulls_first = false;
};

struct CreateIndex {
  std::string name;  // empty: PostgreSQL makes one
  Target table;
  bool unique = false, concurrently = false, if_not_exists = false, only = false, nulls_not_distinct = false;
  std::string method = "btree";
  std::vector<IndexKey> keys;
  std::vector<std::string> include;
  Expression where;
};

struct Drop {
  ObjectKind kind = ObjectKind::table;
  std::vector<Target> objects;
  bool if_exists = false, cascade = false, concurrently = false;
};

struct Truncate {
  std::vector<Target> tables;
  bool cascade = false;
};

struct Rename {
  ObjectKind kind = ObjectKind::table;      // of what gets another name
  ObjectKind relation = ObjectKind::table;  // of the relation that a column or constraint belongs to
  Target object;
  std::string to;
  bool if_exists = false;
};

struct SetSchema {
  ObjectKind kind = ObjectKind::table;
  Target object;
  std::string to;
};

struct CreateView {
  Target view;
  bool or_replace = false, materialized = false, with_data = true, if_not_exists = false, temporary = false;
  bool security_invoker = false;
  std::string query;  // as written
  std::vector<ColumnUse> uses;
};

struct RefreshView {
  Target view;
  bool concurrently = false, with_data = true;
};

struct CreateEnum {
  Target type;
  std::vector<std::string> values;
};

struct AlterEnum {
  Target type;
  std::string value, renamed_from, neighbour;  // neighbour: AFTER or BEFORE it
  bool before = false, if_not_exists = false;
};

struct CreateDomain {
  Target type;
  TypeName base;
  std::vector<Constraint> constraints;
};

struct AlterDomain {
  enum class Action {
    set_default,
    drop_default,
    set_not_null,
    drop_not_null,
    add_constraint,
    drop_constraint,
    validate
  };
  Target type;
  Action action = Action::set_default;
  Constraint constraint;
  std::string name;
};

struct CreateComposite {
  Target type;
};

struct CreateSequence {
  Target sequence;
  bool if_not_exists = false;
  std::optional<Name> owner_table;
};

struct AlterSequence {
  Target sequence;
};

struct CreateSchema {
  std::string name;
  bool if_not_exists = false;
};

struct CreateFunction {
  Target function;
  bool or_replace = false, is_procedure = false, security_definer = false, sets_search_path = false;
  std::string language, volatility;  // "immutable", "stable", "volatile"
};

struct CreateTrigger {
  std::string name;
  Target table;
  bool or_replace = false;
  std::vector<std::string> columns;  // UPDATE OF
};

struct CreateRule {
  std::string name;
  Target table;
};

struct Policy {
  std::string name;
  Target table;
  bool create = true, permissive = true;
  std::string command = "all";
  std::vector<std::string> roles;
  Expression using_expression, with_check;
  std::vector<ColumnUse> uses;  // in both
};

struct Grant {
  bool grant = true, with_grant_option = false;
  ObjectKind kind = ObjectKind::table;
  std::vector<Target> objects;
  std::vector<std::string> grantees, privileges;
  bool is_role = false;  // GRANT role TO role
};

struct Role {
  enum class Action { create, alter, drop };
  Action action = Action::create;
  std::string name;
  bool password = false, superuser = false;
};

struct Comment {
  ObjectKind kind = ObjectKind::table;
  Target object;
};

struct Reindex {
  ObjectKind kind = ObjectKind::table;
  Target object;
  bool concurrently = false;
};

struct Vacuum {
  bool full = false, analyze_only = false;
  std::vector<Target> tables;
};

struct Cluster {
  Target table;
  std::string index;
};

struct Lock {
  std::vector<Target> tables;
  int mode = 8;  // PostgreSQL's numbers: 1 access share … 8 access exclusive
};

struct CreateStatistics {
  std::vector<Target> tables;
};

struct Publication {
  bool create = false;
  std::vector<Target> tables;
};

struct Extension {
  enum class Action { create, alter };
  Action action = Action::create;
  std::string name;
};

struct Query {  // SELECT, VALUES
  bool locks_rows = false;
};

struct Insert {
  Target table;
  std::vector<std::string> columns;
  bool from_query = false, on_conflict = false;
};

struct Update {
  Target table;
  std::vector<std::string> columns;    // that are set, also twice
  std::vector<std::string> constants;  // of these: set to a constant that is not NULL
  Expression where;
  bool has_where = false;
  bool from = false;        // has a FROM
  bool only_joins = false;  // its WHERE says which row of FROM belongs to which row, and nothing else
};

struct Delete {
  Target table;
  bool has_where = false;
  Expression where;
};

struct Merge {
  Target table;
  bool deletes = false;
};

struct Copy {
  Target table;
  bool from = false;
};

struct SetParameter {
  std::string name, value;  // lower case; value as text, empty for DEFAULT
  bool local = false, reset = false;
};

struct TransactionControl {
  enum class Action { begin, commit, rollback, savepoint, other };
  Action action = Action::begin;
};

struct DoBlock {
  std::string language, body;
};

struct Database {
  bool drop = false;
  std::string name;
};

// A statement that is understood, and changes nothing that these rooms keep: LISTEN, SECURITY LABEL …
struct Other {
  std::string what;  // the parser's name for it
};

using Command =
    std::variant<CreateTable, AlterTable, CreateIndex, Drop, Truncate, Rename, SetSchema, CreateView, RefreshView,
                 CreateEnum, AlterEnum, CreateDomain, AlterDomain, CreateComposite, CreateSequence, AlterSequence,
                 CreateSchema, CreateFunction, CreateTrigger, CreateRule, Policy, Grant, Role, Comment, Reindex, Vacuum,
                 Cluster, Lock, CreateStatistics, Publication, Extension, Query, Insert, Update, Delete, Merge, Copy,
                 SetParameter, TransactionControl, DoBlock, Database, Other>;

}  // namespace sluice::sql
