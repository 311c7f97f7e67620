#include "plan/retype.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "model/beyond.hpp"
#include "model/names.hpp"
#include "plan/casts.hpp"
#include "plan/columns.hpp"
#include "plan/rebuild.hpp"
#include "plan/render.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;
using diff::of;

namespace {

class Retyping {
 public:
  Retyping(const Schema& old, const Schema& after, const diff::Changes& changes)
      : old_(old), after_(after), out_(changes) {}

  std::optional<diff::Changes> with(const std::vector<const Altered<Enum>*>& recreated) && {
    for (const Altered<Enum>* change : recreated) names_.insert(change->after.key.name);
    for (const Altered<Domain>& change : of<Domain>(out_).altered)
      if (is_made_again(change)) add(change.after.key);
    if (names_.empty()) return std::nullopt;
    for (bool more = true; more;) {
      more = mark<Domain>([&](const Domain& domain) { return says(text_of(domain)); });
      more = mark<CompositeType>([&](const CompositeType& type) { return says(text_of(type)); }) || more;
    }
    mark<Function>([&](const Function& function) { return says(function.arguments + " " + function.result); });
    for (const Column& column : all<Column>(after_)) retype(column);
    if (!any_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void add(const Key& type) {
    names_.insert(type.name);
    types_.emplace(type_text(type), type);
    any_ = true;
  }

  bool says(const std::string& text) const {
    Words words(text);
    return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) { return words.has(name); });
  }

  // Marks those that are there before and after and are no more than mentioned by the test; true if there were any.
  template <class Kind, class F>
  bool mark(F&& stands) {
    bool found = false;
    auto& altered = of<Kind>(out_).altered;
    for (const Kind& object : all<Kind>(after_)) {
      const Kind* was = find<Kind>(old_, object.key);
      if (!was || !stands(*was)) continue;
      auto known =
          std::find_if(altered.begin(), altered.end(), [&](const auto& c) { return c.after.key == object.key; });
      if (known == altered.end()) known = altered.insert(altered.end(), {*was, object, {}});
      if (known->has(rebuilt)) continue;
      known->fields.emplace_back(rebuilt);
      found = any_ = true;
      if constexpr (!std::is_same_v<Kind, Function>) add(object.key);
    }
    return found;
  }

  void retype(const Column& column) {
    const auto type = types_.find(std::string(element_of(column.type)));
    if (type == types_.end()) return;
    const Column* was = find<Column>(old_, column.key);
    if (!was || was->type != column.type) return;
    Column moved = *was;
    moved.type = type_text(aside(type->second)) + column.type.substr(element_of(column.type).size());
    auto& altered = of<Column>(out_).altered;
    auto known = std::find_if(altered.begin(), altered.end(), [&](const auto& c) { return c.after.key == column.key; });
    if (known == altered.end())
      known = altered.insert(altered.end(), {moved, column, {}});
    else
      known->before.type = moved.type;
    known->fields.emplace_back("type");
    if (converts_itself(*was, column, type->second)) known->fields.emplace_back(assigned);
  }

  // Whether PostgreSQL converts the values of the one domain to the other by assignment, as between their base types.
  bool converts_itself(Column base, Column new_base, const Key& type) const {
    for (const Altered<Domain>& change : of<Domain>(out_).altered)
      if (change.after.key == type && !change.has(rebuilt) && !is_array(new_base)) {
        base.type = change.before.type, new_base.type = change.after.type;
        return !conversion(base, new_base);
      }
    return false;
  }

  const Schema &old_, &after_;
  diff::Changes out_;
  std::set<std::string> names_;       // of the types that are made again
  std::map<std::string, Key> types_;  // those of them that step aside here, by their text in columns
  bool any_ = false;
};

}  // namespace

Key aside(const Key& type) { return {type.schema, "", own_name(type.name, "_old")}; }

std::string text_of(const Domain& domain) {
  std::string text = domain.type + " " + domain.default_value.value_or("");
  for (const auto& [name, check] : domain.checks) text += " " + check.text;
  return text;
}
std::string text_of(const CompositeType& type) {
  std::string text;
  for (const auto& [name, kind] : type.attributes) text += " " + kind.text;
  return text;
}

bool is_made_again(const Altered<Domain>& change) {
  return change.has("type") || change.has("collation") || change.has(rebuilt);
}
bool is_made_again(const Altered<CompositeType>& change) { return change.has(rebuilt); }

std::optional<diff::Changes> with_retyped(const Schema& old, const Schema& after, const diff::Changes& changes,
                                          const std::vector<const Altered<Enum>*>& recreated) {
  return Retyping(old, after, changes).with(recreated);
}

}  // namespace sluice::plan
