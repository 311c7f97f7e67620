#include "plan/views.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "plan/beyond.hpp"
#include "plan/columns.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

Words::Words(std::string_view sql) {
  auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '$' || c >= 0x80; };
  std::string before;  // the token before the present one
  for (size_t at = 0; at < sql.size();) {
    auto c = static_cast<unsigned char>(sql[at]);
    if (std::isspace(c)) {
      at++;
    } else if (c == '"' || c == '\'') {
      std::string inner;
      for (at++; at < sql.size(); at++) {
        if (static_cast<unsigned char>(sql[at]) != c) {
          inner += sql[at];
        } else if (at + 1 < sql.size() && static_cast<unsigned char>(sql[at + 1]) == c) {
          inner += sql[at++];
        } else {
          break;
        }
      }
      at++;
      if (c == '"') words_.insert(text::to_lower(inner));
      before = "name";
    } else if (is_word(c)) {
      size_t end = at;
      while (end < sql.size() && is_word(static_cast<unsigned char>(sql[end]))) end++;
      before = text::to_lower(sql.substr(at, end - at));
      words_.insert(before);
      at = end;
    } else if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else {
      if (c == '*' && (before == "select" || before == "distinct" || before == "all" || before == "," || before == "."))
        star_ = true;
      before = std::string(1, static_cast<char>(c));
      at++;
    }
  }
}

bool Words::has(std::string_view name) const { return words_.contains(text::to_lower(name)); }

namespace {

using WordsOf = std::unordered_map<const View*, Words>;

const Words& words_of(const View* view, WordsOf& cache) {
  auto found = cache.find(view);
  if (found == cache.end()) found = cache.emplace(view, Words(view->definition.value_or(""))).first;
  return found->second;
}

// Sorted so that a view comes after every view that it names.
std::vector<const View*> by_dependency(const std::vector<const View*>& views, WordsOf& cache) {
  std::unordered_multimap<std::string, const View*> by_name;
  for (const View* view : views) by_name.emplace(text::to_lower(view->key.name), view);
  std::vector<const View*> sorted;
  std::set<const View*> seen;
  auto visit = [&](auto& self, const View* view) -> void {
    if (!seen.insert(view).second) return;
    for (const std::string& word : words_of(view, cache).all())
      for (auto [at, end] = by_name.equal_range(word); at != end; ++at) self(self, at->second);
    sorted.push_back(view);
  };
  for (const View* view : views) visit(visit, view);
  return sorted;
}

// What PostgreSQL will not let go or change while a view reads it.
class Disturbance {
 public:
  explicit Disturbance(const diff::Changes& changes) {
    const auto& columns = diff::of<Column>(changes);
    for (const Column& column : columns.dropped) add(column);
    for (const auto& change : columns.altered)
      if (changes_type(change) || is_replaced(change)) add(change.after);
    // A star must read the new column too.
    for (const Column& column : columns.created) moves_[text::to_lower(column.key.table)].grows = true;
    for (const Table& table : diff::of<Table>(changes).dropped) add_whole(table.key.name);
    for (const std::string& function : replaced_functions(changes)) add_whole(function);
    // GROUP BY a primary key lets the query say the table's other columns; the view then depends on the key.
    for (const PrimaryKey& key : diff::of<PrimaryKey>(changes).dropped) lose_key(key.key);
    for (const auto& change : diff::of<PrimaryKey>(changes).altered) lose_key(change.before.key);
    for (const auto& change : columns.altered)
      if (change.has("primaryKey")) lose_key(change.before.key);
  }

  void add_whole(const std::string& name) { moves_[text::to_lower(name)].whole = true; }

  bool reaches(const Words& words) const {
    return std::any_of(words.all().begin(), words.all().end(), [&](const std::string& word) {
      auto found = moves_.find(word);
      if (found == moves_.end()) return false;
      const Moves& moves = found->second;
      return moves.whole || (words.has_star() && (moves.grows || !moves.columns.empty())) ||
             (moves.loses_key && words.has("group")) ||
             std::any_of(moves.columns.begin(), moves.columns.end(),
                         [&](const std::string& c) { return words.has(c); });
    });
  }

 private:
  struct Moves {
    bool whole = false, grows = false, loses_key = false;
    std::set<std::string> columns;
  };

  void add(const Column& column) { moves_[text::to_lower(column.key.table)].columns.insert(column.key.name); }
  void lose_key(const Key& key) { moves_[text::to_lower(key.table)].loses_key = true; }

  std::unordered_map<std::string, Moves> moves_;
};

std::set<Key> relation_names(const Schema& schema) {
  std::set<Key> out;
  auto add = [&](const auto& objects) {
    for (const auto& object : objects) out.insert({object.key.schema, "", object.key.name});
  };
  add(all<Table>(schema));
  add(all<Sequence>(schema));
  add(all<View>(schema));
  add(all<Index>(schema));
  add(all<Unique>(schema));
  add(all<PrimaryKey>(schema));
  return out;
}

bool only_options(const diff::Altered<View>& change) {
  return !change.has("definition") && !change.has("materialized") && !change.has("withNoData") &&
         !change.has("isExisting");
}

}  // namespace

ViewPlan plan_views(const Schema& old, const Schema& after, const diff::Changes& changes) {
  ViewPlan plan;
  if (all<View>(old).empty() && all<View>(after).empty()) return plan;
  const auto& views = diff::of<View>(changes);
  Disturbance disturbance(changes);
  WordsOf cache;

  // What each view that could stay is now, and what there was of it.
  struct Stays {
    const View *before, *after;
    const diff::Altered<View>* change = nullptr;
    bool is_renamed = false;
  };
  std::map<Key, const View*> before;
  for (const View& view : all<View>(old)) before.emplace(view.key, &view);
  std::map<Key, Stays> could_stay;
  for (const View& view : all<View>(after))
    if (auto found = before.find(view.key); found != before.end() && !view.existing && !found->second->existing)
      could_stay[view.key] = {found->second, &view};
  std::set<Key> taken = relation_names(old);
  std::vector<const diff::Altered<View>*> in_the_way;
  for (const auto& change : views.renamed) {
    if (taken.contains(change.after.key))
      in_the_way.push_back(&change);
    else
      could_stay[change.after.key] = {&change.before, &change.after, &change, true};
  }

  auto rebuild = [&](const View* from, const View* to) {
    if (from) plan.drop.push_back(from), disturbance.add_whole(from->key.name);
    if (to) plan.create.push_back(to);
  };
  for (const View& view : views.dropped) rebuild(&view, nullptr);
  // Its new name is free only after something else has gone.
  for (const auto* change : in_the_way) rebuild(&change->before, &change->after);
  for (const View& view : views.created) rebuild(nullptr, &view), could_stay.erase(view.key);
  for (const auto& change : views.altered) {
    if (only_options(change)) {
      could_stay[change.after.key].change = &change;
      continue;
    }
    rebuild(&change.before, &change.after);
    could_stay.erase(change.after.key);
  }
  // Until nothing is added: a view may stand on one that was just found.
  for (bool more = true; more;) {
    more = false;
    for (auto view = could_stay.begin(); view != could_stay.end();) {
      if (!view->second.before->definition || !disturbance.reaches(words_of(view->second.before, cache))) {
        ++view;
        continue;
      }
      rebuild(view->second.before, view->second.after);
      view = could_stay.erase(view);
      more = true;
    }
  }
  for (const auto& [key, stays] : could_stay) {
    if (!stays.change) continue;
    (stays.is_renamed ? plan.rename : plan.alter_options).push_back(stays.change);
  }
  plan.create = by_dependency(plan.create, cache);
  plan.drop = by_dependency(plan.drop, cache);
  std::reverse(plan.drop.begin(), plan.drop.end());
  return plan;
}

std::vector<Statement> alter_options(const diff::Altered<View>& change) {
  std::string alter = "ALTER " + view_kind(change.after) + " " + full_name(change.after.key) + " ";
  auto value_of = [](const model::Options& options, const std::string& name) -> const Literal* {
    for (const auto& [key, value] : options)
      if (key == name) return &value;
    return nullptr;
  };
  std::vector<std::string> set, reset;
  for (const auto& [name, value] : change.after.with) {
    const Literal* old = value_of(change.before.with, name);
    if (!old || !(*old == value)) set.push_back(view_option_name(name) + " = " + value.text);
  }
  for (const auto& [name, value] : change.before.with)
    if (!value_of(change.after.with, name)) reset.push_back(view_option_name(name));
  std::vector<Statement> out;
  if (!reset.empty()) out.push_back({alter + "RESET (" + text::join(reset, ", ") + ");"});
  if (!set.empty()) out.push_back({alter + "SET (" + text::join(set, ", ") + ");"});
  if (change.has("tablespace"))
    out.push_back({alter + "SET TABLESPACE " + change.after.tablespace.value_or("pg_default") + ";"});
  if (change.has("using"))
    out.push_back({alter + "SET ACCESS METHOD " + sql::identifier(change.after.using_method.value_or("heap")) + ";"});
  return out;
}

}  // namespace sluice::plan
