#include "diff/merge.hpp"

#include <array>
#include <set>
#include <type_traits>
#include <unordered_set>

#include "base/text.hpp"
#include "model/beyond.hpp"

namespace sluice::diff {

namespace {

using namespace model;

template <class Kind>
inline constexpr bool has_owner =
    !std::is_same_v<Kind, Namespace> && !std::is_same_v<Kind, Enum> && !std::is_same_v<Kind, Sequence> &&
    !std::is_same_v<Kind, Role> && !std::is_same_v<Kind, Table> && !std::is_same_v<Kind, View> &&
    (!beyond_drizzle<Kind> || std::is_same_v<Kind, Exclusion> || std::is_same_v<Kind, Trigger>);

template <class Kind>
std::string named(const Kind& object) {
  return std::string(kind_name<Kind>) + " " + display(object.key);
}

template <class Kind>
std::vector<const void*> fields_of(const Kind& object) {
  std::vector<const void*> out;
  Kind::fields(object, [&](const char*, const auto& field) { out.push_back(&field); });
  return out;
}

template <class Field>
bool same(std::string_view name, const Field& a, const Field& b) {
  if constexpr (std::is_same_v<Field, std::string>)
    if (name == "type") return same_type(a, b);
  return a == b;
}

template <class Kind>
bool same_object(const Kind& a, const Kind& b) {
  std::vector<const void*> fields = fields_of(a);
  size_t at = 0;
  bool equal = true;
  Kind::fields(b, [&](const char* name, const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    equal = same(name, *static_cast<const Field*>(fields[at++]), field) && equal;
  });
  return equal;
}

// What ours put into a list of values goes into theirs, behind the value that stands before it. False if ours did more
// than to add.
bool merge_values(const std::vector<std::string>& base, const std::vector<std::string>& ours,
                  std::vector<std::string>& theirs) {
  size_t kept = 0;
  for (const std::string& value : ours)
    if (kept < base.size() && value == base[kept]) kept++;
  if (kept != base.size()) return false;
  std::vector<std::string> result = theirs;
  std::string before;
  for (size_t i = 0; i < ours.size(); i++) {
    bool added = std::find(base.begin(), base.end(), ours[i]) == base.end();
    if (added && std::find(result.begin(), result.end(), ours[i]) == result.end()) {
      bool last = std::none_of(ours.begin() + static_cast<std::ptrdiff_t>(i), ours.end(), [&](const std::string& v) {
        return std::find(base.begin(), base.end(), v) != base.end();
      });
      auto place = last ? result.end() : std::find(result.begin(), result.end(), before);
      if (!last && i > 0 && place == result.end()) return false;
      if (!last) place = i == 0 ? result.begin() : place + 1;
      result.insert(place, ours[i]);
    }
    before = ours[i];
  }
  theirs = std::move(result);
  return true;
}

class Merger {
 public:
  Merger(const Schema& base, const Schema& ours, const Schema& theirs) : base_(base), ours_(ours), theirs_(theirs) {}

  Merged run() && {
    std::apply([&](const auto&... kinds) { (merge_kind(kinds), ...); }, theirs_);
    return std::move(out_);
  }

 private:
  template <class Kind>
  void merge_kind(const std::vector<Kind>& theirs) {
    auto by_key = [](const std::vector<Kind>& objects) {
      std::map<Key, const Kind*> out;
      for (const Kind& object : objects) out.emplace(object.key, &object);
      return out;
    };
    std::map<Key, const Kind*> base = by_key(all<Kind>(base_)), ours = by_key(all<Kind>(ours_));
    std::set<Key> seen;
    std::vector<Kind>& result = all<Kind>(out_.schema);
    for (const Kind& object : theirs) {
      seen.insert(object.key);
      auto was = base.find(object.key), is = ours.find(object.key);
      const Kind* before = was == base.end() ? nullptr : was->second;
      const Kind* after = is == ours.end() ? nullptr : is->second;
      if (!before && after && !same_object(*after, object))
        conflict("both sides add the " + named(object) + ", each in another way");
      if (before && !after && !same_object(*before, object))
        conflict("ours drops the " + named(object) + ", theirs changes it");
      if (before && !after) continue;
      result.push_back(object);
      if (before && after) merge_fields(*before, *after, result.back());
    }
    for (const Kind& object : all<Kind>(ours_)) {
      if (seen.contains(object.key)) continue;
      auto was = base.find(object.key);
      if (was == base.end())
        result.push_back(object);
      else if (!same_object(*was->second, object) && !owner_gone(object))
        conflict("ours changes the " + named(object) + ", theirs drops it");
    }
    if constexpr (has_owner<Kind>) forget_orphans(base, result);
  }

  template <class Kind>
  void merge_fields(const Kind& before, const Kind& after, Kind& result) {
    std::vector<const void*> old = fields_of(before), fresh = fields_of(after);
    size_t at = 0;
    Kind::fields(result, [&](const char* name, auto& field) {
      using Field = std::remove_cvref_t<decltype(field)>;
      const Field &was = *static_cast<const Field*>(old[at]), &is = *static_cast<const Field*>(fresh[at]);
      at++;
      if (same(name, was, is) || same(name, is, field)) return;
      if (same(name, was, field)) {
        field = is;
        return;
      }
      if constexpr (std::is_same_v<Kind, Enum> && std::is_same_v<Field, std::vector<std::string>>)
        if (merge_values(was, is, field)) return;
      conflict("both sides change \"" + std::string(name) + "\" of the " + named(result) + ", each in another way");
    });
  }

  template <class Kind>
  bool owner_gone(const Kind& object) const {
    if constexpr (has_owner<Kind>)
      return !object.key.table.empty() && !find<Table>(out_.schema, object.key.owner());
    else
      return false;
  }

  // What belongs to a table that one side drops goes with it, if the other side did not touch it.
  template <class Kind>
  void forget_orphans(const std::map<Key, const Kind*>& base, std::vector<Kind>& result) {
    std::erase_if(result, [&](const Kind& object) {
      if (!owner_gone(object)) return false;
      // A policy may stand on a table that the schema does not declare, a view's columns are its own.
      bool table_known = find<Table>(base_, object.key.owner()) || find<Table>(ours_, object.key.owner());
      if (!table_known) return false;
      auto was = base.find(object.key);
      if (was == base.end() || !same_object(*was->second, object))
        conflict("one side drops the table " + display(object.key.owner()) + ", the other needs it for the " +
                 named(object));
      return true;
    });
  }

  void conflict(const std::string& sentence) { out_.conflicts.push_back(sentence); }

  const Schema &base_, &ours_, &theirs_;
  Merged out_;
};

// Objects that name a column or table which is not there.
class References {
 public:
  explicit References(const Schema& schema) : schema_(schema) {
    for (const Column& column : all<Column>(schema)) columns_.insert(column.key);
    for (const Table& table : all<Table>(schema)) tables_.insert(table.key);
  }

  std::set<std::string> broken() {
    for (const PrimaryKey& key : all<PrimaryKey>(schema_)) need(key, key.key.owner(), key.columns);
    for (const Unique& unique : all<Unique>(schema_)) need(unique, unique.key.owner(), unique.columns);
    for (const ForeignKey& key : all<ForeignKey>(schema_)) {
      need(key, key.key.owner(), key.columns_from);
      if (tables_.contains(key.target())) need(key, key.target(), key.columns_to);
    }
    for (const Index& index : all<Index>(schema_))
      for (const IndexColumn& column : index.columns)
        if (!column.is_expression) need(index, index.key.owner(), {column.expression});
    for (const Column& column : all<Column>(schema_)) {
      if (!column.type_schema) continue;
      Key type{*column.type_schema, "", column.type.substr(0, column.type.find('['))};
      if (!find<Enum>(schema_, type))
        out_.insert("the " + named(column) + " needs the type " + display(type) + ", which is not there any more");
    }
    return std::move(out_);
  }

 private:
  template <class Kind>
  void need(const Kind& object, const Key& table, const std::vector<std::string>& names) {
    for (const std::string& name : names)
      if (!columns_.contains({table.schema, table.name, name}))
        out_.insert("the " + named(object) + " needs the column " + display({table.schema, table.name, name}) +
                    ", which is not there any more");
  }

  const Schema& schema_;
  std::set<Key> columns_, tables_;
  std::set<std::string> out_;
};

}  // namespace

Merged merge(const Schema& base, const Schema& ours, const Schema& theirs, const Renames& renames) {
  Schema before = renamed(base, renames), other = renamed(theirs, renames);
  Merged merged = Merger(before, ours, other).run();
  std::set<std::string> known = References(ours).broken(), known_theirs = References(other).broken();
  for (const std::string& sentence : References(merged.schema).broken())
    if (!known.contains(sentence) && !known_theirs.contains(sentence)) merged.conflicts.push_back(sentence);
  return merged;
}

}  // namespace sluice::diff
