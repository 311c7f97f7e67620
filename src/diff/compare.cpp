#include <algorithm>
#include <array>
#include <set>
#include <type_traits>
#include <unordered_map>

#include "diff/diff.hpp"
#include "diff/parameters.hpp"
#include "model/distribution.hpp"
#include "model/names.hpp"

namespace sluice::diff {

namespace {

using model::Key;

struct KeyHash {
  size_t operator()(const Key& key) const {
    std::hash<std::string> hash;
    return (hash(key.schema) * 31 + hash(key.table)) * 31 + hash(key.name);
  }
};

template <class T>
bool same(std::string_view name, const T& a, const T& b) {
  if constexpr (std::is_same_v<T, std::string>)
    if (name == "type") return model::same_type(a, b);
  return a == b;
}

template <class Kind>
std::vector<std::string_view> changed_fields(const Kind& before, const Kind& after) {
  std::array<const void*, 24> old{};
  size_t count = 0, at = 0;
  Kind::fields(before, [&](const char*, const auto& field) { old.at(count++) = &field; });
  std::vector<std::string_view> changed;
  Kind::fields(after, [&](const char* name, const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if (!same(name, *static_cast<const Field*>(old.at(at++)), field)) changed.emplace_back(name);
  });
  // CONCURRENTLY says how an index is built, not what it is.
  if constexpr (std::is_same_v<Kind, model::Index>) {
    std::erase(changed, "concurrently");
    if (before.where && after.where && same_but_for_parameters(*before.where, *after.where))
      std::erase(changed, "where");
  }
  if constexpr (std::is_same_v<Kind, model::Check>)
    if (same_but_for_parameters(before.expression, after.expression)) std::erase(changed, "value");
  // Nor can it put an attribute before others that are there.
  if constexpr (std::is_same_v<Kind, model::CompositeType>)
    if (std::is_permutation(before.attributes.begin(), before.attributes.end(), after.attributes.begin(),
                            after.attributes.end()))
      std::erase(changed, "attributes");
  // PostgreSQL has no way to make a column the parent's alone that is the child's own, too.
  if constexpr (std::is_same_v<Kind, model::Column>)
    if (after.inherited.value_or(false)) std::erase(changed, "_inherited");
  return changed;
}

template <class Kind>
bool is_declared_only(const Kind& object) {
  if constexpr (std::is_same_v<Kind, model::View>) return object.existing;
  return false;
}

template <class Kind>
void compare_kind(const std::vector<Kind>& before, const std::vector<Kind>& after, ChangesOf<Kind>& out) {
  std::unordered_map<Key, const Kind*, KeyHash> old;
  old.reserve(before.size());
  for (const Kind& object : before)
    if (!is_declared_only(object)) old.emplace(object.key, &object);
  for (const Kind& object : after) {
    auto found = old.find(object.key);
    if (is_declared_only(object)) {
      // A view that is only declared is not ours to touch, also if it once was.
      if (found != old.end()) old.erase(found);
      continue;
    }
    if (found == old.end()) {
      out.created.push_back(object);
      continue;
    }
    if (auto fields = changed_fields(*found->second, object); !fields.empty())
      out.altered.push_back({*found->second, object, std::move(fields)});
    old.erase(found);
  }
  for (const Kind& object : before)
    if (auto found = old.find(object.key); found != old.end() && found->second == &object)
      out.dropped.push_back(object);
}

Key owner_of(const Key& key) { return key.owner(); }
Key same_name_of(const Key& key) { return {"", "", key.name}; }

// Constraints, indexes, views and policies hold no rows: one that vanished and one that appeared with the same content
// in the same place are one object with a new name.
template <class Kind>
void pair_by_content(ChangesOf<Kind>& changes, Key place_of(const Key&) = owner_of) {
  if (changes.created.empty() || changes.dropped.empty()) return;
  std::unordered_map<Key, std::vector<size_t>, KeyHash> dropped_in;  // by place: positions in `dropped`
  for (size_t i = 0; i < changes.dropped.size(); i++) dropped_in[place_of(changes.dropped[i].key)].push_back(i);
  std::vector<bool> paired(changes.dropped.size());
  std::vector<Kind> created;
  for (Kind& object : changes.created) {
    auto candidates = dropped_in.find(place_of(object.key));
    auto twin = [&]() -> std::optional<size_t> {
      if (candidates == dropped_in.end()) return std::nullopt;
      for (size_t i : candidates->second)
        if (!paired[i] && changed_fields(changes.dropped[i], object).empty()) return i;
      return std::nullopt;
    }();
    if (!twin) {
      created.push_back(std::move(object));
      continue;
    }
    paired[*twin] = true;
    changes.renamed.push_back({changes.dropped[*twin], std::move(object), {}});
  }
  changes.created = std::move(created);
  std::vector<Kind> dropped;
  for (size_t i = 0; i < paired.size(); i++)
    if (!paired[i]) dropped.push_back(std::move(changes.dropped[i]));
  changes.dropped = std::move(dropped);
}

// Children of a dropped table go with it, and children of a created one come with it; so a constraint is not "dropped"
// when its table is.
template <class Kind>
void forget_children_of_dropped(const std::vector<model::Table>& dropped, ChangesOf<Kind>& changes) {
  if (dropped.empty()) return;
  std::vector<Key> gone;
  for (const model::Table& table : dropped) gone.push_back(table.key);
  std::sort(gone.begin(), gone.end());
  std::erase_if(changes.dropped,
                [&](const Kind& object) { return std::binary_search(gone.begin(), gone.end(), object.key.owner()); });
}

// Nor a check.
void forget_inherited_checks(const model::Schema& after, ChangesOf<model::Check>& checks) {
  std::erase_if(checks.dropped, [&](const model::Check& check) {
    const model::Table* table = model::find<model::Table>(after, check.key.owner());
    return table && std::any_of(table->inherits.begin(), table->inherits.end(), [&](const std::string& parent) {
             const auto& all = model::all<model::Check>(after);
             return std::any_of(all.begin(), all.end(), [&](const model::Check& other) {
               return other.key.name == check.key.name &&
                      model::plain_identity(other.key.schema + "." + other.key.table) == model::plain_identity(parent);
             });
           });
  });
}

bool inherits(const model::Schema& schema, const Key& table, const Key& ancestor) {
  const model::Table* child = model::find<model::Table>(schema, table);
  return child && std::any_of(child->inherits.begin(), child->inherits.end(), [&](const std::string& name) {
           const auto& tables = model::all<model::Table>(schema);
           return std::any_of(tables.begin(), tables.end(), [&](const model::Table& parent) {
             return model::plain_identity(parent.key.schema + "." + parent.key.name) == model::plain_identity(name) &&
                    (parent.key == ancestor || inherits(schema, parent.key, ancestor));
           });
         });
}

// A column that inherits another one gets its new name with it, and PostgreSQL refuses to give it one by itself.
Renames without_followers(const Renames& renames, const model::Schema& renamed) {
  Renames out;
  for (const Rename& rename : renames) {
    auto leads = [&](const Rename& other) {
      return other.kind == RenameKind::column && other.from.name == rename.from.name &&
             other.to.name == rename.to.name && inherits(renamed, rename.to.owner(), other.to.owner());
    };
    if (rename.kind != RenameKind::column || std::none_of(renames.begin(), renames.end(), leads)) out.push_back(rename);
  }
  return out;
}

// What a group of tables is called follows from who is in it; what counts is who lies with whom.
void compare_distribution(const model::Schema& before, const model::Schema& after, ChangesOf<model::Table>& changes) {
  if (!model::any_distributed(before) && !model::any_distributed(after)) return;
  std::set<Key> moved = model::redistributed(before, after);
  for (auto& change : changes.altered) {
    std::erase(change.fields, "_distributed");
    if (moved.erase(change.after.key) > 0) change.fields.emplace_back("_distributed");
  }
  std::erase_if(changes.altered, [](const auto& change) { return change.fields.empty(); });
  for (const Key& key : moved)
    changes.altered.push_back(
        {*model::find<model::Table>(before, key), *model::find<model::Table>(after, key), {"_distributed"}});
}

}  // namespace

bool Changes::empty() const {
  return renames.empty() && std::apply([](const auto&... kinds) { return (kinds.empty() && ...); }, by_kind);
}

Changes compare(const model::Schema& before, const model::Schema& after, const Renames& renames) {
  Changes changes;
  // The names as the database has them, so that a name that must give way to another is seen as renamed.
  std::optional<model::Schema> distinct_before = model::as_in_database(before),
                               distinct_after = model::as_in_database(after);
  const model::Schema& from = distinct_before ? *distinct_before : before;
  const model::Schema& to = distinct_after ? *distinct_after : after;
  std::optional<model::Schema> moved;
  if (!renames.empty()) moved = renamed(from, renames);
  const model::Schema& old = moved ? *moved : from;
  changes.renames = without_followers(renames, old);
  std::apply(
      [&](const auto&... kind_before) {
        std::apply(
            [&](const auto&... kind_after) {
              (compare_kind(kind_before, kind_after,
                            of<typename std::remove_cvref_t<decltype(kind_after)>::value_type>(changes)),
               ...);
            },
            to);
      },
      old);
  compare_distribution(old, to, of<model::Table>(changes));
  const auto& tables = of<model::Table>(changes).dropped;
  forget_children_of_dropped(tables, of<model::Column>(changes));
  forget_children_of_dropped(tables, of<model::PrimaryKey>(changes));
  forget_children_of_dropped(tables, of<model::Unique>(changes));
  forget_children_of_dropped(tables, of<model::Check>(changes));
  forget_children_of_dropped(tables, of<model::Index>(changes));
  forget_children_of_dropped(tables, of<model::Exclusion>(changes));
  forget_children_of_dropped(tables, of<model::Trigger>(changes));
  forget_children_of_dropped(tables, of<model::Rule>(changes));
  forget_children_of_dropped(tables, of<model::Comment>(changes));
  forget_children_of_dropped(tables, of<model::Grant>(changes));
  forget_inherited_checks(to, of<model::Check>(changes));
  pair_by_content(of<model::PrimaryKey>(changes));
  pair_by_content(of<model::Unique>(changes));
  pair_by_content(of<model::Check>(changes));
  pair_by_content(of<model::Index>(changes));
  pair_by_content(of<model::ForeignKey>(changes));
  pair_by_content(of<model::View>(changes));
  pair_by_content(of<model::View>(changes), same_name_of);  // moved to another schema
  pair_by_content(of<model::Policy>(changes));
  return changes;
}

}  // namespace sluice::diff
