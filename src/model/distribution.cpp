#include "model/distribution.hpp"

#include <algorithm>
#include <vector>

namespace sluice::model {

std::string group_name(const Key& table) { return table.schema + "." + table.name; }

std::string distribution_option(const Table& table, std::string_view name) {
  for (const auto& [option, value] : table.distributed)
    if (option == name) return value.text;
  return "";
}

bool any_distributed(const Schema& schema) {
  const auto& tables = all<Table>(schema);
  return std::any_of(tables.begin(), tables.end(), [](const Table& table) { return !table.distributed.empty(); });
}

std::map<Key, std::string> colocation(const Schema& schema) {
  std::map<Key, std::string> out;
  for (const Table& table : all<Table>(schema)) {
    if (distribution_column(table).empty()) continue;
    const std::string with = distribution_option(table, "with");
    out.emplace(table.key, with.empty() ? group_name(table.key) : with);
  }
  return out;
}

void set_colocation(Schema& schema, const std::map<Key, std::string>& groups) {
  std::map<std::string, Key> first;
  for (const auto& [table, group] : groups) first.emplace(group, table);
  for (Table& table : all<Table>(schema)) {
    auto group = groups.find(table.key);
    if (group == groups.end()) continue;
    std::erase_if(table.distributed, [](const auto& option) { return option.first == "with"; });
    const Key& leader = first.at(group->second);
    auto by = std::find_if(table.distributed.begin(), table.distributed.end(),
                           [](const auto& option) { return option.first == "by"; });
    if (!(leader == table.key) && by != table.distributed.end())
      table.distributed.insert(by + 1, {"with", Literal{group_name(leader)}});
  }
}

std::set<Key> redistributed(const Schema& before, const Schema& after) {
  std::set<Key> out;
  std::map<Key, const Table*> old;
  for (const Table& table : all<Table>(before)) old.emplace(table.key, &table);
  const std::map<Key, std::string> groups_before = colocation(before), groups_after = colocation(after);
  // Groups before and after that have the most tables in common are one.
  std::map<std::pair<std::string, std::string>, int> common;
  for (const Table& table : all<Table>(after)) {
    auto found = old.find(table.key);
    if (found == old.end()) continue;
    if (distribution_column(table) != distribution_column(*found->second) ||
        is_reference_table(table) != is_reference_table(*found->second)) {
      out.insert(table.key);
    } else if (auto was = groups_before.find(table.key); was != groups_before.end()) {
      common[{was->second, groups_after.at(table.key)}]++;
    }
  }
  std::vector<std::pair<std::pair<std::string, std::string>, int>> pairs(common.begin(), common.end());
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::set<std::string> taken_before, taken_after;
  std::set<std::pair<std::string, std::string>> same;
  for (const auto& [pair, count] : pairs) {
    if (taken_before.contains(pair.first) || taken_after.contains(pair.second)) continue;
    taken_before.insert(pair.first);
    taken_after.insert(pair.second);
    same.insert(pair);
  }
  for (const auto& [table, group] : groups_after)
    if (auto was = groups_before.find(table); was != groups_before.end() && !same.contains({was->second, group}))
      out.insert(table);
  return out;
}

}  // namespace sluice::model
