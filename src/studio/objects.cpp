#include "studio/objects.hpp"

#include <algorithm>

#include "sql/quote.hpp"

namespace sluice::studio {

namespace {

// The primary key, else the shortest unique index over columns that cannot be NULL: the one that rows are known by.
#define KEY_OF(oid)                                                                                               \
  "(SELECT json_agg(a.attname ORDER BY k.ord) FROM (SELECT i.indexrelid, i.indrelid, i.indkey FROM pg_index i "   \
  "WHERE i.indrelid = " oid                                                                                       \
  " AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (SELECT FROM " \
  "unnest(i.indkey::int2[]) WITH ORDINALITY AS n(num, ord) JOIN pg_attribute b ON b.attrelid = i.indrelid AND "   \
  "b.attnum = n.num WHERE n.ord <= i.indnkeyatts AND NOT b.attnotnull) ORDER BY i.indisprimary DESC, "            \
  "i.indnkeyatts, i.indexrelid LIMIT 1) best CROSS JOIN LATERAL unnest(best.indkey::int2[]) WITH ORDINALITY AS "  \
  "k(num, ord) JOIN pg_attribute a ON a.attrelid = best.indrelid AND a.attnum = k.num "                           \
  "WHERE k.ord <= (SELECT indnkeyatts FROM pg_index WHERE indexrelid = best.indexrelid))"

#define HAS_CHILDREN(relation) "EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = " relation ")"

// The type itself, or what a domain is of.
#define BASE_TYPE                                                                                                   \
  "LATERAL (WITH RECURSIVE r AS (SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typcategory, t.typelem FROM " \
  "pg_type t WHERE t.oid = a.atttypid UNION ALL SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typcategory, " \
  "t.typelem FROM r JOIN pg_type t ON t.oid = r.typbasetype WHERE r.typtype = 'd') SELECT * FROM r WHERE typtype "  \
  "<> 'd' LIMIT 1)"

const char* const all_objects =
    "SELECT json_build_object("
    "'database', current_database(), 'version', current_setting('server_version'), 'user', current_user, "
    "'searchPath', array_to_json(current_schemas(false)), "
    "'tables', (SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname, 'kind', c.relkind, "
    "'estimate', c.reltuples::float8, 'bytes', CASE WHEN c.relkind IN ('r', 'm', 'p') THEN pg_total_relation_size(c.oid) "
    "END, 'comment', obj_description(c.oid, 'pg_class'), 'key', " KEY_OF("c.oid") ", "
    "'hasChildren', " HAS_CHILDREN("c.oid") ", "
    "'columns', (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, "
    "a.atttypmod), 'base', base.typname, 'category', base.typcategory, 'notNull', a.attnotnull, "
    "'default', pg_get_expr(d.adbin, d.adrelid), 'identity', nullif(a.attidentity, ''), "
    "'generated', a.attgenerated <> '', 'comment', col_description(c.oid, a.attnum), 'enum', (SELECT json_agg(e.enumlabel "
    "ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = CASE WHEN base.typcategory = 'A' THEN base.typelem ELSE "
    "base.oid END)) ORDER BY a.attnum), '[]') FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND "
    "d.adnum = a.attnum CROSS JOIN " BASE_TYPE
    " base WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), "
    "'indexes', (SELECT coalesce(json_agg(json_build_object('name', x.relname, 'definition', pg_get_indexdef(x.oid), "
    "'unique', i.indisunique, 'primary', i.indisprimary) ORDER BY i.indisprimary DESC, x.relname), '[]') FROM pg_index i "
    "JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid), "
    "'checks', (SELECT coalesce(json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) "
    "ORDER BY k.conname), '[]') FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c')"
    ") ORDER BY n.nspname, c.relname), '[]') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
    "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND "
    "has_schema_privilege(n.oid, 'USAGE') AND NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_depend own WHERE "
    "own.classid = 'pg_class'::regclass AND own.objid = c.oid AND own.deptype = 'e')), "
    "'foreignKeys', (SELECT coalesce(json_agg(json_build_object('name', k.conname, 'schema', n.nspname, 'table', "
    "c.relname, 'columns', (SELECT json_agg(a.attname ORDER BY u.ord) FROM unnest(k.conkey) WITH ORDINALITY u(num, ord) "
    "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num), 'toSchema', m.nspname, 'toTable', f.relname, "
    "'toColumns', (SELECT json_agg(a.attname ORDER BY u.ord) FROM unnest(k.confkey) WITH ORDINALITY u(num, ord) JOIN "
    "pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num), 'onDelete', k.confdeltype) ORDER BY n.nspname, "
    "c.relname, k.conname), '[]') FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = "
    "c.relnamespace JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace m ON m.oid = f.relnamespace WHERE k.contype "
    "= 'f' AND k.conparentid = 0), "
    "'enums', (SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', t.typname, 'values', (SELECT "
    "json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)) ORDER BY n.nspname, "
    "t.typname), '[]') FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e'), "
    "'functions', (SELECT coalesce(json_agg(DISTINCT p.proname), '[]') FROM pg_proc p JOIN pg_namespace n ON n.oid = "
    "p.pronamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND p.prokind <> 'a')"
    ")";

const char* const one_table =
    "SELECT c.oid, c.relkind, " KEY_OF("c.oid") ", " HAS_CHILDREN(
        "c.oid") " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND "
    "c.relkind IN ('r', 'p', 'v', 'm', 'f')";

// With -1 for the length: format_type() of a NULL would give 'character', which is one character long.
const char* const columns_of_table =
    "SELECT a.attname, format_type(a.atttypid, -1), base.typname, base.typcategory, a.attnotnull, a.attgenerated <> '' "
    "OR a.attidentity = 'a' FROM pg_attribute a CROSS JOIN " BASE_TYPE
    " base WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

const char* const key_in_order = "SELECT json_array_elements_text($1::json)";

bool is_one_of(const std::string& word, std::initializer_list<const char*> list) {
  return std::any_of(list.begin(), list.end(), [&](const char* each) { return word == each; });
}

}  // namespace

bool ColumnInfo::is_long() const {
  return category != 'E' && !is_one_of(base, {"bool", "int2", "int4", "int8",    "float4",    "float8",      "numeric",
                                              "uuid", "date", "time", "timetz",  "timestamp", "timestamptz", "interval",
                                              "oid",  "inet", "cidr", "macaddr", "money",     "name"});
}

bool ColumnInfo::can_be_sorted() const {
  const std::string element = base.starts_with("_") ? base.substr(1) : base;
  return !is_one_of(element, {"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle", "xid", "cid",
                              "aclitem", "jsonpath", "txid_snapshot", "pg_snapshot"});
}

std::string TableInfo::sql() const { return sql::qualified(schema, name); }

const ColumnInfo& TableInfo::column(const std::string& column_name) const {
  for (const ColumnInfo& each : columns)
    if (each.name == column_name) return each;
  throw Error("table " + name + " has no column '" + column_name + "' (any more)");
}

std::string objects_json(server::Connection& connection) { return connection.execute(all_objects).text(0, 0); }

TableInfo table_info(server::Connection& connection, const std::string& schema, const std::string& name) {
  const server::Rows found = connection.query(one_table, {schema, name});
  if (found.empty()) throw Error("there is no table or view " + schema + "." + name + " (any more)");
  TableInfo table{schema, name, found.text(0, 1).at(0), {}, {}, found.text(0, 3) == "t"};
  const server::Rows columns = connection.query(columns_of_table, {found.text(0, 0)});
  for (size_t i = 0; i < columns.size(); i++)
    table.columns.push_back({columns.text(i, 0), columns.text(i, 1), columns.text(i, 2), columns.text(i, 3).at(0),
                             columns.text(i, 4) == "t", columns.text(i, 5) == "t"});
  if (found.rows[0][2]) {
    const server::Rows key = connection.query(key_in_order, {found.rows[0][2]});
    for (size_t i = 0; i < key.size(); i++) table.key.push_back(key.text(i, 0));
  }
  return table;
}

}  // namespace sluice::studio
