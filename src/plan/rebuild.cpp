#include "plan/rebuild.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "plan/beyond.hpp"
#include "plan/casts.hpp"
#include "plan/columns.hpp"
#include "plan/distribution.hpp"
#include "plan/enums.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;
using diff::of;

namespace {

using Names = std::set<std::string>;

// The columns of one table on which something else cannot go on standing.
struct Disturbed {
  Names typed;     // SET DATA TYPE: generated columns and policies
  Names hard;      // of another kind of type: also checks, expressions of indexes, foreign keys
  Names replaced;  // dropped and added: also every index and constraint
  Names dropped;   // policies
};

bool any_in(const Names& names, const std::vector<std::string>& list) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& name) { return names.contains(name); });
}
bool any_in(const Names& names, const Words& words) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return words.has(name); });
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> plain_columns(const Index& index) {
  std::vector<std::string> out;
  for (const IndexColumn& column : index.columns)
    if (!column.is_expression) out.push_back(column.expression);
  return out;
}

class Rebuilds {
 public:
  Rebuilds(const Schema& old, const Schema& after, const diff::Changes& changes,
           const std::vector<const Altered<Enum>*>& recreated)
      : old_(old), after_(after), changes_(changes), recreated_(recreated) {}

  std::optional<diff::Changes> find() && {
    retype_enum_columns();
    collect_columns();
    functions_ = replaced_functions(changes_);
    if (!tables_.empty() || !functions_.empty()) replace_generated_columns();
    lost_keys_ = lost_keys(changes_);
    redistributed_ = redistributed_tables(changes_);
    if (!tables_.empty()) rebuild<Function>([&](const Function& function) { return stands_on(function); });
    functions_ = replaced_functions(changes_);
    if (!tables_.empty() || !functions_.empty()) {
      rebuild<Exclusion>([&](const Exclusion& exclusion) { return stands_on(exclusion); });
      rebuild<Trigger>([&](const Trigger& trigger) { return stands_on(trigger); });
      rebuild<Rule>([&](const Rule& rule) { return reads_moved(Words(rule.definition)); });
      rebuild<Check>([&](const Check& check) { return stands_on(check); });
      rebuild<Unique>([&](const Unique& unique) { return any_in(at(unique.key).replaced, unique.columns); });
      rebuild<PrimaryKey>([&](const PrimaryKey& key) { return any_in(at(key.key).replaced, key.columns); });
      rebuild<Index>([&](const Index& index) { return stands_on(index); });
      rebuild<Policy>([&](const Policy& policy) { return stands_on(policy); });
    }
    if (!tables_.empty() || !lost_keys_.empty() || !redistributed_.empty())
      rebuild<ForeignKey>([&](const ForeignKey& key) { return stands_on(key); });
    if (!added_) return std::nullopt;
    return std::move(changes_);
  }

 private:
  const Disturbed& at(const Key& child) const {
    static const Disturbed nothing;
    auto found = tables_.find(child.owner());
    return found == tables_.end() ? nothing : found->second;
  }

  // Every column of a type that is made again moves over to the new one.
  void retype_enum_columns() {
    if (recreated_.empty()) return;
    std::map<Key, const Column*> before;
    for (const Column& column : all<Column>(old_)) before.emplace(column.key, &column);
    std::map<Key, Altered<Column>*> altered;
    for (auto& change : of<Column>(changes_).altered) altered.emplace(change.after.key, &change);
    std::vector<Altered<Column>> added;
    for (const Column& column : all<Column>(after_)) {
      auto old = before.find(column.key);
      if (old == before.end()) continue;
      bool concerned = std::any_of(recreated_.begin(), recreated_.end(), [&](const Altered<Enum>* change) {
        return has_type(column, change->after.key) && has_type(*old->second, change->before.key);
      });
      if (!concerned) continue;
      added_ = true;
      if (auto found = altered.find(column.key); found == altered.end())
        added.push_back({*old->second, column, {"type"}});
      else if (!found->second->has("type"))
        found->second->fields.emplace_back("type");
    }
    auto& all_altered = of<Column>(changes_).altered;
    all_altered.insert(all_altered.end(), added.begin(), added.end());
  }

  void collect_columns() {
    for (const auto& change : of<Column>(changes_).altered) {
      const std::string& name = change.after.key.name;
      if (is_replaced(change)) {
        replace(change.after.key);
      } else if (changes_type(change)) {
        Disturbed& table = tables_[change.after.key.owner()];
        table.typed.insert(name);
        if (!is_soft_change(change.before, change.after)) table.hard.insert(name);
      }
    }
    for (const Column& column : of<Column>(changes_).dropped)
      tables_[column.key.owner()].dropped.insert(column.key.name);
  }

  void replace(const Key& column) {
    Disturbed& table = tables_[column.owner()];
    for (Names* names : {&table.typed, &table.hard, &table.replaced}) names->insert(column.name);
  }

  // PostgreSQL does not alter the type of a column that a generated column reads, nor drop a function that it calls.
  void replace_generated_columns() {
    std::map<Key, const Column*> before;
    for (const Column& column : all<Column>(old_))
      if (column.generated && (!functions_.empty() || !at(column.key).typed.empty()))
        before.emplace(column.key, &column);
    if (before.empty()) return;
    std::map<Key, Altered<Column>*> altered;
    for (auto& change : of<Column>(changes_).altered) altered.emplace(change.after.key, &change);
    std::vector<Altered<Column>> added;
    std::vector<Key> replaced;
    for (const Column& column : all<Column>(after_)) {
      auto old = before.find(column.key);
      if (old == before.end() || !column.generated) continue;
      Words words(old->second->generated->expression);
      if (!any_in(at(column.key).typed, words) && !calls(words)) continue;
      replaced.push_back(column.key);
      if (auto found = altered.find(column.key); found == altered.end())
        added.push_back({*old->second, column, {"generated"}});
      else if (!found->second->has("generated"))
        found->second->fields.emplace_back("generated");
    }
    added_ = added_ || !replaced.empty();
    for (const Key& key : replaced) replace(key);
    auto& all_altered = of<Column>(changes_).altered;
    all_altered.insert(all_altered.end(), added.begin(), added.end());
  }

  bool calls(const Words& words) const {
    return std::any_of(functions_.begin(), functions_.end(), [&](const std::string& name) { return words.has(name); });
  }
  // A query that names a table and a column of it which changes or goes.
  bool reads_moved(const Words& words) const {
    return calls(words) || std::any_of(tables_.begin(), tables_.end(), [&](const auto& entry) {
             const Disturbed& table = entry.second;
             return words.has(entry.first.name) &&
                    (any_in(table.typed, words) || any_in(table.dropped, words) || any_in(table.replaced, words));
           });
  }
  // PostgreSQL knows what a body says that is not a text.
  bool stands_on(const Function& function) const {
    return function.follows_relations && function.definition.find("\nAS ") == std::string::npos &&
           reads_moved(Words(function.definition));
  }
  bool stands_on(const Exclusion& exclusion) const {
    Words words(exclusion.definition);
    const Disturbed& table = at(exclusion.key);
    return calls(words) || any_in(table.hard, words) || any_in(table.replaced, words);
  }
  bool stands_on(const Trigger& trigger) const {
    Words words(trigger.definition);
    if (calls(words)) return true;
    const Disturbed& table = at(trigger.key);
    return any_in(table.typed, words) || any_in(table.dropped, words) || any_in(table.replaced, words);
  }
  bool stands_on(const Check& check) const {
    if (!functions_.empty() && calls(Words(check.expression))) return true;
    const Disturbed& table = at(check.key);
    return !table.hard.empty() && any_in(table.hard, Words(check.expression));
  }
  bool stands_on(const Index& index) const {
    const Disturbed& table = at(index.key);
    if (index.definition) {
      Words words(*index.definition);
      if (calls(words) || any_in(table.hard, words) || any_in(table.replaced, words)) return true;
    }
    if (!functions_.empty() && std::any_of(index.columns.begin(), index.columns.end(), [&](const IndexColumn& column) {
          return column.is_expression && calls(Words(column.expression));
        }))
      return true;
    if (table.hard.empty()) return false;
    if (index.where && any_in(table.hard, Words(*index.where))) return true;
    return std::any_of(index.columns.begin(), index.columns.end(), [&](const IndexColumn& column) {
      return column.is_expression ? any_in(table.hard, Words(column.expression))
                                  : table.replaced.contains(column.expression);
    });
  }
  bool stands_on(const ForeignKey& key) const {
    if (stands_on_lost_key(key, lost_keys_)) return true;
    if (redistributed_.contains(key.key.owner()) || redistributed_.contains(key.target())) return true;
    auto target = tables_.find(key.target());
    return any_in(at(key.key).hard, key.columns_from) ||
           (target != tables_.end() && any_in(target->second.hard, key.columns_to));
  }
  // A policy may read other tables too.
  bool stands_on(const Policy& policy) const {
    auto reads = [&](const std::optional<std::string>& expression) {
      if (!expression) return false;
      Words words(*expression);
      if (calls(words)) return true;
      auto moved = [&](const Disturbed& table) { return any_in(table.typed, words) || any_in(table.dropped, words); };
      if (moved(at(policy.key))) return true;
      return words.has("from") && std::any_of(tables_.begin(), tables_.end(), [&](const auto& entry) {
               return words.has(entry.first.name) && moved(entry.second);
             });
    };
    return reads(policy.using_expression) || reads(policy.with_check);
  }

  // Marks the objects of a kind that stand on something disturbed, judged by what they are in the database now.
  template <class Kind, class F>
  void rebuild(F&& stands) {
    auto& kind = of<Kind>(changes_);
    std::set<Key> settled;
    for (const Kind& object : kind.created) settled.insert(object.key);
    for (auto& change : kind.altered) {
      settled.insert(change.after.key);
      if (stands(change.before)) mark(change);
    }
    for (auto renamed = kind.renamed.begin(); renamed != kind.renamed.end();) {
      settled.insert(renamed->after.key);
      if (!stands(renamed->before)) {
        ++renamed;
        continue;
      }
      mark(*renamed);
      kind.altered.push_back(std::move(*renamed));
      renamed = kind.renamed.erase(renamed);
    }
    std::map<Key, const Kind*> concerned;
    for (const Kind& object : all<Kind>(old_))
      if (!settled.contains(object.key) && stands(object)) concerned.emplace(object.key, &object);
    if (concerned.empty()) return;
    for (const Kind& object : all<Kind>(after_))
      if (auto found = concerned.find(object.key); found != concerned.end()) {
        kind.altered.push_back({*found->second, object, {}});
        mark(kind.altered.back());
      }
  }
  template <class Kind>
  void mark(Altered<Kind>& change) {
    change.fields.emplace_back(rebuilt);
    added_ = true;
  }

  const Schema &old_, &after_;
  diff::Changes changes_;
  const std::vector<const Altered<Enum>*>& recreated_;
  std::map<Key, Disturbed> tables_;
  LostKeys lost_keys_;
  std::set<Key> redistributed_;
  std::set<std::string> functions_;  // that are dropped and made again
  bool added_ = false;
};

bool may_disturb(const diff::Changes& changes) {
  const auto& columns = of<Column>(changes);
  auto touched = [](const auto& kind) { return !kind.dropped.empty() || !kind.altered.empty(); };
  return !columns.dropped.empty() || touched(of<PrimaryKey>(changes)) || touched(of<Unique>(changes)) ||
         touched(of<Index>(changes)) || !redistributed_tables(changes).empty() ||
         std::any_of(columns.altered.begin(), columns.altered.end(), [](const Altered<Column>& change) {
           return changes_type(change) || is_replaced(change) || change.has("primaryKey");
         });
}

}  // namespace

LostKeys lost_keys(const diff::Changes& changes) {
  LostKeys out;
  auto lose = [&](const Key& key, const std::vector<std::string>& columns) {
    out[key.owner()].insert(sorted(columns));
  };
  auto constraints = [&](const auto& kind) {
    for (const auto& object : kind.dropped) lose(object.key, object.columns);
    for (const auto& change : kind.altered) lose(change.before.key, change.before.columns);
  };
  constraints(of<PrimaryKey>(changes));
  constraints(of<Unique>(changes));
  const auto& indexes = of<Index>(changes);
  for (const Index& index : indexes.dropped)
    if (index.unique) lose(index.key, plain_columns(index));
  for (const auto& change : indexes.altered)
    if (change.before.unique) lose(change.before.key, plain_columns(change.before));
  for (const auto& change : of<Column>(changes).altered)
    if (change.before.primary_key && (change.has("primaryKey") || is_replaced(change)))
      lose(change.before.key, {change.before.key.name});
  for (const Column& column : of<Column>(changes).dropped)
    if (column.primary_key) lose(column.key, {column.key.name});
  return out;
}

bool stands_on_lost_key(const ForeignKey& key, const LostKeys& lost) {
  auto found = lost.find(key.target());
  return found != lost.end() && found->second.contains(sorted(key.columns_to));
}

std::optional<diff::Changes> with_rebuilds(const Schema& old, const Schema& after, const diff::Changes& changes,
                                           const std::vector<const Altered<Enum>*>& recreated) {
  if (recreated.empty() && !may_disturb(changes) && replaced_functions(changes).empty()) return std::nullopt;
  return Rebuilds(old, after, changes, recreated).find();
}

}  // namespace sluice::plan
