#include "plan/beyond.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.hpp"
#include "model/beyond.hpp"
#include "model/names.hpp"
#include "plan/beyond_render.hpp"
#include "plan/casts.hpp"
#include "plan/columns.hpp"
#include "plan/inheritance.hpp"
#include "plan/rebuild.hpp"
#include "plan/render.hpp"
#include "plan/retype.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;
using diff::of;

namespace {

// Each after those that it names; what stands in a circle keeps its order.
struct Item {
  std::string name;
  Words words;
  std::function<void()> make;
};
void in_order(std::vector<Item>& items, bool reverse = false) {
  std::multimap<std::string, size_t> by_name;
  for (size_t i = 0; i < items.size(); i++) by_name.emplace(text::to_lower(items[i].name), i);
  std::vector<size_t> sorted;
  std::set<size_t> seen;
  auto visit = [&](auto& self, size_t at) -> void {
    if (!seen.insert(at).second) return;
    for (const std::string& word : items[at].words.all())
      for (auto [it, end] = by_name.equal_range(word); it != end; ++it) self(self, it->second);
    sorted.push_back(at);
  };
  for (size_t i = 0; i < items.size(); i++) visit(visit, i);
  if (reverse) std::reverse(sorted.begin(), sorted.end());
  for (size_t i : sorted) items[i].make();
}

// What PostgreSQL itself knows the function to need: all of a body that is not a text, else the head.
std::string known_text(const Function& function) {
  size_t body = function.definition.find("\nAS ");
  return body == std::string::npos ? function.definition : function.definition.substr(0, body);
}

bool any_beyond(const diff::Changes& changes) {
  bool any = false;
  std::apply(
      [&](const auto&... kinds) {
        auto each = [&](const auto& kind) {
          using Kind = typename std::remove_cvref_t<decltype(kind.created)>::value_type;
          if constexpr (beyond_drizzle<Kind>) any = any || !kind.empty();
        };
        (each(kinds), ...);
      },
      changes.by_kind);
  return any;
}

}  // namespace

bool can_replace(const Altered<Function>& change) {
  return !change.has("kind") && !change.has("arguments") && !change.has("result") && !change.has(rebuilt) &&
         std::atoi(change.after.defaults.c_str()) >= std::atoi(change.before.defaults.c_str());
}

std::set<std::string> replaced_functions(const diff::Changes& changes) {
  std::set<std::string> out, created;
  const auto& functions = of<Function>(changes);
  for (const Altered<Function>& change : functions.altered)
    if (!can_replace(change)) out.insert(bare_name(change.after));
  // Another list of arguments is another function, but not to those who call it.
  for (const Function& function : functions.created) created.insert(bare_name(function));
  for (const Function& function : functions.dropped)
    if (created.contains(bare_name(function))) out.insert(bare_name(function));
  return out;
}

std::set<Key> functions_on_relations(const Schema& schema) {
  std::set<Key> out;
  std::set<std::string> names;
  // A body that calls such a function must come after it too.
  for (bool more = true; more;) {
    more = false;
    for (const Function& function : all<Function>(schema)) {
      if (out.contains(function.key)) continue;
      Words words(known_text(function));
      bool calls = std::any_of(names.begin(), names.end(),
                               [&](const std::string& name) { return name != bare_name(function) && words.has(name); });
      if (!function.follows_relations && !calls) continue;
      out.insert(function.key);
      names.insert(bare_name(function));
      more = true;
    }
  }
  return out;
}

Beyond::Beyond(const Schema& old, const Schema& after, const diff::Changes& changes, const ViewPlan& views)
    : old_(old), after_(after), changes_(changes), views_(views) {
  idle_ = !any_beyond(changes) && !is_beyond_drizzle(old) && !is_beyond_drizzle(after);
  if (idle_) return;
  replaced_ = replaced_functions(changes);
  for (const Table& table : of<Table>(changes).dropped) dropped_.insert(table.key);
  for (const Table& table : of<Table>(changes).created) created_.insert(table.key);
  for (const View* view : views.drop) dropped_.insert(view->key);
  for (const View* view : views.create) created_.insert(view->key);
  late_ = functions_on_relations(old);
  late_.merge(functions_on_relations(after));
  std::set<Key> kept;
  for (const Function& function : all<Function>(after)) kept.insert(function.key);
  for (const Altered<Function>& change : of<Function>(changes).altered)
    if (!can_replace(change)) kept.erase(change.after.key);  // made again anyway
  for (const Function& function : all<Function>(old)) {
    if (!is_late(function) || !kept.contains(function.key)) continue;
    Words words(known_text(function));
    if (std::any_of(views.drop.begin(), views.drop.end(), [&](const View* v) { return words.has(v->key.name); }))
      moved_.insert(function.key);
  }
  find_remade();
}

bool Beyond::is_late(const Function& function) const { return late_.contains(function.key); }
bool Beyond::calls_replaced(const Column& column) const {
  return column.default_value && !column.generated && calls_replaced(column.default_value->text);
}
bool Beyond::calls_replaced(const std::optional<Generated>& generated) const {
  return generated && calls_replaced(generated->expression);
}
bool Beyond::calls_replaced(const std::string& expression) const {
  if (replaced_.empty()) return false;
  Words words(expression);
  return std::any_of(replaced_.begin(), replaced_.end(), [&](const std::string& name) { return words.has(name); });
}
bool Beyond::owner_is_new(const Key& key) const { return created_.contains(key.owner()); }

std::vector<Statement> Beyond::extensions_and_collations() {
  std::vector<Statement> out;
  for (const Extension& extension : of<Extension>(changes_).created) add(out, create(extension));
  for (const Altered<Extension>& change : of<Extension>(changes_).altered)
    add(out, "ALTER EXTENSION " + sql::identifier(change.after.key.name) + " SET SCHEMA " +
                 sql::identifier(change.after.schema) + ";");
  for (const Collation& collation : of<Collation>(changes_).created) add(out, create(collation));
  for (const Altered<Collation>& change : of<Collation>(changes_).altered) {
    add(out, "DROP COLLATION " + full_name(change.before.key) + ";");
    add(out, create(change.after));
  }
  return out;
}

std::vector<Statement> Beyond::drop_readers() {
  std::vector<Statement> out;
  auto go = [&](const auto& kind, auto&& drop) {
    for (const auto& object : kind.dropped) drop(object);
    for (const auto& change : kind.altered) drop(change.before);
  };
  go(of<EventTrigger>(changes_),
     [&](const EventTrigger& object) { add(out, "DROP EVENT TRIGGER " + sql::identifier(object.key.name) + ";"); });
  go(of<Publication>(changes_),
     [&](const Publication& object) { add(out, "DROP PUBLICATION " + sql::identifier(object.key.name) + ";"); });
  go(of<Rule>(changes_), [&](const Rule& object) {
    if (!dropped_.contains(object.key.owner()))
      add(out, "DROP RULE " + sql::identifier(object.key.name) + " ON " + table_name(object.key.owner()) + ";");
  });
  for (const Trigger& trigger : of<Trigger>(changes_).dropped)
    if (!dropped_.contains(trigger.key.owner()))
      add(out, "DROP TRIGGER " + sql::identifier(trigger.key.name) + " ON " + table_name(trigger.key.owner()) + ";");
  for (const Altered<Trigger>& change : of<Trigger>(changes_).altered)
    if (!dropped_.contains(change.before.key.owner()) && (change.has("definition") || change.has(rebuilt)))
      add(out, "DROP TRIGGER " + sql::identifier(change.before.key.name) + " ON " +
                   table_name(change.before.key.owner()) + ";");
  go(of<Statistics>(changes_), [&](const Statistics& object) {
    bool with_table = std::any_of(dropped_.begin(), dropped_.end(), [&](const Key& key) {
      return plain_identity(object.relation) == plain_identity(full_name(key));
    });
    if (!with_table) add(out, "DROP STATISTICS " + full_name(object.key) + ";");
  });
  return out;
}

std::vector<Statement> Beyond::drop_views_and_functions() {
  std::vector<Statement> out;
  std::vector<Item> items;
  // Already in the order in which they can go; in_order() is reversed.
  for (auto view = views_.drop.rbegin(); view != views_.drop.rend(); ++view)
    items.push_back({(*view)->key.name, Words((*view)->definition.value_or("")),
                     [&out, v = *view] { add(out, "DROP " + view_kind(*v) + " " + full_name(v->key) + ";"); }});
  auto drop = [&](const Function& function) {
    items.push_back({bare_name(function), Words(known_text(function)),
                     [&out, &function] { add(out, "DROP " + named(function) + ";"); }});
  };
  for (const Function& function : of<Function>(changes_).dropped)
    if (is_late(function)) drop(function);
  for (const Altered<Function>& change : of<Function>(changes_).altered)
    if (is_late(change.before) && !can_replace(change)) drop(change.before);
  for (const Function& function : all<Function>(old_))
    if (moved_.contains(function.key)) drop(function);
  in_order(items, true);
  return out;
}

std::vector<Statement> Beyond::drop_constraints() {
  std::vector<Statement> out;
  auto drop = [&](const Exclusion& object) {
    if (!dropped_.contains(object.key.owner()))
      add(out, alter_table(object.key.owner()) + "DROP CONSTRAINT " + sql::identifier(object.key.name) + ";");
  };
  for (const Exclusion& object : of<Exclusion>(changes_).dropped) drop(object);
  for (const Altered<Exclusion>& change : of<Exclusion>(changes_).altered) drop(change.before);
  // A sequence goes by itself, not with the column that it belongs to.
  for (const Sequence& sequence : of<Sequence>(changes_).dropped)
    if (sequence.owned_by) add(out, "ALTER SEQUENCE " + full_name(sequence.key) + " OWNED BY NONE;");
  return out;
}

bool Beyond::drops_functions() const {
  const auto& altered = of<Function>(changes_).altered;
  return !replaced_.empty() ||
         std::any_of(altered.begin(), altered.end(), [](const auto& change) { return !can_replace(change); });
}

std::vector<Statement> Beyond::drop_functions() {
  std::vector<Statement> out;
  // What stood on them is gone by now, or was never there; but for defaults.
  for (const Column& column : all<Column>(old_))
    if (calls_replaced(column) && !dropped_.contains(column.key.owner()))
      add(out, alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " DROP DEFAULT;");
  for (const Function& function : of<Function>(changes_).dropped)
    if (!is_late(function) && replaced_.contains(bare_name(function))) add(out, "DROP " + named(function) + ";");
  for (const Altered<Function>& change : of<Function>(changes_).altered)
    if (!is_late(change.before) && !can_replace(change)) add(out, "DROP " + named(change.before) + ";");
  return out;
}

std::vector<Statement> Beyond::types_and_functions() {
  std::vector<Statement> out;
  std::vector<Item> items;
  for (const Altered<Domain>& change : of<Domain>(changes_).altered) {
    if (is_made_again(change)) {
      add(out, "ALTER DOMAIN " + full_name(change.before.key) + " RENAME TO " +
                   sql::identifier(aside(change.before.key).name) + ";");
      items.push_back({change.after.key.name, Words(text_of(change.after)),
                       [&out, &change] { add(out, create(change.after, true)); }});
    } else {
      items.push_back(
          {change.after.key.name, Words(text_of(change.after)), [&out, &change] { add(out, alter_domain(change)); }});
    }
  }
  for (const Domain& domain : of<Domain>(changes_).created)
    items.push_back({domain.key.name, Words(text_of(domain)), [&out, &domain] { add(out, create(domain)); }});
  for (const CompositeType& type : of<CompositeType>(changes_).created)
    items.push_back({type.key.name, Words(text_of(type)), [&out, &type] { add(out, create(type)); }});
  for (const Altered<CompositeType>& change : of<CompositeType>(changes_).altered) {
    if (is_made_again(change)) {
      // The values go over as texts: attribute by attribute.
      Altered<CompositeType> attributes = change;
      for (auto& [name, type] : attributes.after.attributes)
        for (const auto& [other, was] : change.before.attributes)
          if (other == name) type = was;
      add(out, alter_composite(attributes));
      add(out, "ALTER TYPE " + full_name(change.before.key) + " RENAME TO " +
                   sql::identifier(aside(change.before.key).name) + ";");
      // In the order of the old one, which is that of the texts.
      items.push_back({change.after.key.name, Words(text_of(change.after)), [&out, &change] {
                         CompositeType made = change.after;
                         made.attributes = attributes_then(change);
                         add(out, create(made));
                       }});
    } else {
      items.push_back({change.after.key.name, Words(text_of(change.after)),
                       [&out, &change] { add(out, alter_composite(change)); }});
    }
  }
  for (const RangeType& type : of<RangeType>(changes_).created)
    items.push_back({type.key.name, Words(type.definition), [&out, &type] { add(out, create(type)); }});
  for (const Altered<RangeType>& change : of<RangeType>(changes_).altered) {
    add(out, "DROP TYPE " + full_name(change.before.key) + ";");
    items.push_back(
        {change.after.key.name, Words(change.after.definition), [&out, &change] { add(out, create(change.after)); }});
  }
  std::vector<const Function*> functions;
  for (const Function& function : of<Function>(changes_).created) functions.push_back(&function);
  for (const Altered<Function>& change : of<Function>(changes_).altered) functions.push_back(&change.after);
  std::set<std::string> later;
  auto note = [&](const auto& kind) {
    for (const auto& object : kind.created) later.insert(text::to_lower(object.key.name));
  };
  note(of<Table>(changes_));
  note(of<Column>(changes_));
  note(of<View>(changes_));
  note(of<Partition>(changes_));
  for (const Function* function : functions) later.insert(text::to_lower(bare_name(*function)));
  bool unchecked = false;
  for (const Function* function : functions) {
    if (is_late(*function)) continue;
    items.push_back(
        {bare_name(*function), Words(known_text(*function)), [&out, function] { add(out, create(*function)); }});
    // PostgreSQL looks into a body that is a text, and would find that its tables are not there yet.
    bool looks = function->definition.find("LANGUAGE sql") != std::string::npos ||
                 function->definition.find('%') != std::string::npos;  // plpgsql only at types: users%ROWTYPE
    Words words(looks ? text::replace_all(function->definition, "$", " $ ") : "");
    unchecked = unchecked || std::any_of(later.begin(), later.end(), [&](const std::string& name) {
                  return name != text::to_lower(bare_name(*function)) && words.has(name);
                });
  }
  if (unchecked) out.insert(out.begin(), {"SET LOCAL check_function_bodies = false;"});
  in_order(items);
  return out;
}

// The column as the first parent that declares it itself has it.
const Column* Beyond::declared(const Key& table, const std::string& name) const {
  const Table* child = find<Table>(after_, table);
  if (!child) return nullptr;
  for (const std::string& parent : child->inherits)
    for (const Table& other : all<Table>(after_)) {
      if (plain_identity(full_name(other.key)) != plain_identity(parent)) continue;
      const Column* column = find<Column>(after_, {other.key.schema, other.key.name, name});
      if (column && column->inherited.value_or(false)) column = declared(other.key, name);
      if (column) return column;
    }
  return nullptr;
}

// Where a new table has another default than the one that it inherits, or NOT NULL.
std::vector<Statement> Beyond::overridden(const Column& column) const {
  std::vector<Statement> out;
  const Column* origin = declared(column.key.owner(), column.key.name);
  if (!origin || column.generated) return out;
  std::string alter =
      "ALTER TABLE ONLY " + table_name(column.key.owner()) + " ALTER COLUMN " + sql::identifier(column.key.name);
  if (column.default_value != origin->default_value)
    add(out, alter + (column.default_value ? " SET DEFAULT " + default_text(column) : " DROP DEFAULT") + ";");
  // NOT NULL is for those that inherit from it, too.
  const Table* table = find<Table>(after_, column.key.owner());
  auto says_so = [&](const std::string& parent) {
    const auto& columns = all<Column>(after_);
    return std::any_of(columns.begin(), columns.end(), [&](const Column& other) {
      return other.key.name == column.key.name && other.not_null &&
             plain_identity(full_name(other.key.owner())) == plain_identity(parent);
    });
  };
  if (column.not_null && std::none_of(table->inherits.begin(), table->inherits.end(), says_so))
    add(out, alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " SET NOT NULL;");
  return out;
}

std::vector<Statement> Beyond::tables_created(const std::set<Key>& created) {
  std::vector<Statement> out;
  if (!replaced_.empty()) {
    std::set<Key> before;
    for (const Column& column : all<Column>(old_)) before.insert(column.key);
    for (const Column& column : all<Column>(after_))
      if (calls_replaced(column) && before.contains(column.key))
        add(out, alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) +
                     " SET DEFAULT " + default_text(column) + ";");
  }
  const auto& partitions = of<Partition>(changes_);
  auto parent_is = [&](const Partition& partition, const std::set<Key>& tables) {
    return std::any_of(tables.begin(), tables.end(),
                       [&](const Key& key) { return plain_identity(full_name(key)) == plain_identity(partition.of); });
  };
  std::set<Key> gone = dropped_;
  for (const Partition& partition : partitions.dropped) {
    if (!parent_is(partition, gone)) add(out, "DROP TABLE " + table_name(partition.key) + ";");
    gone.insert(partition.key);
  }
  for (const Altered<Partition>& change : partitions.altered) {
    if (change.has("partitionBy") || !change.has("bound") || change.has("of")) continue;
    add(out, "ALTER TABLE " + change.before.of + " DETACH PARTITION " + table_name(change.before.key) + ";");
    add(out, "ALTER TABLE " + change.after.of + " ATTACH PARTITION " + table_name(change.after.key) + " " +
                 change.after.bound + ";");
  }
  for (const Partition& partition : partitions.created) add(out, create(partition));

  for (const Table& table : of<Table>(changes_).created) add(out, table_settings(nullptr, table));
  for (const Altered<Table>& change : of<Table>(changes_).altered) {
    add(out, table_settings(&change.before, change.after));
    add(out, join_parents(old_, after_, change));
  }
  for (const Column& column : of<Column>(changes_).created)
    add(out, follows_parent(column, old_, after_) ? overridden(column) : column_settings(nullptr, column));
  for (const Altered<Column>& change : of<Column>(changes_).altered)
    add(out, column_settings(is_replaced(change) ? nullptr : &change.before, change.after));
  auto own = [&](const Sequence& sequence) {
    add(out, "ALTER SEQUENCE " + full_name(sequence.key) + " OWNED BY " + sequence.owned_by.value_or("NONE") + ";");
  };
  for (const Sequence& sequence : of<Sequence>(changes_).created)
    if (sequence.owned_by) own(sequence);
  for (const Altered<Sequence>& change : of<Sequence>(changes_).altered) {
    if (change.has("_ownedBy")) own(change.after);
  }
  // NOT VALID is not a word of CREATE TABLE.
  for (const Check& check : all<Check>(after_))
    if (created.contains(check.key.owner()) && check.definition && check.definition->ends_with("NOT VALID"))
      add(out, alter_table(check.key.owner()) + "ADD " + constraint(check) + ";");
  return out;
}

std::vector<Statement> Beyond::add_constraints() {
  std::vector<Statement> out;
  auto make = [&](const Exclusion& object) {
    add(out, alter_table(object.key.owner()) + "ADD CONSTRAINT " + sql::identifier(object.key.name) + " " +
                 object.definition + ";");
  };
  for (const Exclusion& object : of<Exclusion>(changes_).created) make(object);
  for (const Altered<Exclusion>& change : of<Exclusion>(changes_).altered) make(change.after);
  for (const Statistics& object : of<Statistics>(changes_).created) add(out, create(object));
  for (const Altered<Statistics>& change : of<Statistics>(changes_).altered) add(out, create(change.after));
  auto identity = [&](const Table& table) {
    add(out, alter_table(table.key) + "REPLICA IDENTITY " + table.replica_identity.value_or("DEFAULT") + ";");
  };
  for (const Table& table : of<Table>(changes_).created)
    if (table.replica_identity) identity(table);
  for (const Altered<Table>& change : of<Table>(changes_).altered)
    if (change.has("_replicaIdentity")) identity(change.after);
  return out;
}

std::vector<Statement> Beyond::create_views_and_functions() {
  std::vector<Statement> out;
  std::vector<Item> items;
  for (const View* view : views_.create)
    items.push_back({view->key.name, Words(view->definition.value_or("")), [&out, view] { add(out, create(*view)); }});
  auto make = [&](const Function& function) {
    if (is_late(function))
      items.push_back(
          {bare_name(function), Words(known_text(function)), [&out, &function] { add(out, create(function)); }});
  };
  for (const Function& function : of<Function>(changes_).created) make(function);
  for (const Altered<Function>& change : of<Function>(changes_).altered)
    if (!moved_.contains(change.after.key)) make(change.after);
  for (const Function& function : all<Function>(after_))
    if (moved_.contains(function.key)) make(function);
  in_order(items);
  // What stands on a view goes and comes with it.
  std::set<Key> again;
  for (const View* view : views_.create) again.insert(view->key);
  std::set<Key> settled;
  for (const Index& index : of<Index>(changes_).created) settled.insert(index.key);
  for (const Altered<Index>& change : of<Index>(changes_).altered) settled.insert(change.after.key);
  auto of_view = [&](const Index& index) { return index.definition && !find<Table>(after_, index.key.owner()); };
  for (const Index& index : all<Index>(after_))
    if (of_view(index) && (again.contains(index.key.owner()) || settled.contains(index.key)))
      add(out, *index.definition + ";");
  return out;
}

std::vector<Statement> Beyond::triggers_and_rules() {
  std::vector<Statement> out;
  std::set<Key> views;
  for (const View* view : views_.create) views.insert(view->key);
  std::set<Key> triggers, rules;
  for (const Trigger& trigger : of<Trigger>(changes_).created) triggers.insert(trigger.key);
  for (const Altered<Trigger>& change : of<Trigger>(changes_).altered) {
    if (change.has("definition") || change.has(rebuilt))
      triggers.insert(change.after.key);
    else if (!views.contains(change.after.key.owner()))
      add(out, alter_table(change.after.key.owner()) + change.after.enabled + " TRIGGER " +
                   sql::identifier(change.after.key.name) + ";");
  }
  for (const Rule& rule : of<Rule>(changes_).created) rules.insert(rule.key);
  for (const Altered<Rule>& change : of<Rule>(changes_).altered) rules.insert(change.after.key);
  for (const Rule& rule : all<Rule>(after_))
    if (rules.contains(rule.key) || views.contains(rule.key.owner())) add(out, create(rule));
  for (const Trigger& trigger : all<Trigger>(after_))
    if (triggers.contains(trigger.key) || views.contains(trigger.key.owner())) add(out, create(trigger));
  return out;
}

std::vector<Statement> Beyond::drop_types_and_functions() {
  std::vector<Statement> out;
  std::vector<Item> items;
  for (const Function& function : of<Function>(changes_).dropped)
    if (!is_late(function) && !replaced_.contains(bare_name(function)))
      items.push_back({bare_name(function), Words(known_text(function)),
                       [&out, &function] { add(out, "DROP " + named(function) + ";"); }});
  for (const Altered<Domain>& change : of<Domain>(changes_).altered)
    if (is_made_again(change))
      items.push_back({change.before.key.name, Words(text_of(change.before)),
                       [&out, &change] { add(out, "DROP DOMAIN " + full_name(aside(change.before.key)) + ";"); }});
  for (const Altered<CompositeType>& change : of<CompositeType>(changes_).altered)
    if (is_made_again(change))
      items.push_back({change.before.key.name, Words(text_of(change.before)),
                       [&out, &change] { add(out, "DROP TYPE " + full_name(aside(change.before.key)) + ";"); }});
  for (const Domain& domain : of<Domain>(changes_).dropped)
    items.push_back({domain.key.name, Words(text_of(domain)),
                     [&out, &domain] { add(out, "DROP DOMAIN " + full_name(domain.key) + ";"); }});
  for (const CompositeType& type : of<CompositeType>(changes_).dropped)
    items.push_back(
        {type.key.name, Words(text_of(type)), [&out, &type] { add(out, "DROP TYPE " + full_name(type.key) + ";"); }});
  for (const RangeType& type : of<RangeType>(changes_).dropped)
    items.push_back(
        {type.key.name, Words(type.definition), [&out, &type] { add(out, "DROP TYPE " + full_name(type.key) + ";"); }});
  in_order(items, true);
  return out;
}

std::vector<Statement> Beyond::drop_extensions_and_collations() {
  std::vector<Statement> out;
  for (const Collation& collation : of<Collation>(changes_).dropped)
    add(out, "DROP COLLATION " + full_name(collation.key) + ";");
  const auto& dropped = of<Extension>(changes_).dropped;
  for (auto extension = dropped.rbegin(); extension != dropped.rend(); ++extension)
    add(out, "DROP EXTENSION " + sql::identifier(extension->key.name) + ";");
  return out;
}

}  // namespace sluice::plan
