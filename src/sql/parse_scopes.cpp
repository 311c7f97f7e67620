// Whose columns a query names: each with the relations that are in sight where it stands, as PostgreSQL looks them up.
#include <set>

#include "sql/parse_parts.hpp"

namespace sluice::sql {

namespace {

constexpr int deepest = 200;  // of a tree; what lies deeper is left out

struct Item {
  std::string alias;
  Name relation;  // without a name: its columns are not known
};

// One FROM, in the one around it.
struct Scope {
  const Scope* outer = nullptr;
  std::vector<Item> items;
  std::set<std::string> common;  // names of WITH queries
};

class Finder {
 public:
  void visit(const Node& node, const Scope* scope, int depth) {
    if (depth > deepest) return;
    for (const Node& member : node) {
      if (member.key == "SelectStmt")
        select(member, scope, depth + 1);
      else if (member.key == "ColumnRef")
        use(member, scope);
      else
        visit(member, scope, depth + 1);
    }
  }

  std::vector<ColumnUse> found;

 private:
  void select(const Node& query, const Scope* outer, int depth) {
    if (depth > deepest) return;
    Scope with;
    with.outer = outer;
    for (const Node& item : query["withClause"]["ctes"]) with.common.insert(item["CommonTableExpr"]["ctename"].str());
    visit(query["withClause"], &with, depth + 1);
    Scope own;
    own.outer = &with;
    for (const Node& item : query["fromClause"]) from(item, own, depth + 1);
    for (const Node& part : query) {
      if (part.key == "larg" || part.key == "rarg")
        select(part, &with, depth + 1);
      else if (part.key == "sortClause")
        sort(part, own, depth + 1);
      else if (part.key != "withClause" && part.key != "fromClause")
        visit(part, &own, depth + 1);
    }
  }

  // A plain name in ORDER BY may be the name of a result.
  void sort(const Node& list, const Scope& own, int depth) {
    for (const Node& item : list)
      if (const Node& column = item["SortBy"]["node"]["ColumnRef"]; !column || strings(column["fields"]).size() > 1)
        visit(item, &own, depth);
  }

  void from(const Node& item, Scope& own, int depth) {
    if (depth > deepest) return;
    if (const Node& relation = item["RangeVar"]) {
      const Node& alias = relation["alias"];
      Name name = relation_name(relation);
      if (alias["colnames"] || (name.schema.empty() && is_common(name.name, &own))) name = {};
      own.items.push_back({alias ? alias["aliasname"].str() : relation["relname"].str(), name});
    } else if (const Node& join = item["JoinExpr"]) {
      const size_t first = own.items.size();
      from(join["larg"], own, depth + 1);
      from(join["rarg"], own, depth + 1);
      for (const std::string& column : strings(join["usingClause"]))
        for (size_t i = first; i < own.items.size(); i++) found.push_back({column, {{own.items[i].relation}}});
      visit(join["quals"], &own, depth + 1);
      if (const Node& alias = join["alias"]) own.items.push_back({alias["aliasname"].str(), {}});
    } else {  // a subquery or a function: LATERAL or not, what is before it is in sight
      const Node& content = item.inner();
      const Scope* around = content.key == "RangeSubselect" && !content["lateral"].is_true() ? own.outer : &own;
      visit(content, around, depth + 1);
      own.items.push_back({content["alias"]["aliasname"].str(), {}});
    }
  }

  static bool is_common(const std::string& name, const Scope* scope) {
    for (; scope; scope = scope->outer)
      if (scope->common.contains(name)) return true;
    return false;
  }

  void use(const Node& column, const Scope* scope) {
    for (const Node& field : column["fields"])
      if (field["A_Star"]) return;
    const std::vector<std::string> parts = strings(column["fields"]);
    if (parts.empty()) return;
    ColumnUse out{parts.back(), {}};
    for (; scope; scope = scope->outer) {
      std::vector<Name> level;
      for (const Item& item : scope->items) {
        if (parts.size() > 1 && item.alias != parts[parts.size() - 2]) continue;
        level.push_back(item.relation);
      }
      if (level.empty()) continue;
      out.scopes.push_back(std::move(level));
      if (parts.size() > 1) break;
    }
    found.push_back(std::move(out));
  }
};

}  // namespace

std::vector<ColumnUse> column_uses(const Node& node) {
  Finder finder;
  finder.visit(node, nullptr, 0);
  return std::move(finder.found);
}

}  // namespace sluice::sql
