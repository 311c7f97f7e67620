#include "plan/views.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.hpp"

namespace sluice::plan {

using namespace model;

bool mentions(const std::string& sql, const std::string& name) {
  auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; };
  // An unquoted name is folded to lower case by PostgreSQL.
  std::string lower = text::to_lower(sql), wanted = text::to_lower(name);
  for (size_t at = lower.find(wanted); at != std::string::npos; at = lower.find(wanted, at + 1)) {
    bool starts = at == 0 || !is_word(lower[at - 1]);
    size_t end = at + wanted.size();
    if (starts && (end == lower.size() || !is_word(lower[end]))) return true;
  }
  return false;
}

namespace {

// Sorted so that a view comes after every view that it names.
std::vector<const View*> by_dependency(std::vector<const View*> views) {
  std::vector<const View*> sorted;
  std::set<const View*> visiting, done;
  auto visit = [&](auto& self, const View* view) -> void {
    if (done.contains(view) || !visiting.insert(view).second) return;
    for (const View* other : views)
      if (other != view && view->definition && mentions(*view->definition, other->key.name)) self(self, other);
    done.insert(view);
    sorted.push_back(view);
  };
  for (const View* view : views) visit(visit, view);
  return sorted;
}

// The names of tables with a column that PostgreSQL will not touch under a view.
std::set<std::string> disturbed_tables(const diff::Changes& changes) {
  std::set<std::string> names;
  const auto& columns = diff::of<Column>(changes);
  for (const Column& column : columns.dropped) names.insert(column.key.table);
  for (const auto& change : columns.altered)
    if (change.has("type") || change.has("typeSchema") || change.has("generated")) names.insert(change.after.key.table);
  for (const auto& change : diff::of<Enum>(changes).altered)
    for (const auto& value : change.before.values)
      if (std::find(change.after.values.begin(), change.after.values.end(), value) == change.after.values.end())
        names.insert(change.after.key.name);
  for (const Table& table : diff::of<Table>(changes).dropped) names.insert(table.key.name);
  return names;
}

bool only_options(const diff::Altered<View>& change) {
  return !change.has("definition") && !change.has("materialized") && !change.has("withNoData") &&
         !change.has("isExisting");
}

}  // namespace

ViewPlan plan_views(const Schema& before, const Schema& after, const diff::Changes& changes) {
  const auto& views = diff::of<View>(changes);
  ViewPlan plan;
  std::set<std::string> disturbed = disturbed_tables(changes);
  std::set<Key> rebuilt;
  for (const View& view : views.dropped) plan.drop.push_back(&view), disturbed.insert(view.key.name);
  for (const View& view : views.created) plan.create.push_back(&view);
  for (const auto& change : views.altered) {
    if (only_options(change)) continue;
    rebuilt.insert(change.after.key);
    plan.drop.push_back(&change.before);
    plan.create.push_back(&change.after);
    disturbed.insert(change.after.key.name);
  }
  // Views that are the same before and after, but stand on something that moves. Repeats until nothing is added.
  for (bool more = true; more;) {
    more = false;
    for (const View& view : all<View>(after)) {
      if (view.existing || !view.definition || rebuilt.contains(view.key) || !find<View>(before, view.key)) continue;
      bool stands_on = std::any_of(disturbed.begin(), disturbed.end(),
                                   [&](const std::string& name) { return mentions(*view.definition, name); });
      if (!stands_on) continue;
      rebuilt.insert(view.key);
      plan.drop.push_back(find<View>(before, view.key));
      plan.create.push_back(&view);
      disturbed.insert(view.key.name);
      more = true;
    }
  }
  plan.create = by_dependency(plan.create);
  plan.drop = by_dependency(plan.drop);
  std::reverse(plan.drop.begin(), plan.drop.end());
  return plan;
}

}  // namespace sluice::plan
