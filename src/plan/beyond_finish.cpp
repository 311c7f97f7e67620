// The end of a plan: comments and privileges, also those of what was made again on the way.
#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/beyond.hpp"
#include "plan/beyond_render.hpp"
#include "plan/columns.hpp"
#include "plan/render.hpp"
#include "plan/retype.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;
using diff::of;

namespace {

// `goes`: true for a privilege on a column that is dropped: it goes with the column.
std::vector<Statement> alter_grant(const Altered<Grant>& change,
                                   const std::function<bool(const std::string& privilege)>& goes) {
  std::vector<Statement> out;
  auto lacks = [](const std::vector<std::string>& list, const std::string& one) {
    return std::find(list.begin(), list.end(), one) == list.end();
  };
  std::string from = " ON " + change.after.object + " FROM " + change.after.grantee + ";";
  if (change.after.privileges.empty()) return create(change.after);
  std::vector<std::string> gone, options;
  for (const std::string& privilege : change.before.privileges)
    if (lacks(change.after.privileges, privilege) && !goes(privilege)) gone.push_back(privilege);
  for (const std::string& privilege : change.before.grantable)
    if (lacks(change.after.grantable, privilege) && lacks(gone, privilege) && !goes(privilege))
      options.push_back(privilege);
  if (!gone.empty()) add(out, "REVOKE " + privilege_list(gone) + from);
  if (!options.empty()) add(out, "REVOKE GRANT OPTION FOR " + privilege_list(options) + from);
  Grant more = change.after;
  std::erase_if(more.grantable, [&](const auto& each) { return !lacks(change.before.grantable, each); });
  std::erase_if(more.privileges, [&](const auto& each) {
    return !lacks(change.before.privileges, each) && lacks(more.grantable, each);
  });
  if (!more.privileges.empty()) add(out, create(more));
  return out;
}

}  // namespace

// The identities of what is dropped and made again on the way: its comments and privileges go with it.
void Beyond::find_remade() {
  for (const View* view : views_.create) {
    remade_.insert(plain_identity("VIEW " + full_name(view->key)));
    remade_.insert(plain_identity("MATERIALIZED VIEW " + full_name(view->key)));
  }
  for (const Altered<Function>& change : of<Function>(changes_).altered)
    if (!can_replace(change))
      remade_.insert(plain_identity(change.after.kind + " " + change.after.key.schema + "." + change.after.key.name));
  for (const Function& function : all<Function>(after_))
    if (moved_.contains(function.key))
      remade_.insert(plain_identity(function.kind + " " + function.key.schema + "." + function.key.name));
  for (const Altered<Domain>& change : of<Domain>(changes_).altered)
    if (is_made_again(change)) remade_.insert(plain_identity("TYPE " + full_name(change.after.key)));
  for (const Altered<CompositeType>& change : of<CompositeType>(changes_).altered)
    if (is_made_again(change)) remade_.insert(plain_identity("TYPE " + full_name(change.after.key)));
  for (const Altered<RangeType>& change : of<RangeType>(changes_).altered)
    remade_.insert(plain_identity("TYPE " + full_name(change.after.key)));
  for (const Altered<Column>& change : of<Column>(changes_).altered)
    if (is_replaced(change))
      remade_.insert(plain_identity("COLUMN " + full_name(change.after.key.owner()) + "." + change.after.key.name));
  auto on_table = [&](const std::string& kind, const auto& changes) {
    for (const auto& change : changes.altered)
      remade_.insert(plain_identity(kind + " " + change.after.key.name + " ON " + full_name(change.after.key.owner())));
  };
  on_table("CONSTRAINT", of<PrimaryKey>(changes_));
  on_table("CONSTRAINT", of<Unique>(changes_));
  on_table("CONSTRAINT", of<Check>(changes_));
  on_table("CONSTRAINT", of<ForeignKey>(changes_));
  on_table("CONSTRAINT", of<Exclusion>(changes_));
  on_table("TRIGGER", of<Trigger>(changes_));
  on_table("RULE", of<Rule>(changes_));
  on_table("POLICY", of<Policy>(changes_));
  for (const auto& change : of<Publication>(changes_).altered)
    remade_.insert(plain_identity("PUBLICATION " + change.after.key.name));
  for (const auto& change : of<EventTrigger>(changes_).altered)
    remade_.insert(plain_identity("EVENT TRIGGER " + change.after.key.name));
  for (const Altered<Index>& change : of<Index>(changes_).altered)
    remade_.insert(plain_identity("INDEX " + full_name({change.after.key.schema, "", change.after.key.name})));
}

// True if the object is there before and after, so that something can be taken from it.
bool Beyond::stays(const std::string& identity, const Key& key) const {
  auto has_relation = [&](const Schema& schema, const Key& owner) {
    return find<Table>(schema, owner) || find<View>(schema, owner) || find<Partition>(schema, owner) ||
           find<Sequence>(schema, owner) || find<CompositeType>(schema, owner);
  };
  std::string wanted = plain_identity(identity);
  if (remade_.contains(wanted)) return false;
  if (!key.table.empty()) {
    if (created_.contains(key.owner()) || !has_relation(after_, key.owner())) return false;
    std::string relation = plain_identity(full_name(key.owner()));
    if (wanted == "table" + relation || wanted.ends_with("view" + relation) || wanted == "sequence" + relation ||
        wanted == "type" + relation)
      return true;
  }
  bool found = false;
  auto look = [&](const std::string& name) { found = found || plain_identity(name) == wanted; };
  auto on_table = [&](const std::string& kind, const auto& objects) {
    for (const auto& object : objects) look(kind + " " + object.key.name + " ON " + full_name(object.key.owner()));
  };
  for (const Column& column : all<Column>(after_))
    look("COLUMN " + full_name(column.key.owner()) + "." + column.key.name);
  for (const View& view : all<View>(after_))
    for (const Column& column : view.columns) look("COLUMN " + full_name(view.key) + "." + column.key.name);
  on_table("CONSTRAINT", all<PrimaryKey>(after_));
  on_table("CONSTRAINT", all<Unique>(after_));
  on_table("CONSTRAINT", all<Check>(after_));
  on_table("CONSTRAINT", all<ForeignKey>(after_));
  on_table("CONSTRAINT", all<Exclusion>(after_));
  on_table("TRIGGER", all<Trigger>(after_));
  on_table("RULE", all<Rule>(after_));
  on_table("POLICY", all<Policy>(after_));
  for (const Index& index : all<Index>(after_)) look("INDEX " + full_name({index.key.schema, "", index.key.name}));
  for (const Function& function : all<Function>(after_))
    look(function.kind + " " + function.key.schema + "." + function.key.name);
  for (const Enum& object : all<Enum>(after_)) look("TYPE " + full_name(object.key));
  for (const Domain& object : all<Domain>(after_)) look("TYPE " + full_name(object.key));
  for (const RangeType& object : all<RangeType>(after_)) look("TYPE " + full_name(object.key));
  for (const Namespace& object : all<Namespace>(after_)) look("SCHEMA " + object.key.name);
  look("SCHEMA public");
  for (const Statistics& object : all<Statistics>(after_)) look("STATISTICS " + full_name(object.key));
  for (const Collation& object : all<Collation>(after_)) look("COLLATION " + full_name(object.key));
  for (const Publication& object : all<Publication>(after_)) look("PUBLICATION " + object.key.name);
  for (const EventTrigger& object : all<EventTrigger>(after_)) look("EVENT TRIGGER " + object.key.name);
  for (const Extension& object : all<Extension>(after_)) look("EXTENSION " + object.key.name);
  return found;
}

std::vector<Statement> Beyond::finish(std::vector<std::string>& notes) {
  std::vector<Statement> out;
  auto again = [&](const Key& key, const std::string& identity) {
    return remade_.contains(plain_identity(identity)) || (!key.table.empty() && owner_is_new(key));
  };
  // Citus copies a table that it distributes in another way, and the views on it: without their comments.
  std::set<Key> copied;
  for (const Altered<Table>& change : of<Table>(changes_).altered)
    if (change.has("_distributed") && !change.before.distributed.empty()) copied.insert(change.after.key);
  const std::vector<Key> tables(copied.begin(), copied.end());
  for (const View& view : all<View>(after_)) {
    const Words words(view.definition.value_or(""));
    if (std::any_of(tables.begin(), tables.end(), [&](const Key& table) { return words.has(table.name); }))
      copied.insert(view.key);
  }
  std::set<Key> said;
  for (const Comment& comment : of<Comment>(changes_).dropped)
    if (stays(comment.key.name, comment.key)) add(out, "COMMENT ON " + comment.key.name + " IS NULL;");
  for (const Comment& comment : of<Comment>(changes_).created) said.insert(comment.key);
  for (const Altered<Comment>& change : of<Comment>(changes_).altered) said.insert(change.after.key);
  // Order matters: event triggers come last, so that they do not fire for what is made here; then what is said of them.
  std::vector<Statement> last;
  for (const Comment& comment : all<Comment>(after_)) {
    if (!said.contains(comment.key) && !again(comment.key, comment.key.name) && !copied.contains(comment.key.owner()))
      continue;
    const std::string& of = comment.key.name;
    add(of.starts_with("EVENT TRIGGER ") || of.starts_with("PUBLICATION ") ? last : out, create(comment));
  }

  for (const Grant& grant : of<Grant>(changes_).dropped)
    if (stays(grant.object, grant.key)) add(out, revoke(grant));
  std::set<Key> given;
  for (const Grant& grant : of<Grant>(changes_).created) given.insert(grant.key);
  // Privileges on a column go with it.
  auto is_on = [](const Grant& grant, const std::string& privilege, const Column& column) {
    return column.key.owner() == grant.key.owner() &&
           (privilege.ends_with(" (" + column.key.name + ")") ||
            privilege.ends_with(" (" + sql::identifier(column.key.name) + ")"));
  };
  auto on_replaced = [&](const Grant& grant) {
    return std::any_of(grant.privileges.begin(), grant.privileges.end(), [&](const std::string& privilege) {
      const auto& altered = of<Column>(changes_).altered;
      return privilege.ends_with(')') && std::any_of(altered.begin(), altered.end(), [&](const auto& change) {
               return is_replaced(change) && is_on(grant, privilege, change.after);
             });
    });
  };
  std::set<Key> whole;
  for (const Grant& grant : all<Grant>(after_))
    if (given.contains(grant.key) || again(grant.key, grant.object) || on_replaced(grant)) {
      add(out, create(grant));
      whole.insert(grant.key);
    }
  for (const Altered<Grant>& change : of<Grant>(changes_).altered)
    if (!whole.contains(change.after.key) || on_replaced(change.after))
      add(out, alter_grant(change, [&](const std::string& privilege) {
            return privilege.ends_with(')') && find<Table>(after_, change.before.key.owner()) &&
                   std::none_of(all<Column>(after_).begin(), all<Column>(after_).end(),
                                [&](const Column& column) { return is_on(change.before, privilege, column); });
          }));

  for (const Publication& object : of<Publication>(changes_).created) add(out, create(object));
  for (const Altered<Publication>& change : of<Publication>(changes_).altered) add(out, create(change.after));
  for (const EventTrigger& object : of<EventTrigger>(changes_).created) add(out, create(object));
  for (const Altered<EventTrigger>& change : of<EventTrigger>(changes_).altered) add(out, create(change.after));
  add(out, std::move(last));
  for (const Partition& partition : of<Partition>(changes_).dropped)
    notes.push_back("Partition " + display(partition.key) + " is dropped with its rows.");
  for (const Altered<CompositeType>& change : of<CompositeType>(changes_).altered) {
    const model::Options then = attributes_then(change);
    if (then == change.after.attributes) continue;
    std::vector<std::string> order;
    for (const auto& attribute : then) order.push_back(attribute.first);
    notes.push_back("Type " + display(change.after.key) + " has its attributes in the order " +
                    text::join(order, ", ") + " then: PostgreSQL adds one behind the others. ROW(...) without names " +
                    "and values written as text go by that order.");
  }
  for (const Altered<Table>& change : of<Table>(changes_).altered)
    if (change.has("_partitionBy"))
      notes.push_back("Table " + display(change.after.key) +
                      " cannot become partitioned, or stop to be, in place: write a migration that copies its rows.");
  return out;
}

}  // namespace sluice::plan
