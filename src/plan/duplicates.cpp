#include "plan/duplicates.hpp"

#include <set>

#include "model/names.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

std::map<Key, Repeats> repeated_uniques(const Schema& schema) {
  // By table and columns. NULLS NOT DISTINCT is another index than a primary key's.
  struct Content {
    Key table;
    std::vector<std::string> columns;
    bool nulls_not_distinct;
    auto operator<=>(const Content&) const = default;
  };
  std::map<Key, Repeats> out;
  if (all<Unique>(schema).empty()) return out;
  std::map<Content, Repeats> built;
  for (const Column& column : all<Column>(schema))
    if (column.primary_key)
      built.emplace(Content{column.key.owner(), {column.key.name}, false}, Repeats::unnamed_primary_key);
  for (const PrimaryKey& key : all<PrimaryKey>(schema))
    built.emplace(Content{key.key.owner(), key.columns, false}, Repeats::other);
  for (const Unique& unique : all<Unique>(schema)) {
    Content content{unique.key.owner(), unique.columns, unique.nulls_not_distinct};
    if (auto found = built.find(content); found != built.end())
      out.emplace(unique.key, found->second);
    else
      built.emplace(std::move(content), Repeats::other);
  }
  return out;
}

std::string drop_repeated(const Unique& unique, Repeats repeats) {
  const Key& key = unique.key;
  std::string alter = alter_table(key.owner()), name = sql::identifier(key.name);
  if (repeats == Repeats::other) return alter + "DROP CONSTRAINT IF EXISTS " + name + ";";
  // Dropping it by its name would drop the primary key.
  return "DO $sluice$ BEGIN\n"
         "\tIF EXISTS (SELECT FROM pg_constraint WHERE conrelid = " +
         sql::literal(table_name(key.owner())) + "::regclass AND conname = " + sql::literal(clipped(key.name)) +
         " AND contype = 'p') THEN\n\t\t" + alter + "RENAME CONSTRAINT " + name + " TO " +
         sql::identifier(implicit_name(key.table, "", "pkey")) + ";\n\tELSE\n\t\t" + alter + "DROP CONSTRAINT " + name +
         ";\n\tEND IF;\nEND $sluice$;";
}

}  // namespace sluice::plan
