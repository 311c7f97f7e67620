#include "plan/movable.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/beyond.hpp"
#include "plan/beyond_render.hpp"
#include "plan/columns.hpp"
#include "plan/numbering.hpp"
#include "plan/partitions.hpp"
#include "plan/render.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;

namespace {

bool says_expression(const std::string& text, const std::string& column) { return Words(text).has(column); }

// An expression that is to be said of another column must name this one in quotes, where it can be followed.
bool can_follow(const std::string& text, const std::string& column) {
  if (!says_expression(text, column)) return true;
  const std::string without = text::replace_all(text, sql::identifier(column), "");
  return without != text && !says_expression(without, column);
}

// Why what drizzle has no word for keeps the column where it is; empty if nothing does.
std::string held_in_place(const Schema& now, const Schema& after, const Key& column) {
  const Key table = column.owner();
  const Table* of = find<Table>(now, table);
  if (of && of->partition_by && says_expression(*of->partition_by, column.name))
    return "its table is partitioned by it";
  for (const Partition& partition : all<Partition>(now))
    if (of && partition.partition_by && says_expression(*partition.partition_by, column.name) &&
        root_of(now, partition) == of)
      return "the partition " + display(partition.key) + " is partitioned by it";
  if (of && !of->inherits.empty()) return "its table inherits";
  for (const Table& other : all<Table>(now))
    for (const std::string& parent : other.inherits)
      if (plain_identity(parent) == plain_identity(full_name(table))) return display(other.key) + " inherits it";
  auto says = [&](const std::string& text) { return says_expression(text, column.name); };
  for (const Exclusion& object : all<Exclusion>(now))
    if (object.key.owner() == table && says(object.definition)) return "the constraint " + object.key.name + " has it";
  for (const Trigger& object : all<Trigger>(now))
    if (object.key.owner() == table && says(object.definition)) return "the trigger " + object.key.name + " names it";
  for (const Rule& object : all<Rule>(now))
    if (says(object.definition)) return "the rule " + object.key.name + " names it";
  for (const Statistics& object : all<Statistics>(now))
    if (says(object.definition) && plain_identity(object.relation) == plain_identity(full_name(table)))
      return "the statistics " + object.key.name + " have it";
  for (const Grant& object : all<Grant>(now))
    for (const std::string& privilege : object.privileges)
      if (object.key.owner() == table && privilege.ends_with(")") && says(privilege))
        return "privileges are given on it alone";
  for (const Sequence& object : all<Sequence>(now))
    if (object.owned_by && says(*object.owned_by) && Words(*object.owned_by).has(table.name))
      return "the sequence " + object.key.name + " belongs to it";
  // A definition is a text that says the column, and cannot be said of another one. What is new comes after the move.
  auto defined = [&](const auto& objects, const auto& wanted) -> std::string {
    using Kind = std::remove_cvref_t<decltype(objects.front())>;
    auto stands_on_it = [&](const Kind& object) {
      bool concerned = object.key.owner() == table;
      if constexpr (std::is_same_v<Kind, ForeignKey>) concerned = concerned || object.target() == table;
      return concerned && object.definition && says(*object.definition);
    };
    auto stays = [&](const Kind& object) { return stands_on_it(object) && find<Kind>(now, object.key); };
    for (const auto* list : {&objects, &wanted})
      for (const Kind& object : *list)
        if (stays(object))
          return std::string(kind_name<Kind>) + " " + object.key.name + " is more than drizzle has words for";
    return "";
  };
  for (const std::string& why :
       {defined(all<PrimaryKey>(now), all<PrimaryKey>(after)), defined(all<Unique>(now), all<Unique>(after)),
        defined(all<Check>(now), all<Check>(after)), defined(all<Index>(now), all<Index>(after)),
        defined(all<ForeignKey>(now), all<ForeignKey>(after))})
    if (!why.empty()) return why;
  // A view goes and comes back in the exchange; what hangs on it would go and not come back.
  std::set<Key> views;
  for (const View& view : all<View>(now)) {
    Words words(view.definition.value_or(""));
    if (words.has(table.name) && (words.has(column.name) || words.has_star())) views.insert(view.key);
  }
  for (bool more = !views.empty(); more;) {
    more = false;
    for (const View& view : all<View>(now)) {
      if (views.contains(view.key)) continue;
      Words words(view.definition.value_or(""));
      if (std::none_of(views.begin(), views.end(), [&](const Key& read) { return words.has(read.name); })) continue;
      views.insert(view.key);
      more = true;
    }
  }
  auto hangs = [&](const auto& objects) {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const auto& object) { return views.contains(object.key.owner()); });
  };
  if (hangs(all<Grant>(now)) || hangs(all<Comment>(now)) || hangs(all<Trigger>(now)) || hangs(all<Rule>(now)) ||
      hangs(all<Index>(now)))
    return "a view that reads it has privileges, comments, triggers or indexes";
  std::set<Key> late = functions_on_relations(now);
  for (const Function& function : all<Function>(now)) {
    if (!late.contains(function.key)) continue;
    Words words(function.definition);
    if ((words.has(table.name) && words.has(column.name)) ||
        std::any_of(views.begin(), views.end(), [&](const Key& view) { return words.has(view.name); }))
      return "the function " + function.key.name + " stands on it";
  }
  return "";
}

}  // namespace

std::optional<std::string> cannot_move(const Schema& now, const Schema& after, const Altered<Column>& change) {
  const Key &key = change.after.key, table = key.owner();
  if (change.before.generated || change.after.generated) return "it is generated";
  // The way between a number that counts by itself and one that does not is not a matter of types.
  if (change.before.identity.has_value() != change.after.identity.has_value() ||
      is_serial(change.before.type) != is_serial(change.after.type))
    return "it begins or ceases to count by itself";
  if (change.has("primaryKey")) return "the primary key changes with it";
  if (std::string why = held_in_place(now, after, key); !why.empty()) return why;
  auto follows = [&](const std::string& text) { return can_follow(text, key.name); };
  for (const Column& column : all<Column>(now))
    if (column.key.owner() == table && column.generated && says_expression(column.generated->expression, key.name))
      return "the generated column " + column.key.name + " reads it";
  for (const Check& check : all<Check>(now))
    if (check.key.owner() == table && !follows(check.expression))
      return "the check " + check.key.name + " names it without quotes";
  for (const Index& index : all<Index>(now)) {
    if (!(index.key.owner() == table)) continue;
    bool good = !index.where || follows(*index.where);
    for (const IndexColumn& column : index.columns)
      good = good && (!column.is_expression || follows(column.expression));
    if (!good) return "the index " + index.key.name + " names it without quotes";
  }
  return std::nullopt;
}

}  // namespace sluice::plan
