#include "read/catalog/queries.hpp"

#include "base/text.hpp"

namespace sluice::read::queries {

// What belongs to an extension comes and goes with it.
#define NOT_OF_EXTENSION(catalog, oid)                                                                      \
  " not exists (select from pg_depend own where own.classid = '" catalog "'::regclass and own.objid = " oid \
  " and own.deptype = 'e') "

// Order matters in names: what is read for people and for files comes in the same order from every server.
#define IN_SCHEMAS                                                                                                    \
  "from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.oid = any($1::oid[]) and " NOT_OF_EXTENSION( \
      "pg_class", "c.oid")

#define RELATIONS(kinds) \
  "with relation as materialized (select c.*, n.nspname " IN_SCHEMAS " and c.relkind in (" kinds ")) "

const char* const namespaces =
    "select n.oid, n.nspname, to_regclass('pg_catalog.pg_dist_partition') is not null from pg_namespace n where "
    "n.nspname !~ '^pg_' and n.nspname <> 'information_schema' "
    "and" NOT_OF_EXTENSION("pg_namespace", "n.oid") "order by n.nspname collate \"C\"";

const char* const enums =
    "select n.nspname, t.typname, (select json_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = "
    "t.oid) "
    "from pg_type t join pg_namespace n on n.oid = t.typnamespace "
    "where t.typtype = 'e' and n.oid = any($1::oid[]) and" NOT_OF_EXTENSION(
        "pg_type", "t.oid") "order by n.nspname collate \"C\", t.typname collate \"C\"";

const char* const relations =
    RELATIONS("'r', 'p', 'v', 'm'")
    "select nspname, relname, relkind, relrowsecurity, relforcerowsecurity, to_json(reloptions), "
    "(select amname from pg_am where oid = relam), "
    "(select spcname from pg_tablespace where oid = reltablespace), "
    "case when relkind in ('v', 'm') then pg_get_viewdef(oid, true) end, relispartition, "
    "exists (select from pg_inherits where inhrelid = relation.oid), relpersistence = 'u', relispopulated "
    "from relation order by nspname collate \"C\", relname collate \"C\"";

const char* const columns =
    RELATIONS("'r', 'p', 'v', 'm'")
    "select r.nspname, r.relname, r.relkind, a.attname, format_type(b.oid, a.atttypmod), a.attndims, e.oid is not null, "
    "b.typtype, b.typname, bn.nspname, "
    "b.typnamespace <> 'pg_catalog'::regnamespace and "
    "exists (select from pg_depend x where x.classid = 'pg_type'::regclass and x.objid = b.oid and x.deptype = 'e'), "
    "a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, "
    "case when a.attcollation <> t.typcollation then (select collname from pg_collation where oid = a.attcollation) end "
    "from relation r "
    "join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped "
    "join pg_type t on t.oid = a.atttypid "
    "left join pg_type e on e.oid = t.typelem and e.typarray = t.oid "
    "join pg_type b on b.oid = coalesce(e.oid, t.oid) "
    "join pg_namespace bn on bn.oid = b.typnamespace "
    "left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum "
    "where not r.relispartition "
    "order by r.nspname collate \"C\", r.relname collate \"C\", a.attnum";

std::string constraints(int version) {
  std::string sql =
      RELATIONS("'r', 'p'")
      "select r.nspname, r.relname, c.conname, c.contype, "
      "(select json_agg(a.attname order by k.position) from unnest(c.conkey) with ordinality k (number, position) "
      "join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number), "
      "tn.nspname, t.relname, "
      "(select json_agg(a.attname order by k.position) from unnest(c.confkey) with ordinality k (number, position) "
      "join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number), "
      "c.confdeltype, c.confupdtype, "
      "case c.contype when 'c' then pg_get_expr(c.conbin, c.conrelid, true) when 'x' then pg_get_constraintdef(c.oid, true) end, "
      "c.condeferrable, c.convalidated, c.connoinherit and c.contype = 'c', c.confmatchtype = 'f', "
      "{nulls}, {set}, coalesce(i.indnatts > i.indnkeyatts, false) "
      "from pg_constraint c join relation r on r.oid = c.conrelid "
      "left join pg_class t on t.oid = c.confrelid left join pg_namespace tn on tn.oid = t.relnamespace "
      "left join pg_index i on i.indexrelid = c.conindid and c.contype in ('p', 'u') "
      "where c.contype in ('p', 'u', 'f', 'c', 'x') and not r.relispartition and c.conparentid = 0 "
      "order by r.nspname collate \"C\", r.relname collate \"C\", c.conname collate \"C\"";
  sql = text::replace_all(sql, "{nulls}", version >= 150000 ? "coalesce(i.indnullsnotdistinct, false)" : "false");
  return text::replace_all(sql, "{set}", version >= 150000 ? "c.confdelsetcols is not null" : "false");
}

std::string indexes(int version) {
  std::string sql =
      RELATIONS("'r', 'p', 'm'")
      "select r.nspname, r.relname, x.relname, i.indisunique, m.amname, pg_get_expr(i.indpred, i.indrelid, true), "
      "to_json(x.reloptions), "
      "(select json_agg(json_build_array(pg_get_indexdef(i.indexrelid, k.position::int, true), a.attname, "
      "case when not o.opcdefault then o.opcname end, i.indoption[k.position - 1]) order by k.position) "
      "from unnest(i.indclass) with ordinality k (class, position) "
      "join pg_opclass o on o.oid = k.class "
      "left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.position - 1] and a.attnum > 0), "
      "i.indnatts > i.indnkeyatts, {nulls}, i.indisvalid, r.relkind, "
      "exists (select from unnest(i.indcollation, i.indkey) k (id, number) "
      "join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number "
      "where k.id <> 0 and k.id <> a.attcollation), "
      "case when not i.indisvalid then pg_get_indexdef(i.indexrelid) end "
      "from pg_index i join relation r on r.oid = i.indrelid join pg_class x on x.oid = i.indexrelid "
      "join pg_am m on m.oid = x.relam "
      "where not r.relispartition and not exists (select from pg_constraint c where c.conindid = i.indexrelid and "
      "c.conrelid = i.indrelid and c.contype in ('p', 'u', 'x')) "
      "order by r.nspname collate \"C\", r.relname collate \"C\", x.relname collate \"C\"";
  return text::replace_all(sql, "{nulls}", version >= 150000 ? "i.indnullsnotdistinct" : "false");
}

const char* const sequences =
    "with relation as materialized (select c.oid, c.relname, n.nspname " IN_SCHEMAS
    " and c.relkind = 'S') "
    "select r.nspname, r.relname, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, "
    "tn.nspname, t.relname, a.attname, d.deptype, 'nextval(''' || replace(r.oid::regclass::text, '''', '''''') || "
    "'''::regclass)', "
    "format_type(s.seqtypid, null) "
    "from relation r join pg_sequence s on s.seqrelid = r.oid "
    "left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype in ('a', 'i') "
    "and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 "
    "left join pg_class t on t.oid = d.refobjid left join pg_namespace tn on tn.oid = t.relnamespace "
    "left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid "
    "order by r.nspname collate \"C\", r.relname collate \"C\"";

const char* const policies =
    "select n.nspname, c.relname, p.polname, p.polpermissive, p.polcmd, "
    "(select json_agg(case when role = 0 then 'public' else pg_get_userbyid(role) end order by 1) "
    "from unnest(p.polroles) role), "
    "pg_get_expr(p.polqual, p.polrelid, true), pg_get_expr(p.polwithcheck, p.polrelid, true) "
    "from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace "
    "where (n.oid = any($1::oid[]) or format('%s.%s', n.nspname, c.relname) = any($2::text[])) and" NOT_OF_EXTENSION(
        "pg_class", "c.oid") "order by n.nspname collate \"C\", c.relname collate \"C\", p.polname collate \"C\"";

const char* const roles =
    "select rolname, rolcreatedb, rolcreaterole, rolinherit, rolsuper or rolname ~ '^pg_' or rolname = current_user "
    "or rolname = session_user from pg_roles order by rolname collate \"C\"";

const char* const distribution =
    "select n.nspname, c.relname, p.partmethod, p.repmodel, column_to_column_name(p.logicalrelid, p.partkey), "
    "p.colocationid, nullif(g.shardcount, coalesce(nullif(current_setting('citus.shard_count', true), ''), "
    "'32')::int), "
    "p.autoconverted "
    "from pg_catalog.pg_dist_partition p join pg_class c on c.oid = p.logicalrelid "
    "join pg_namespace n on n.oid = c.relnamespace "
    "left join pg_catalog.pg_dist_colocation g on g.colocationid = p.colocationid "
    "where n.oid = any($1::oid[]) order by n.nspname collate \"C\", c.relname collate \"C\"";

const char* const not_covered =
    "with n as (select oid, nspname from pg_namespace where oid = any($1::oid[])) "
    "select * from ("
    "select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end, n.nspname, '', p.proname::text, "
    "'(' || pg_get_function_identity_arguments(p.oid) || ')' "
    "from pg_proc p join n on n.oid = p.pronamespace where" NOT_OF_EXTENSION("pg_proc", "p.oid")
    "and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'i') "
    "union all select 'trigger', n.nspname, c.relname, t.tgname, '' from pg_trigger t join pg_class c on c.oid = t.tgrelid "
    "join n on n.oid = c.relnamespace where not t.tgisinternal and t.tgparentid = 0 and" NOT_OF_EXTENSION("pg_class", "c.oid")
    "union all select case t.typtype when 'd' then 'domain' when 'r' then 'range type' else 'composite type' end, n.nspname, '', "
    "t.typname, '' from pg_type t join n on n.oid = t.typnamespace "
    "where (t.typtype in ('d', 'r') or (t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid "
    "and c.relkind = 'c'))) and" NOT_OF_EXTENSION("pg_type", "t.oid")
    "union all select 'foreign table', n.nspname, '', c.relname, '' from pg_class c join n on n.oid = c.relnamespace "
    "where c.relkind = 'f' and" NOT_OF_EXTENSION("pg_class", "c.oid")
    "union all select 'rule', n.nspname, c.relname, r.rulename, '' from pg_rewrite r join pg_class c on c.oid = r.ev_class "
    "join n on n.oid = c.relnamespace where r.rulename <> '_RETURN' and" NOT_OF_EXTENSION("pg_class", "c.oid")
    "union all select 'statistics', n.nspname, '', s.stxname, '' from pg_statistic_ext s join n on n.oid = s.stxnamespace "
    "union all select 'collation', n.nspname, '', l.collname, '' from pg_collation l join n on n.oid = l.collnamespace "
    "where" NOT_OF_EXTENSION("pg_collation", "l.oid")
    "union all select 'operator', n.nspname, '', o.oprname, '' from pg_operator o join n on n.oid = o.oprnamespace "
    "where" NOT_OF_EXTENSION("pg_operator", "o.oid")
    "union all select 'comment', n.nspname, '', count(*)::text || ' objects', '' from pg_description d "
    "join pg_class c on d.classoid = 'pg_class'::regclass and c.oid = d.objoid join n on n.oid = c.relnamespace "
    "where" NOT_OF_EXTENSION("pg_class", "c.oid") "group by n.nspname "
    "union all select 'privileges', n.nspname, '', count(*)::text || ' objects', '' from pg_class c "
    "join n on n.oid = c.relnamespace where c.relacl is not null and" NOT_OF_EXTENSION("pg_class", "c.oid")
    "group by n.nspname "
    "union all select 'extension', '', '', extname, '' from pg_extension "
    "where extname not in ('plpgsql', 'citus', 'citus_columnar') "
    "union all select 'event trigger', '', '', evtname, '' from pg_event_trigger e where" NOT_OF_EXTENSION("pg_event_trigger", "e.oid")
    "union all select 'publication', '', '', pubname, '' from pg_publication "
    ") found (kind, schema, tab, name, detail) "
    "order by kind collate \"C\", schema collate \"C\", tab collate \"C\", name collate \"C\", detail collate \"C\"";

}  // namespace sluice::read::queries
