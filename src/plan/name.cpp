#include "plan/name.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "base/text.hpp"

namespace sluice::plan {

using namespace model;
using diff::of;

namespace {

// "startTime" → "start_time"; anything that is no letter or digit becomes an underscore.
std::string words(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    auto c = static_cast<unsigned char>(name[i]);
    if (std::isupper(c)) {
      if (i > 0 && std::islower(static_cast<unsigned char>(name[i - 1]))) out += '_';
      out += static_cast<char>(std::tolower(c));
    } else {
      out += std::isalnum(c) ? static_cast<char>(c) : '_';
    }
  }
  return out;
}

// "a", "a_and_b", "a_b_and_c", "a_and_3_more".
std::string listed(const std::vector<std::string>& items) {
  if (items.size() == 1) return items[0];
  if (items.size() == 2) return items[0] + "_and_" + items[1];
  if (items.size() == 3) return items[0] + "_" + items[1] + "_and_" + items[2];
  return items[0] + "_and_" + std::to_string(items.size() - 1) + "_more";
}

class Namer {
 public:
  Namer(const diff::Changes& changes, const PropertyNames& properties) : changes_(changes), properties_(properties) {
    for (const Table& table : of<Table>(changes).created) new_tables_.insert(table.key);
    for (const Column& column : of<Column>(changes).created) new_columns_.insert(column.key);
    for (const Column& column : of<Column>(changes).dropped) new_columns_.insert(column.key);
  }

  std::vector<std::string> phrases() {
    tables();
    columns();
    for (const diff::Rename& rename : changes_.renames) {
      std::string in = rename.kind == diff::RenameKind::column ? "_in_" + words(rename.to.table) : "";
      phrases_.push_back(rename.from.name == rename.to.name
                             ? "move_" + words(rename.from.name) + "_to_" + words(rename.to.schema)
                             : "rename_" + words(rename.from.name) + "_to_" + words(rename.to.name) + in);
    }
    enums();
    constraints<Index>("", "drop_", [](const Index& index) {
      std::vector<std::string> names;
      for (const IndexColumn& column : index.columns) names.push_back(column.expression);
      return names;
    });
    constraints<Unique>("add_", "drop_", [](const Unique& unique) { return unique.columns; });
    constraints<ForeignKey>("add_", "drop_", [](const ForeignKey& key) { return key.columns_from; });
    constraints<PrimaryKey>("add_", "drop_", [](const PrimaryKey& key) { return key.columns; });
    constraints<Check>("add_", "drop_", [](const Check&) { return std::vector<std::string>(); });
    // What usually comes along with something else names the migration only when it is alone.
    if (phrases_.empty()) others();
    return std::move(phrases_);
  }

 private:
  void tables() {
    std::vector<std::string> created, dropped, attached, detached;
    auto has = [](const std::vector<Partition>& partitions, const Key& key) {
      return std::any_of(partitions.begin(), partitions.end(), [&](const auto& other) { return other.key == key; });
    };
    for (const Table& table : of<Table>(changes_).created)
      (has(of<Partition>(changes_).dropped, table.key) ? detached : created).push_back(words(table.key.name));
    for (const Table& table : of<Table>(changes_).dropped)
      (has(of<Partition>(changes_).created, table.key) ? attached : dropped).push_back(words(table.key.name));
    if (!attached.empty()) phrases_.push_back("attach_" + listed(attached));
    if (!detached.empty()) phrases_.push_back("detach_" + listed(detached));
    if (!created.empty()) phrases_.push_back("create_" + listed(created));
    if (!dropped.empty()) phrases_.push_back("drop_" + listed(dropped));
  }

  std::string property(const Key& column) const {
    auto found = properties_.find(column);
    return words(found == properties_.end() ? column.name : found->second);
  }

  void columns() {
    const auto& columns = of<Column>(changes_);
    by_table("add_", "_to_", columns.created);
    by_table("drop_", "_from_", columns.dropped);
    for (const auto& change : columns.altered) {
      std::string name = property(change.after.key), table = words(change.after.key.table);
      bool only_null = change.fields.size() == 1 && change.has("notNull");
      if (only_null)
        phrases_.push_back("make_" + name + (change.after.not_null ? "_required_in_" : "_nullable_in_") + table);
      else
        phrases_.push_back("change_" + name + "_in_" + table);
    }
  }

  void by_table(const std::string& verb, const std::string& preposition, const std::vector<Column>& columns) {
    std::vector<Key> tables;
    for (const Column& column : columns)
      if (!new_tables_.contains(column.key.owner()) &&
          std::find(tables.begin(), tables.end(), column.key.owner()) == tables.end())
        tables.push_back(column.key.owner());
    for (const Key& table : tables) {
      std::vector<std::string> names;
      for (const Column& column : columns)
        if (column.key.owner() == table) names.push_back(property(column.key));
      phrases_.push_back(verb + listed(names) + preposition + words(table.name));
    }
  }

  void enums() {
    for (const auto& change : of<Enum>(changes_).altered) {
      std::vector<std::string> added;
      for (const std::string& value : change.after.values)
        if (std::find(change.before.values.begin(), change.before.values.end(), value) == change.before.values.end())
          added.push_back(words(value));
      phrases_.push_back(added.empty() ? "change_" + words(change.after.key.name)
                                       : "add_" + listed(added) + "_to_" + words(change.after.key.name));
    }
  }

  template <class Kind, class F>
  void constraints(const std::string& add, const std::string& drop, F columns_of) {
    auto comes_along = [&](const Kind& object) {
      if (new_tables_.contains(object.key.owner())) return true;
      for (const std::string& column : columns_of(object))
        if (new_columns_.contains({object.key.schema, object.key.table, column})) return true;
      return false;
    };
    std::set<std::string> changed;
    for (const auto& change : of<Kind>(changes_).altered) {
      changed.insert(change.after.key.name);
      phrases_.push_back("change_" + words(change.after.key.name));
    }
    for (const Kind& object : of<Kind>(changes_).created)
      if (!comes_along(object)) phrases_.push_back(add + words(object.key.name));
    for (const Kind& object : of<Kind>(changes_).dropped)
      if (!comes_along(object)) phrases_.push_back(drop + words(object.key.name));
  }

  template <class Kind>
  void simple() {
    // The types of a function's arguments are no part of what people call it.
    auto name_of = [](const Key& key) { return words(key.name.substr(0, key.name.find('('))); };
    for (const Kind& object : of<Kind>(changes_).created) phrases_.push_back("create_" + name_of(object.key));
    for (const Kind& object : of<Kind>(changes_).dropped) phrases_.push_back("drop_" + name_of(object.key));
    for (const auto& change : of<Kind>(changes_).altered) phrases_.push_back("change_" + name_of(change.after.key));
    for (const auto& change : of<Kind>(changes_).renamed)
      phrases_.push_back("rename_to_" + words(change.after.key.name));
  }

  // Policies that give way to others of the same tables.
  bool replaced_policies() {
    const auto& policies = of<Policy>(changes_);
    std::set<Key> created, dropped;
    for (const Policy& policy : policies.created) created.insert(policy.key.owner());
    for (const Policy& policy : policies.dropped) dropped.insert(policy.key.owner());
    if (created.empty() || created != dropped) return false;
    std::vector<std::string> tables;
    for (const Key& table : created) tables.push_back(words(table.name));
    phrases_.push_back("change_policies_of_" + listed(tables));
    return true;
  }

  void others() {
    simple<View>();
    simple<Function>();
    simple<Trigger>();
    simple<Extension>();
    simple<Domain>();
    simple<CompositeType>();
    simple<RangeType>();
    simple<Exclusion>();
    simple<Partition>();
    simple<Rule>();
    simple<Statistics>();
    simple<Collation>();
    simple<EventTrigger>();
    simple<Publication>();
    if (phrases_.empty() && !of<Comment>(changes_).empty()) phrases_.emplace_back("change_comments");
    if (!of<Grant>(changes_).empty()) phrases_.emplace_back("change_grants");
    if (!replaced_policies()) simple<Policy>();
    simple<Enum>();
    simple<Sequence>();
    simple<Role>();
    simple<Namespace>();
    for (const auto& change : of<Table>(changes_).altered)
      if (!change.has("isRLSEnabled"))
        phrases_.push_back("change_" + words(change.after.key.name));
      else
        phrases_.push_back((change.after.row_security ? "enable_rls_on_" : "disable_rls_on_") +
                           words(change.after.key.name));
    auto renamed = [&](const auto& kind) {
      for (const auto& change : kind.renamed) phrases_.push_back("rename_" + words(change.before.key.name));
    };
    renamed(of<Index>(changes_));
    renamed(of<Unique>(changes_));
    renamed(of<ForeignKey>(changes_));
    renamed(of<PrimaryKey>(changes_));
    renamed(of<Check>(changes_));
  }

  const diff::Changes& changes_;
  const PropertyNames& properties_;
  std::set<Key> new_tables_, new_columns_;
  std::vector<std::string> phrases_;
};

}  // namespace

std::string suggest_name(const diff::Changes& changes, const PropertyNames& properties, bool first) {
  std::vector<std::string> phrases = Namer(changes, properties).phrases();
  if (phrases.empty()) return "changes";
  if (first && of<Table>(changes).created.size() != 1) return "init";
  std::string name = listed(phrases);
  constexpr size_t longest = 60;
  if (name.size() > longest && phrases.size() > 1)
    name = phrases[0] + "_and_" + std::to_string(phrases.size() - 1) + "_more";
  if (name.size() > longest) name = name.substr(0, name.rfind('_', longest));
  return name;
}

}  // namespace sluice::plan
