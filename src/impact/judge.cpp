#include "impact/judge.hpp"

#include <map>

#include <algorithm>
#include <array>

#include "impact/type_change.hpp"
#include "sql/quote.hpp"

namespace sluice::impact {

std::string_view display(Lock lock) {
  constexpr std::array<std::string_view, 9> names = {
      "none",  "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
      "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"};
  return names[static_cast<size_t>(lock)];
}

const Touched* Impact::find(const Name& relation) const {
  for (const Touched& item : touched)
    if (item.relation == relation) return &item;
  return nullptr;
}

bool Judge::is_empty(const Name& relation) const {
  const ddl::Relation* known = catalog.find(relation);
  return known && known->created_by >= 0 && !known->filled;
}

bool Judge::is_fresh(const Name& relation) const {
  if (is_empty(relation)) return true;
  // It has rows, but nobody writes them, and nobody reads them yet.
  const ddl::Relation* known = catalog.find(relation);
  return known && known->created_by >= 0 && known->kind == ddl::RelationKind::materialized_view;
}

Touched& Judge::lock(const Name& relation, Lock lock) {
  for (Touched& item : impact.touched)
    if (item.relation == relation && !item.dropped) {
      item.lock = std::max(item.lock, lock);
      return item;
    }
  Touched& item = impact.touched.emplace_back();
  item.relation = relation;
  item.lock = lock;
  item.fresh = is_fresh(relation);
  return item;
}

Touched& Judge::lock_index(const ddl::Relation& table, const std::string& index, Lock mode) {
  Touched& item = lock({table.name.schema, index}, mode);
  item.index_of = table.name.name;
  item.fresh = is_fresh(table.name);
  return item;
}

void Judge::rewrite(const ddl::Relation& table) {
  Touched& item = lock(table.name, Lock::access_exclusive);
  item.rewrite = item.scan = true;
  for (const ddl::Index& index : table.indexes) {
    Touched& built = lock_index(table, index.name, Lock::access_exclusive);
    built.rebuild = true;
  }
}

void Judge::create_index(const Name& table, const std::string& index) {
  Touched& item = lock({table.schema, index}, Lock::access_exclusive);
  item.index_of = table.name;
  item.created = item.rebuild = true;
  item.fresh = is_fresh(table);
}

void Judge::drop_index(const ddl::Relation& table, const std::string& index) {
  Touched& item = lock_index(table, index, Lock::access_exclusive);
  item.dropped = true;
}

namespace {

// Types that compare with each other by = (pg_operator, pg_cast); 0: not known here.
int family(const ddl::Catalog& catalog, const sql::TypeName& written) {
  const sql::TypeName type = base_type(catalog, written);
  if (type.dimensions || !type.schema.empty()) return 0;
  static const std::map<std::string, int, std::less<>> families = {
      {"smallint", 1},         {"integer", 1},     {"bigint", 1}, {"numeric", 1},   {"real", 1},
      {"double precision", 1}, {"smallserial", 1}, {"serial", 1}, {"bigserial", 1}, {"text", 2},
      {"varchar", 2},          {"char", 2},        {"uuid", 3},   {"date", 4},      {"timestamp", 4},
      {"timestamptz", 4},      {"boolean", 5},     {"bytea", 6},  {"time", 7},      {"interval", 8}};
  auto found = families.find(type.name);
  return found == families.end() ? 0 : found->second;
}

}  // namespace

void Judge::refuse_foreign_key(const sql::Constraint& key,
                               const std::function<const sql::TypeName*(const std::string&)>& type_of) {
  const ddl::Relation* parent = catalog.find(key.references);
  if (!parent) return;
  std::vector<std::string> referenced = key.referenced;
  if (referenced.empty() && parent->primary_key()) referenced = parent->primary_key()->definition.columns;
  for (size_t i = 0; i < key.columns.size() && i < referenced.size(); i++) {
    const sql::TypeName* from = type_of(key.columns[i]);
    const ddl::Column* to = parent->column(referenced[i]);
    if (!from || !to) continue;
    const int left = family(catalog, *from), right = family(catalog, to->type);
    if (left && right && left != right)
      refuse("key columns " + key.columns[i] + " and " + referenced[i] +
             " are of incompatible types: " + sql::display(*from) + " and " + sql::display(to->type));
  }
}

std::string quoted(const Name& relation) { return sql::qualified(relation.schema, relation.name); }

std::string counting(const Name& relation, const std::string& condition) {
  return "SELECT count(*) FROM " + quoted(relation) + " t" + (condition.empty() ? "" : " WHERE " + condition);
}

void Judge::risk(const Name& relation, const std::string& what, const std::string& condition, bool any_row) {
  if (is_empty(relation)) return;
  Risk item;
  item.relation = relation;
  item.what = what;
  item.any_row = any_row;
  if (any_row || !condition.empty()) {
    item.query = counting(relation, condition);
    item.sample =
        "SELECT * FROM " + quoted(relation) + " t" + (condition.empty() ? "" : " WHERE " + condition) + " LIMIT 5";
  }
  impact.risks.push_back(std::move(item));
}

// One column is sorted five times faster than its values are grouped; a text by its bytes, which decide whether two are
// equal where its collation is deterministic. PostgreSQL is asked for that: no catalog that was read here says it.
static std::string all_distinct(const ddl::Catalog& catalog, const Name& relation,
                                const std::vector<std::string>& columns) {
  const ddl::Relation* table = catalog.find(relation);
  const ddl::Column* column = table && columns.size() == 1 ? table->column(columns.front()) : nullptr;
  const int kind = column ? family(catalog, column->type) : 0;
  if (kind == 0 || kind == 5) return "";
  const std::string name = sql::identifier(column->name), from = quoted(relation);
  if (kind != 2) return "SELECT count(" + name + ") = count(DISTINCT " + name + ") FROM " + from;
  return "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_collation l ON l.oid = "
         "a.attcollation WHERE a.attrelid = " +
         sql::literal(from) + "::regclass AND a.attname = " + sql::literal(column->name) +
         " AND NOT l.collisdeterministic) AND (SELECT count(" + name + ") = count(DISTINCT " + name +
         " COLLATE \"C\") FROM " + from + ")";
}

void Judge::risk_duplicates(const Name& relation, const std::string& what, const std::vector<std::string>& columns,
                            bool nulls_too) {
  const size_t before = impact.risks.size();
  risk(relation, what, duplicate_condition(relation, columns, nulls_too));
  if (impact.risks.size() == before) return;
  // The rows are counted in their groups: several times faster than by the condition.
  std::string present;
  for (const std::string& column : columns)
    present += (present.empty() ? " WHERE " : " AND ") + sql::identifier(column) + " IS NOT NULL";
  impact.risks.back().query = "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM " + quoted(relation) +
                              (nulls_too ? "" : present) + " GROUP BY " + sql::identifiers(columns) +
                              " HAVING count(*) > 1) same";
  impact.risks.back().quick = nulls_too ? "" : all_distinct(catalog, relation, columns);
}

std::string duplicate_condition(const Name& table, const std::vector<std::string>& columns, bool nulls_too) {
  if (!nulls_too) {
    const std::string list = sql::identifiers(columns);
    return "(" + list + ") IN (SELECT " + list + " FROM " + quoted(table) + " GROUP BY " + list +
           " HAVING count(*) > 1)";
  }
  std::string same;
  for (const std::string& column : columns)
    same += (same.empty() ? "" : " AND ") + ("o." + sql::identifier(column)) + " IS NOT DISTINCT FROM t." +
            sql::identifier(column);
  return "EXISTS (SELECT 1 FROM " + quoted(table) + " o WHERE " + same + " AND o.ctid <> t.ctid)";
}

bool holds_unique_key(const ddl::Relation& table, const std::vector<std::string>& columns, bool nulls_too) {
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const ddl::Index& index) {
    if (!index.unique || !index.valid || !index.where.empty() || index.keys.empty()) return false;
    return std::all_of(index.keys.begin(), index.keys.end(), [&](const sql::IndexKey& key) {
      const ddl::Column* column = table.column(key.column);
      return column && (column->not_null || !nulls_too) &&
             std::find(columns.begin(), columns.end(), key.column) != columns.end();
    });
  });
}

std::string orphan_condition(const ddl::Catalog& catalog, const Name& table, const sql::Constraint& key) {
  const Name target = catalog.resolve(key.references);
  std::vector<std::string> referenced = key.referenced;
  if (referenced.empty())
    if (const ddl::Relation* parent = catalog.find(target))
      if (const ddl::Constraint* primary = parent->primary_key()) referenced = primary->definition.columns;
  if (referenced.size() != key.columns.size() || referenced.empty()) return "";
  std::string present, joined;
  for (size_t i = 0; i < referenced.size(); i++) {
    present += (i ? " AND " : "") + ("t." + sql::identifier(key.columns[i])) + " IS NOT NULL";
    joined += (i ? " AND " : "") + ("r." + sql::identifier(referenced[i])) + " = t." + sql::identifier(key.columns[i]);
  }
  (void)table;
  return present + " AND NOT EXISTS (SELECT 1 FROM " + quoted(target) + " r WHERE " + joined + ")";
}

}  // namespace sluice::impact
