#include "plan/cycles.hpp"

#include <map>
#include <vector>

namespace sluice::plan {

using namespace model;

std::set<Key> keys_in_cycles(const Schema& schema) {
  std::map<Key, std::set<Key>> targets;
  for (const ForeignKey& key : all<ForeignKey>(schema)) targets[key.key.owner()].insert(key.target());
  auto leads_to = [&](const Key& from, const Key& to) {
    std::set<Key> seen{from};
    std::vector<Key> open{from};
    while (!open.empty()) {
      Key table = open.back();
      open.pop_back();
      if (table == to) return true;
      for (const Key& target : targets[table])
        if (seen.insert(target).second) open.push_back(target);
    }
    return false;
  };
  std::set<Key> out;
  for (const ForeignKey& key : all<ForeignKey>(schema)) {
    Key table = key.key.owner(), target = key.target();
    if (!(table == target) && leads_to(target, table)) out.insert(key.key);
  }
  return out;
}

}  // namespace sluice::plan
