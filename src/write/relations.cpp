#include "write/relations.hpp"

#include <map>
#include <vector>

#include "base/text.hpp"

namespace sluice::write {

using namespace model;

namespace {

// "users" → "user", "categories" → "category"; what is no plural stays.
std::string singular(const std::string& word) {
  if (word.ends_with("ies") && word.size() > 4) return word.substr(0, word.size() - 3) + "y";
  if (word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") || word.ends_with("shes"))
    return word.substr(0, word.size() - 2);
  if (word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") || !word.ends_with("s") || word.size() < 3)
    return word;
  return word.substr(0, word.size() - 1);
}

std::string plural(const std::string& word) {
  if (word.ends_with("s")) return word;
  if (word.ends_with("y") && word.size() > 2 && std::string("aeiou").find(word[word.size() - 2]) == std::string::npos)
    return word.substr(0, word.size() - 1) + "ies";
  return word + (word.ends_with("x") || word.ends_with("ch") || word.ends_with("sh") ? "es" : "s");
}

struct Relations {
  Scope scope;
  std::vector<std::string> one, many;
};

}  // namespace

std::string relations(const Schema& schema, const Names& names, bool drizzle_1) {
  std::map<std::pair<Key, Key>, int> between;
  for (const ForeignKey& key : all<ForeignKey>(schema))
    if (names.tables.contains(key.target())) between[{key.key.owner(), key.target()}]++;
  if (between.empty()) return "";

  std::map<Key, Relations> by_table;
  for (const Table& table : all<Table>(schema)) by_table[table.key];
  for (const Column& column : all<Column>(schema))
    by_table[column.key.owner()].scope.take(names.column(column.key.owner(), column.key.name));
  auto members = [&](const Key& table, const std::vector<std::string>& columns) {
    std::vector<std::string> out;
    for (const std::string& column : columns) out.push_back(member(names.table(table), names.column(table, column)));
    return text::join(out, ", ");
  };
  for (const ForeignKey& key : all<ForeignKey>(schema)) {
    Key from = key.key.owner(), to = key.target();
    if (!names.tables.contains(to)) continue;
    bool several = from == to || between[{from, to}] > 1 || (between.contains({to, from}) && !(from == to));
    std::string shared = several ? ", relationName: " + in_quotes(key.key.name) : "";
    // author_id refers to its author; anything else to what the table is called.
    std::string column = names.column(from, key.columns_from.front());
    std::string one = singular(names.table(to));
    if (key.columns_from.size() == 1) {
      std::string word = text::to_lower(column);
      if (column.size() > 2 && word.ends_with("_id"))
        one = column.substr(0, column.size() - 3);
      else if (column.size() > 2 && column.ends_with("Id"))
        one = column.substr(0, column.size() - 2);
    }
    std::string one_key = by_table[from].scope.take(one, "Relation");
    by_table[from].one.push_back("\t" + one_key + ": one(" + names.table(to) + ", { fields: [" +
                                 members(from, key.columns_from) + "], references: [" + members(to, key.columns_to) +
                                 "]" + shared + " }),\n");
    std::string many = plural(names.table(from));
    if (several)
      many +=
          "By" + std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(one[0])))) + one.substr(1);
    std::string many_key = by_table[to].scope.take(many, "Relation");
    by_table[to].many.push_back("\t" + many_key + ": many(" + names.table(from) +
                                (several ? ", { relationName: " + in_quotes(key.key.name) + " }" : "") + "),\n");
  }

  std::string imports, body;
  for (const auto& [table, found] : by_table) {
    if (found.one.empty() && found.many.empty()) continue;
    const std::string& name = names.table(table);
    imports += (imports.empty() ? "" : ", ") + name;
    std::string with = found.one.empty() ? "many" : found.many.empty() ? "one" : "one, many";
    body += "\nexport const " + name + "Relations = relations(" + name + ", ({ " + with + " }) => ({\n" +
            text::join(found.one, "") + text::join(found.many, "") + "}));\n";
  }
  return "import { relations } from \"drizzle-orm/" + std::string(drizzle_1 ? "_" : "") + "relations\";\nimport { " +
         imports + " } from \"./schema\";\n" + body;
}

}  // namespace sluice::write
