// How one thing is added to a table, or replaced, while others read and write it. Each recipe is a few statements: the
// ones that lock are over at once, the ones that read all rows lock nobody out. (Measured on PostgreSQL 13 to 18.)
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace sluice::plan {

// The name of what is to replace something until it takes the name over.
std::string new_name(const std::string& name);
std::string old_name(const std::string& name);

class Recipes {
 public:
  // `known`: the schema before, whose names are taken.
  explicit Recipes(int version, const model::Schema* known = nullptr) : version_(version), known_(known) {}

  int version() const { return version_; }

  // The statements so far.
  std::vector<Statement> statements;

  void step(std::string sql, std::string allow = "") {
    statements.push_back({std::move(sql), true, true, false, std::move(allow)});
  }
  void also(std::string sql, std::string allow = "") {  // in the same step
    statements.push_back({std::move(sql), true, false, false, std::move(allow)});
  }
  void alone(std::string sql) { statements.push_back({std::move(sql), false}); }
  void backfill(std::string sql, bool by_page = false) {
    statements.push_back({std::move(sql), true, false, true, "", false, by_page});
  }
  // What the last statement drops is elsewhere too.
  void without_keeping() { statements.back().no_keep = true; }
  void stage(const std::vector<Statement>& plain);  // one step

  void create_index(const model::Index& index);
  void replace_index(const model::Index& before, const model::Index& after);
  void drop_index(const model::Key& index);
  // The index that a key stands on, under `name`.
  void build_key(const model::Key& table, const std::string& name, const std::vector<std::string>& columns,
                 bool nulls_not_distinct);
  void add_unique(const model::Unique& unique);
  void replace_unique(const model::Unique& before, const model::Unique& after);
  // The columns must be NOT NULL already.
  void add_primary_key(const model::PrimaryKey& key);
  void replace_primary_key(const model::PrimaryKey& before, const model::PrimaryKey& after);
  void add_check(const model::Check& check);
  void replace_check(const model::Check& before, const model::Check& after);
  void add_foreign_key(const model::ForeignKey& key, bool deferrable);
  void replace_foreign_key(const model::ForeignKey& before, const model::ForeignKey& after, bool deferrable);
  // `fill`: what rows with NULL get.
  void set_not_null(const model::Column& column, const std::optional<std::string>& fill);
  // A column whose rows differ in value, or are computed: default, serial, identity or `fill`. Without its key.
  void add_column(const model::Column& column, const std::optional<std::string>& fill, bool fill_reads_row);

  // CHECK (column IS NOT NULL), validated: SET NOT NULL reads no rows then. Gives its name.
  std::string prove_not_null(const model::Key& column);

 private:
  void validate(const model::Key& table, const std::string& name);
  void rename_constraint(const model::Key& table, const std::string& from, const std::string& to);

  // As PostgreSQL names the constraint of a NOT NULL.
  std::string not_null_name(const model::Key& column);

  int version_;
  const model::Schema* known_;
  std::map<model::Key, std::set<std::string>> constraints_;  // of tables: names that are taken
};

}  // namespace sluice::plan
