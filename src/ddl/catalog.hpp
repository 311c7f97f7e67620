// A database's objects while statements are folded over them: what model::Schema has, and what judging a statement
// needs beyond it – which constraints are valid, who reads, references or partitions whom, what is new.
//
// Names in a Catalog always have their schema. Names in statements may not: resolve() gives them the one that
// PostgreSQL would.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sql/ast.hpp"

namespace sluice::ddl {

using sql::Name;

enum class RelationKind { table, partitioned_table, view, materialized_view, sequence, foreign_table, composite };

struct Column {
  std::string name;
  sql::TypeName type;
  std::string collation;
  bool not_null = false, identity = false;
  bool generated = false, stored = false;  // generated, and kept in the rows
  sql::Expression default_value;           // also a generated column's; empty: none
  bool serial = false;                     // its sequence is its own
  bool unfilled = false;                   // NULL in every row: this file has added it, and written nothing since
  bool filled = false;                     // NULL in no row: this file has given every row a value
};

struct Constraint {
  sql::Constraint definition;  // with its name, its columns and the resolved table that it refers to
  bool valid = true;
};

struct Index {
  std::string name;
  std::vector<sql::IndexKey> keys;
  std::vector<std::string> include;
  sql::Expression where;
  std::string method = "btree";
  bool unique = false, valid = true;
  std::string constraint;  // that it belongs to; empty: none

  // The plain columns that the index begins with, in order: as far as there are no expressions.
  std::vector<std::string> leading_columns() const;
  bool uses(const std::string& column) const;
};

struct Trigger {
  std::string name;
  std::vector<std::string> columns;  // UPDATE OF
};

// What Citus does with a table: spread over the workers by a column, or whole on each of them.
struct Distribution {
  std::string column;  // empty: whole (a reference table)
  std::string group;   // tables with the same lie together
};

struct Relation {
  Name name;
  RelationKind kind = RelationKind::table;
  std::vector<Column> columns;
  std::vector<Constraint> constraints;
  std::vector<Index> indexes;
  std::vector<Trigger> triggers;
  std::vector<sql::Policy> policies;
  bool row_security = false;
  std::optional<Name> partition_of;
  bool default_partition = false;
  std::vector<std::string> partition_columns;  // of a partitioned table
  std::vector<Name> inherits;
  std::vector<Name> reads;                         // of a view: the relations in its query
  std::vector<std::pair<Name, std::string>> uses;  // of a view: the columns that it reads, as far as it is known whose
  std::optional<Name> owner;                       // of a sequence: the table whose column it serves
  std::optional<Distribution> distribution;        // of a table
  // How it came to be: -1, it was there before; else the number of the statement that made it. It has no rows until
  // `filled` says so.
  int created_by = -1;
  bool filled = false;
  bool complete = true;  // false: nothing but the name is known

  const Column* column(const std::string& name) const;
  Column* column(const std::string& name);
  const Constraint* constraint(const std::string& name) const;
  const Index* index(const std::string& name) const;
  const Constraint* primary_key() const;
  bool uses_column(const Name& relation, const std::string& column) const;
  bool is_table() const { return kind == RelationKind::table || kind == RelationKind::partitioned_table; }
};

struct Type {
  enum class Kind { enumeration, domain, composite };
  Name name;
  Kind kind = Kind::enumeration;
  std::vector<std::string> values;
  sql::TypeName base;  // of a domain
  std::vector<Constraint> constraints;
  bool not_null = false;
  int created_by = -1;
  std::set<std::string> new_values;  // added to an enum by this file
};

struct Function {
  Name name;
  char volatility = 'v';  // immutable, stable, volatile
  bool security_definer = false;
};

class Catalog {
 public:
  // The name with its schema: the one given, else the first of the search path that has it, else the path's first.
  Name resolve(const Name& name) const;
  Name resolve_type(const Name& name) const;

  const Relation* find(const Name& name) const;  // resolves
  Relation* find(const Name& name);
  // The table of an index, by the index's name.
  const Relation* table_of_index(const Name& index) const;
  Relation* table_of_index(const Name& index);
  const Type* type(const Name& name) const;  // resolves
  Type* type(const Name& name);
  const Function* function(const Name& name) const;
  std::set<Name> function_names() const;

  const std::map<Name, Relation>& relations() const { return relations_; }
  const std::map<Name, Type>& types() const { return types_; }

  Relation& add(Relation relation);
  void remove(const Name& name);  // and what hangs on it
  void rename(const Name& from, const Name& to);
  void add_type(Type type);
  void remove_type(const Name& name);
  void rename_type(const Name& from, const Name& to);
  void add_function(Function function);
  void remove_function(const Name& name);
  Index& add_index(Relation& table, Index index);
  void remove_index(Relation& table, const std::string& index);
  void rename_index(Relation& table, const std::string& from, const std::string& to);
  void add_constraint(Relation& table, Constraint constraint);
  void remove_constraint(Relation& table, const std::string& name);  // with its index
  void set_partition(Relation& child, std::optional<Name> parent);

  // The tables with a foreign key to this one, itself included if it refers to itself.
  std::vector<const Relation*> referencing(const Name& table) const;
  std::vector<const Relation*> partitions(const Name& table) const;  // direct ones
  std::vector<const Relation*> views_on(const Name& relation) const;

  std::vector<std::string> search_path{"public"};
  std::vector<std::string> session_path{"public"};  // the search_path with which each file begins
  std::set<std::string> schemas{"public"};
  // False if something before it could not be understood, or nothing is known of what was there before: an object that
  // is not here may exist all the same.
  bool complete = true;
  // Valid foreign keys that this file has dropped, where nothing was written since: every row has its partner still.
  std::vector<std::pair<Name, sql::Constraint>> dropped_keys;

 private:
  std::map<Name, Relation> relations_;
  std::map<Name, Type> types_;
  std::map<Name, Function> functions_;
  std::map<Name, Name> table_of_index_;
  std::map<Name, std::set<Name>> referenced_by_, partitions_of_, read_by_;
};

// The name that PostgreSQL gives: "sessions_tutor_id_fkey". Cut to 63 bytes as it cuts, and numbered when taken.
std::string made_up_name(const Catalog& catalog, const Relation& table, const std::vector<std::string>& columns,
                         const std::string& label);
// The name of a constraint as it is, or as it would be made up.
std::string constraint_name(const Catalog& catalog, const Relation& table, const sql::Constraint& constraint);
std::string index_name(const Catalog& catalog, const Relation& table, const sql::CreateIndex& index);

}  // namespace sluice::ddl
