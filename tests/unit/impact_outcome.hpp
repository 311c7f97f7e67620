// An impact as the lines of tests/data/locks.txt write it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "ddl/fold.hpp"
#include "impact/impact.hpp"

namespace sluice::tests {

struct Outcome {
  std::map<std::string, std::string> locks;
  std::set<std::string> rewrite, rebuild, scan, made;
  std::string error;

  bool operator==(const Outcome&) const = default;
  std::string text() const {
    if (!error.empty()) return "error " + error;
    std::string out;
    for (const auto& [name, lock] : locks) out += (out.empty() ? "" : " ") + name + ":" + lock;
    auto add = [&](const char* title, const std::set<std::string>& names) {
      if (names.empty()) return;
      out += (out.empty() ? std::string() : "; ") + title;
      for (const std::string& name : names) out += " " + name;
    };
    add("rewrite", rewrite);
    add("rebuild", rebuild);
    add("scan", scan);
    add("new", made);
    return out;
  }
};

inline std::string short_lock(impact::Lock lock) {
  constexpr const char* names[] = {"-", "AS", "RS", "RX", "SUX", "S", "SRX", "X", "AX"};
  return names[static_cast<size_t>(lock)];
}

// What all the statements together would show, in a transaction: the strongest lock of each relation. `apart`: a
// statement that stands outside of one is judged all the same. `rows`: tables have some.
inline Outcome predict(ddl::Catalog catalog, std::string_view statements, int version, bool apart = false,
                       bool rows = true) {
  Outcome out;
  std::map<std::string, impact::Lock> locks;
  impact::Session session{version};
  sql::ParsedFile file = sql::parse(statements);
  for (const sql::Failure& failure : file.failures) out.error = failure.message;
  int number = 0;
  for (const sql::ParsedStatement& statement : file.statements) {
    impact::follow(session, statement);
    impact::Impact impact = impact::judge(catalog, statement, session);
    if (out.error.empty()) out.error = impact.refused;
    if (out.error.empty() && impact.outside_transaction && !apart) out.error = "cannot run inside a transaction block";
    for (const impact::Risk& risk : impact.risks)
      if (out.error.empty() && risk.any_row && rows) out.error = "contains null values";
    const bool drops = std::holds_alternative<sql::Drop>(statement.command);
    std::set<std::string> sequences_and_views;
    for (const auto& [name, relation] : catalog.relations())
      if (relation.kind == ddl::RelationKind::view || relation.kind == ddl::RelationKind::sequence)
        sequences_and_views.insert(name.name);
    for (const impact::Touched& item : impact.touched) {
      const std::string& name = item.relation.name;
      if (item.dropped && sequences_and_views.contains(name)) continue;  // not in the measurement
      if (item.lock != impact::Lock::none && !(drops && item.index_of.size() && !item.dropped)) {
        const std::string key = item.dropped ? name + "(dropped)" : name;
        locks[key] = std::max(locks[key], item.lock);
        if (item.replaced) locks[name + "(dropped)"] = item.lock;
      }
      const bool index = !item.index_of.empty();
      if (item.rewrite) out.rewrite.insert(name);
      if (item.scan && !item.created) out.scan.insert(name);
      if (index && (item.replaced || (item.created && !(item.rebuild == false)))) out.made.insert(name);
      if (index && item.rebuild && !item.replaced && !item.created) out.rebuild.insert(name);
    }
    ddl::fold(catalog, statement, number++);
    // What is renamed keeps its lock and shows it under the new name.
    if (const auto* rename = std::get_if<sql::Rename>(&statement.command))
      if (rename->object.of_table_member.empty())
        if (auto found = locks.find(rename->object.name.name); found != locks.end()) {
          locks[rename->to] = found->second;
          locks.erase(rename->object.name.name);
        }
  }
  for (const auto& [name, lock] : locks) out.locks[name] = short_lock(lock);
  if (!out.error.empty()) {
    std::string error = out.error;
    out = {};
    out.error = error;
  }
  return out;
}

}  // namespace sluice::tests
