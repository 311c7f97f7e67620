// The part of a plan that concerns what drizzle has no word for. The planner asks for one phase after the other.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

// True if CREATE OR REPLACE makes the change.
bool can_replace(const diff::Altered<model::Function>& change);

// Names of functions that cannot be changed in place: they are dropped and made again, and so is what stands on them.
std::set<std::string> replaced_functions(const diff::Changes& changes);

// Functions that need a table or view to be there before them.
std::set<model::Key> functions_on_relations(const model::Schema& schema);

class Beyond {
 public:
  // All are kept by reference. `changes` are those that the planner works on, with what is rebuilt marked.
  Beyond(const model::Schema& old, const model::Schema& after, const diff::Changes& changes, const ViewPlan& views);

  // True if there is nothing of the sort on either side.
  bool idle() const { return idle_; }

  std::vector<Statement> extensions_and_collations();
  // What reads tables, or listens to changes of them. Policies go before it.
  std::vector<Statement> drop_readers();
  // The views to drop, with the functions that need tables or views between them.
  std::vector<Statement> drop_views_and_functions();
  std::vector<Statement> drop_constraints();
  // True if a function is made again.
  bool drops_functions() const;
  bool calls_replaced(const std::optional<model::Generated>& generated) const;
  // Those that need no table, and the defaults that call any.
  std::vector<Statement> drop_functions();
  // Domains, composite and range types, and the functions that need no table.
  std::vector<Statement> types_and_functions();
  // After all tables and columns are there.
  std::vector<Statement> tables_created(const std::set<model::Key>& created);
  std::vector<Statement> add_constraints();
  std::vector<Statement> create_views_and_functions();
  std::vector<Statement> triggers_and_rules();
  // When no column has the types any more.
  std::vector<Statement> drop_types_and_functions();
  std::vector<Statement> drop_extensions_and_collations();
  // Comments and privileges also of what was made again.
  std::vector<Statement> finish(std::vector<std::string>& notes);

 private:
  bool is_late(const model::Function& function) const;
  bool calls_replaced(const model::Column& column) const;  // in its default
  bool calls_replaced(const std::string& expression) const;
  bool owner_is_new(const model::Key& key) const;
  const model::Column* declared(const model::Key& table, const std::string& name) const;
  std::vector<Statement> overridden(const model::Column& column) const;
  bool stays(const std::string& identity, const model::Key& key) const;
  void find_remade();

  const model::Schema &old_, &after_;
  const diff::Changes& changes_;
  const ViewPlan& views_;
  bool idle_ = false;
  std::set<std::string> replaced_;
  std::set<model::Key> moved_;              // functions that stand on a view which is made again
  std::set<model::Key> late_;               // functions that are made after the tables
  std::set<model::Key> dropped_, created_;  // tables and views that go, come or are made again
  std::set<std::string> remade_;            // "VIEW public.v", in plain letters
};

}  // namespace sluice::plan
