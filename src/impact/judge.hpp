// What the files of this room share: an Impact while it is put together.
#pragma once

#include <functional>
#include <string>

#include "impact/impact.hpp"

namespace sluice::impact {

class Judge {
 public:
  Judge(const ddl::Catalog& before, const sql::ParsedStatement& of, const Session& in)
      : catalog(before), statement(of), session(in) {}

  // The relation with at least this lock.
  Touched& lock(const Name& relation, Lock lock);
  Touched& lock_index(const ddl::Relation& table, const std::string& index, Lock lock);
  void scan(const Name& relation) { this->lock(relation, Lock::none).scan = true; }
  // The table's file is written anew, and every index with it.
  void rewrite(const ddl::Relation& table);
  void create_index(const Name& table, const std::string& index);
  void drop_index(const ddl::Relation& table, const std::string& index);
  void create(const Name& relation) {
    Touched& made = lock(relation, Lock::access_exclusive);
    made.created = made.fresh = true;
  }
  void lose(const Name& relation, const std::string& what, bool rows, const std::string& query) {
    impact.losses.push_back({relation, what, rows, query});
    impact.reversible = false;
  }
  void risk(const Name& relation, const std::string& what, const std::string& condition, bool any_row = false);
  // Rows that are equal in `columns`; NULL is like no other NULL, unless `nulls_too`.
  void risk_duplicates(const Name& relation, const std::string& what, const std::vector<std::string>& columns,
                       bool nulls_too);
  void refuse(const std::string& reason) {
    if (impact.refused.empty()) impact.refused = reason;
  }
  // Refuses a foreign key between types that have no = in common. `type_of`: of a column that refers; null: not known.
  void refuse_foreign_key(const sql::Constraint& key,
                          const std::function<const sql::TypeName*(const std::string&)>& type_of);
  // True if the relation has no rows for certain: made by this file, not filled since.
  bool is_empty(const Name& relation) const;
  // Made by the same file, and nobody waits for work on it.
  bool is_fresh(const Name& relation) const;

  void create_table(const sql::CreateTable& create);
  void alter_table(const sql::AlterTable& alter);

  const ddl::Catalog& catalog;
  const sql::ParsedStatement& statement;
  const Session& session;
  Impact impact;
};

// What a query reads: SQL for the risks and losses.
std::string counting(const Name& relation, const std::string& condition);
std::string quoted(const Name& relation);
// Rows that share the values of the columns with another row. `nulls_too`: NULL equals NULL.
std::string duplicate_condition(const Name& table, const std::vector<std::string>& columns, bool nulls_too);
// True if another unique key of the table lies within the columns: no two rows share their values.
bool holds_unique_key(const ddl::Relation& table, const std::vector<std::string>& columns, bool nulls_too);
// How the key of a foreign key has no partner; "" where the columns that it refers to are not known.
std::string orphan_condition(const ddl::Catalog& catalog, const Name& table, const sql::Constraint& key);

}  // namespace sluice::impact
