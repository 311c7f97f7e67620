#include "plan/views.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.hpp"
#include "plan/enums.hpp"

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

// What PostgreSQL will not let go or change while a view reads it: an object by name, or a column of one.
struct Disturbed {
  std::string object;
  std::optional<std::string> column;

  bool read_by(const std::string& definition) const {
    if (!mentions(definition, object)) return false;
    // A star reads every column that there was when the view was made.
    return !column || mentions(definition, *column) || definition.find('*') != std::string::npos;
  }
};

std::vector<Disturbed> disturbed_by(const diff::Changes& changes) {
  std::vector<Disturbed> out;
  const auto& columns = diff::of<Column>(changes);
  for (const Column& column : columns.dropped) out.push_back({column.key.table, column.key.name});
  for (const auto& change : columns.altered)
    if (change.has("type") || change.has("typeSchema") || change.has("generated"))
      out.push_back({change.after.key.table, change.after.key.name});
  for (const Table& table : diff::of<Table>(changes).dropped) out.push_back({table.key.name, std::nullopt});
  return out;
}

bool only_options(const diff::Altered<View>& change) {
  return !change.has("definition") && !change.has("materialized") && !change.has("withNoData") &&
         !change.has("isExisting");
}

}  // namespace

ViewPlan plan_views(const Schema& before, const Schema& after, const diff::Changes& changes) {
  const auto& views = diff::of<View>(changes);
  ViewPlan plan;
  std::vector<Disturbed> disturbed = disturbed_by(changes);
  for (const auto& change : diff::of<Enum>(changes).altered)
    if (!can_add_values(change, after, changes))
      for (const Column& column : all<Column>(after))
        if (has_type(column, change.after.key)) disturbed.push_back({column.key.table, column.key.name});
  std::set<Key> rebuilt;
  for (const View& view : views.dropped) plan.drop.push_back(&view), disturbed.push_back({view.key.name, std::nullopt});
  for (const View& view : views.created) plan.create.push_back(&view);
  for (const auto& change : views.altered) {
    if (only_options(change)) continue;
    rebuilt.insert(change.after.key);
    plan.drop.push_back(&change.before);
    plan.create.push_back(&change.after);
    disturbed.push_back({change.after.key.name, std::nullopt});
  }
  // Views that are the same before and after, but stand on something that moves. Repeats until nothing is added.
  for (bool more = true; more;) {
    more = false;
    for (const View& view : all<View>(after)) {
      if (view.existing || !view.definition || rebuilt.contains(view.key) || !find<View>(before, view.key)) continue;
      bool stands_on = std::any_of(disturbed.begin(), disturbed.end(),
                                   [&](const Disturbed& object) { return object.read_by(*view.definition); });
      if (!stands_on) continue;
      rebuilt.insert(view.key);
      plan.drop.push_back(find<View>(before, view.key));
      plan.create.push_back(&view);
      disturbed.push_back({view.key.name, std::nullopt});
      more = true;
    }
  }
  plan.create = by_dependency(plan.create);
  plan.drop = by_dependency(plan.drop);
  std::reverse(plan.drop.begin(), plan.drop.end());
  return plan;
}

}  // namespace sluice::plan
