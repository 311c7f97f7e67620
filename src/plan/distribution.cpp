#include "plan/distribution.hpp"

#include <algorithm>
#include <map>

#include "model/distribution.hpp"
#include "plan/beyond_render.hpp"
#include "sql/quote.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;
using diff::of;

namespace {

// The argument of a function that takes a table by its name.
std::string named(const Key& table) {
  auto word = [](const std::string& name) {
    const bool plain = !name.empty() && (name[0] < '0' || name[0] > '9') &&
                       std::all_of(name.begin(), name.end(),
                                   [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    return plain ? name : sql::identifier(name);
  };
  return sql::literal((table.schema == "public" ? "" : word(table.schema) + ".") + word(table.name));
}

class Distributor {
 public:
  Distributor(const Schema& old, const Schema& after, const diff::Changes& changes, std::vector<std::string>& notes)
      : after_(after), notes_(notes), groups_(colocation(after)) {
    for (const Table& table : of<Table>(changes).created)
      if (!table.distributed.empty()) moved_.insert(table.key);
    for (const Altered<Table>& change : of<Table>(changes).altered)
      if (change.has("_distributed")) {
        moved_.insert(change.after.key);
        before_.emplace(change.after.key, *find<Table>(old, change.after.key));
      }
    for (const auto& [table, group] : colocation(old)) old_groups_.insert(group);
  }

  std::vector<Statement> make() && {
    for (const Table& table : all<Table>(after_))
      if (moved_.contains(table.key)) take_back(table);
    for (const Table& table : all<Table>(after_))
      if (moved_.contains(table.key) && is_reference_table(table))
        add(out_, "SELECT create_reference_table(" + named(table.key) + ");");
    for (const Table* table : in_order()) spread(*table);
    return std::move(out_);
  }

 private:
  const Table* was(const Table& table) const {
    auto found = before_.find(table.key);
    return found == before_.end() ? nullptr : &found->second;
  }

  void take_back(const Table& table) {
    const Table* before = was(table);
    if (!before) return;
    if (before->distributed.empty())
      notes_.push_back("Table " + display(table.key) + " is distributed with its rows: nobody writes to it meanwhile.");
    else
      notes_.push_back("Table " + display(table.key) +
                       " is distributed in another way: all of its rows are copied, and nobody reads or writes them "
                       "meanwhile.");
    const bool altered = !distribution_column(*before).empty() && !distribution_column(table).empty();
    if (!before->distributed.empty() && !altered) add(out_, "SELECT undistribute_table(" + named(table.key) + ");");
  }

  // Those that others of their group refer to first: the rest lies beside them.
  std::vector<const Table*> in_order() const {
    std::map<Key, int> referred;
    for (const ForeignKey& key : all<ForeignKey>(after_)) {
      auto from = groups_.find(key.key.owner()), to = groups_.find(key.target());
      if (from != groups_.end() && to != groups_.end() && from->second == to->second && from->first != to->first)
        referred[key.target()]++;
    }
    std::vector<const Table*> out;
    for (const Table& table : all<Table>(after_))
      if (moved_.contains(table.key) && !distribution_column(table).empty()) out.push_back(&table);
    std::stable_sort(out.begin(), out.end(), [&](const Table* a, const Table* b) {
      auto count = [&](const Table* table) {
        auto found = referred.find(table->key);
        return found == referred.end() ? 0 : found->second;
      };
      return count(a) > count(b);
    });
    return out;
  }

  // What the table is to lie beside, as an argument; "" for Citus's own choice.
  std::string beside(const Table& table) const {
    const std::string& group = groups_.at(table.key);
    const Key* settled = nullptr;
    bool others =
        std::any_of(old_groups_.begin(), old_groups_.end(), [&](const std::string& other) { return other != group; });
    for (const auto& [key, other] : groups_) {
      if (other != group) others = true;
      if (other != group || key == table.key) continue;
      if (!settled && (!moved_.contains(key) || done_.contains(key))) settled = &key;
    }
    if (settled) return named(*settled);
    // Citus would put it beside whatever is spread by a column of the same type.
    return others ? "'none'" : "";
  }

  void spread(const Table& table) {
    const Table* before = was(table);
    const std::string column = distribution_column(table), with = beside(table);
    done_.insert(table.key);
    if (before && !distribution_column(*before).empty()) {
      const bool other_column = distribution_column(*before) != column;
      add(out_, "SELECT alter_distributed_table(" + named(table.key) +
                    (other_column ? ", distribution_column => " + sql::literal(column) : "") + ", colocate_with => " +
                    (with.empty() ? "'none'" : with) + ");");
      return;
    }
    const std::string shards = distribution_option(table, "shards");
    add(out_, "SELECT create_distributed_table(" + named(table.key) + ", " + sql::literal(column) +
                  (with.empty() ? "" : ", colocate_with => " + with) +
                  // Beside another table it has as many.
                  (shards.empty() || (!with.empty() && with != "'none'") ? "" : ", shard_count => " + shards) + ");");
  }

  const Schema& after_;
  std::vector<std::string>& notes_;
  std::map<Key, std::string> groups_;
  std::set<std::string> old_groups_;
  std::map<Key, Table> before_;
  std::set<Key> moved_, done_;
  std::vector<Statement> out_;
};

}  // namespace

std::set<Key> redistributed_tables(const diff::Changes& changes) {
  std::set<Key> out;
  for (const Altered<Table>& change : of<Table>(changes).altered)
    if (change.has("_distributed")) out.insert(change.after.key);
  return out;
}

std::vector<Statement> distribute(const Schema& old, const Schema& after, const diff::Changes& changes,
                                  std::vector<std::string>& notes) {
  if (!any_distributed(old) && !any_distributed(after)) return {};
  return Distributor(old, after, changes, notes).make();
}

std::vector<Statement> citus_mode(const Schema& old, const Schema& after, const diff::Changes& changes,
                                  const std::vector<Statement>& plan) {
  const auto in_transaction = std::count_if(plan.begin(), plan.end(), [](const auto& s) { return s.transactional; });
  if (in_transaction < 2 || (!any_distributed(old) && !any_distributed(after))) return {};
  std::set<Key> whole;
  for (const Schema* schema : {&old, &after})
    for (const Table& table : all<Table>(*schema))
      if (is_reference_table(table)) whole.insert(table.key);
  auto refers = [&](const Schema& schema) {
    const auto& keys = all<ForeignKey>(schema);
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return whole.contains(key.target()); });
  };
  const auto& created = of<Table>(changes).created;
  const bool distributes =
      !redistributed_tables(changes).empty() ||
      std::any_of(created.begin(), created.end(), [](const Table& table) { return !table.distributed.empty(); });
  if (!distributes && !refers(old) && !refers(after)) return {};
  // Else Citus works on many shards of one table at once, and then refuses to touch what others refer to.
  return {{"SET LOCAL citus.multi_shard_modify_mode = 'sequential';"}};
}

}  // namespace sluice::plan
