#include "read/catalog/beyond_queries.hpp"

namespace sluice::read::queries {

#define NOT_OF_EXTENSION(catalog, oid)                                                                      \
  " not exists (select from pg_depend own where own.classid = '" catalog "'::regclass and own.objid = " oid \
  " and own.deptype = 'e') "
#define IN_SCHEMAS "n.oid = any($1::oid[]) and"
// As SQL names a relation, always with its schema.
#define NAMED(schema, name) "format('%I.%I', " schema ", " name ")"

// Null when nobody set one. The minor releases of November 2026 (15.20) keep a version of their own among them, which
// pg_dump leaves out, too.
#define COLUMN_OPTIONS "(select string_agg(o, ', ') from unnest(a.attoptions) o where o not like 'pg\\_attver=%')"

// Citus itself is the cluster's: every server of it has the extension before there are tables.
const char* const extensions =
    "select x.extname, n.nspname from pg_extension x join pg_namespace n on n.oid = x.extnamespace "
    "where x.extname not in ('plpgsql', 'citus', 'citus_columnar') and $1::oid[] is not null order by x.oid";

// The columns of pg_collation have other names in other versions.
const char* const collations =
    "select n.nspname, l.collname, concat_ws(', ', "
    "'provider = ' || case l.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end, "
    "'locale = ' || quote_literal(coalesce(to_jsonb(l)->>'colllocale', to_jsonb(l)->>'colliculocale', "
    "case when l.collcollate is not distinct from l.collctype then l.collcollate end)), "
    "'lc_collate = ' || quote_literal(case when l.collcollate is distinct from l.collctype then l.collcollate end), "
    "'lc_ctype = ' || quote_literal(case when l.collcollate is distinct from l.collctype then l.collctype end), "
    "'rules = ' || quote_literal(to_jsonb(l)->>'collicurules'), "
    "case when not l.collisdeterministic then 'deterministic = false' end) "
    "from pg_collation l join pg_namespace n on n.oid = l.collnamespace where " IN_SCHEMAS NOT_OF_EXTENSION(
        "pg_collation", "l.oid") "order by n.nspname collate \"C\", l.collname collate \"C\"";

const char* const domains =
    "select n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod), "
    "(select " NAMED("cn.nspname", "l.collname") " from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace "
    "where l.oid = t.typcollation and t.typcollation <> b.typcollation), "
    "pg_get_expr(t.typdefaultbin, 0), t.typnotnull, "
    "(select json_agg(json_build_array(c.conname, pg_get_constraintdef(c.oid, true)) order by c.conname collate \"C\") "
    "from pg_constraint c where c.contypid = t.oid and c.contype = 'c') "
    "from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_type b on b.oid = t.typbasetype "
    "where t.typtype = 'd' and " IN_SCHEMAS NOT_OF_EXTENSION("pg_type", "t.oid") "order by t.oid";

const char* const composites =
    "select n.nspname, t.typname, (select json_agg(json_build_array(a.attname, "
    "format_type(a.atttypid, a.atttypmod) || coalesce((select ' COLLATE ' || " NAMED("cn.nspname", "l.collname")
    " from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace join pg_type at on at.oid = a.atttypid "
    "where l.oid = a.attcollation and a.attcollation <> at.typcollation), '')) order by a.attnum) "
    "from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) "
    "from pg_type t join pg_class c on c.oid = t.typrelid and c.relkind = 'c' "
    "join pg_namespace n on n.oid = t.typnamespace "
    "where " IN_SCHEMAS NOT_OF_EXTENSION("pg_type", "t.oid") "order by t.oid";

const char* const ranges =
    "select n.nspname, t.typname, concat_ws(', ', 'subtype = ' || format_type(r.rngsubtype, null), "
    "'subtype_opclass = ' || (select " NAMED("opn.nspname", "o.opcname") " from pg_opclass o join pg_namespace opn "
    "on opn.oid = o.opcnamespace where o.oid = r.rngsubopc and not o.opcdefault), "
    "'collation = ' || (select " NAMED("cn.nspname", "l.collname") " from pg_collation l join pg_namespace cn "
    "on cn.oid = l.collnamespace join pg_type st on st.oid = r.rngsubtype where l.oid = r.rngcollation and "
    "r.rngcollation <> st.typcollation), "
    "'canonical = ' || nullif(r.rngcanonical::text, '-'), 'subtype_diff = ' || nullif(r.rngsubdiff::text, '-'), "
    "'multirange_type_name = ' || (select " NAMED("n.nspname", "m.typname") " from pg_type m where m.oid = "
    "(to_jsonb(r)->>'rngmultitypid')::oid)) "
    "from pg_range r join pg_type t on t.oid = r.rngtypid join pg_namespace n on n.oid = t.typnamespace "
    "where " IN_SCHEMAS NOT_OF_EXTENSION("pg_type", "t.oid") "order by t.oid";

const char* const functions =
    "select n.nspname, p.proname || '(' || oidvectortypes(p.proargtypes) || ')', "
    "case p.prokind when 'p' then 'PROCEDURE' else 'FUNCTION' end, pg_get_functiondef(p.oid), "
    "pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), p.pronargdefaults, "
    "exists (select from pg_depend d left join pg_type t on d.refclassid = 'pg_type'::regclass and t.oid = d.refobjid "
    "left join pg_type e on e.oid = t.typelem and e.typarray = t.oid "
    "left join pg_class c on c.oid = case when d.refclassid = 'pg_class'::regclass then d.refobjid "
    "else coalesce(e.typrelid, t.typrelid) end "
    "where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'n' and c.relkind <> 'c') "
    "from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
    "where p.prokind <> 'a' and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass "
    "and e.objid = p.oid and e.deptype = 'i') and " IN_SCHEMAS NOT_OF_EXTENSION("pg_proc", "p.oid") "order by p.oid";

const char* const table_parts =
    "select n.nspname, c.relname, pg_get_partkeydef(c.oid), "
    "(select json_agg(" NAMED("pn.nspname", "p.relname") " order by i.inhseqno) from pg_inherits i "
    "join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid), "
    "c.relpersistence = 'u', c.relforcerowsecurity, to_json(c.reloptions || (select "
    "array_agg('toast.' || o) from pg_class t, unnest(t.reloptions) o where t.oid = c.reltoastrelid)), "
    "(select spcname from pg_tablespace where oid = c.reltablespace), "
    "(select amname from pg_am where oid = c.relam and amname <> 'heap'), "
    "case c.relreplident when 'n' then 'NOTHING' when 'f' then 'FULL' when 'i' then (select 'USING INDEX ' || "
    "quote_ident(x.relname) from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid "
    "and i.indisreplident) end, c.relispartition, pg_get_expr(c.relpartbound, c.oid) "
    "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where c.relkind in ('r', 'p') and " IN_SCHEMAS NOT_OF_EXTENSION("pg_class", "c.oid")
    "order by (select count(*) from pg_partition_ancestors(c.oid)), n.nspname collate \"C\", c.relname collate \"C\"";

std::string column_parts(int version) {
  const std::string compression = version >= 140000 ? "a.attcompression" : "''";
  return "select * from (select n.nspname, c.relname, a.attname, a.attinhcount > 0 and not a.attislocal, "
    "(select case when cn.nspname = 'pg_catalog' then quote_ident(l.collname) else " NAMED("cn.nspname", "l.collname")
    " end from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace where l.oid = a.attcollation "
    "and a.attcollation <> t.typcollation) as own_collation, "
    "case when a.attstorage <> t.typstorage then case a.attstorage when 'p' then 'PLAIN' when 'e' then 'EXTERNAL' "
    "when 'm' then 'MAIN' else 'EXTENDED' end end as own_storage, "
    "case " +
         compression +
         " when 'p' then 'pglz' when 'l' then 'lz4' end as own_compression, "
    "case when a.attstattarget >= 0 then a.attstattarget::text end as target, "
    "a.attinhcount > 0 and not a.attislocal as inherited "
    "from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace "
    "join pg_type t on t.oid = a.atttypid "
    "where c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped and " IN_SCHEMAS
        NOT_OF_EXTENSION("pg_class", "c.oid") ") x where inherited or own_collation is not null or own_storage is not null "
    "or own_compression is not null or target is not null";
}

#define CONSTRAINTS                                                                                                \
  "from pg_constraint c join pg_class r on r.oid = c.conrelid join pg_namespace n on n.oid = r.relnamespace "      \
  "where r.relkind in ('r', 'p') and not r.relispartition and c.conparentid = 0 and " IN_SCHEMAS NOT_OF_EXTENSION( \
      "pg_class", "r.oid")

std::string constraint_parts(int version) {
  return std::string(
             "select n.nspname, r.relname, c.conname, c.contype, pg_get_constraintdef(c.oid) " CONSTRAINTS
             "and (c.contype = 'x' or c.contype in ('p', 'u', 'f', 'c') and (c.condeferrable or not c.convalidated "
             "or c.contype = 'c' and c.connoinherit or c.confmatchtype = 'f' ") +
         (version >= 150000 ? "or c.confdelsetcols is not null " : "") +
         (version >= 180000 ? "or c.conperiod or not c.conenforced " : "") +
         "or exists (select from pg_index i where i.indexrelid = c.conindid and c.contype in ('p', 'u') "
         "and i.indnatts > i.indnkeyatts))) "
         "order by n.nspname collate \"C\", r.relname collate \"C\", c.conname collate \"C\"";
}

const char* const inherited_constraints = "select n.nspname, r.relname, c.conname " CONSTRAINTS
                                          "and c.contype = 'c' and c.coninhcount > 0 and not c.conislocal";

std::string index_parts(int version) {
  return std::string(
             "select n.nspname, r.relname, x.relname, pg_get_indexdef(i.indexrelid) "
             "from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class r on r.oid = i.indrelid "
             "join pg_namespace n on n.oid = r.relnamespace "
             "where r.relkind in ('r', 'p', 'm') and not r.relispartition and not exists (select from pg_constraint c "
             "where c.conindid = i.indexrelid and c.conrelid = i.indrelid and c.contype in ('p', 'u', 'x')) "
             "and (r.relkind = 'm' or i.indnatts > i.indnkeyatts ") +
         (version >= 150000 ? "or i.indnullsnotdistinct " : "") +
         "or x.reltablespace <> 0 or exists (select from unnest(i.indcollation, i.indkey) k (id, number) "
         "left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number and a.attnum > 0 "
         "where k.id <> 0 and k.id is distinct from coalesce(a.attcollation, 100)) "
         "or exists (select from pg_attribute a where a.attrelid = i.indexrelid and " COLUMN_OPTIONS
         " is not null)) "
         "and " IN_SCHEMAS NOT_OF_EXTENSION("pg_class",
                                            "r.oid") "order by n.nspname collate \"C\", x.relname collate \"C\"";
}

// Those of schema sluice keep two columns equal while two releases run (plan/expand.hpp).
const char* const triggers =
    "select n.nspname, c.relname, t.tgname, pg_get_triggerdef(t.oid), "
    "case t.tgenabled when 'D' then 'DISABLE' when 'R' then 'ENABLE REPLICA' when 'A' then 'ENABLE ALWAYS' "
    "else 'ENABLE' end from pg_trigger t join pg_class c on c.oid = t.tgrelid "
    "join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and t.tgparentid = 0 "
    "and not exists (select from pg_proc p where p.oid = t.tgfoid and p.pronamespace = to_regnamespace('sluice')) and " IN_SCHEMAS
        NOT_OF_EXTENSION("pg_class", "c.oid") "order by n.nspname collate \"C\", c.relname collate \"C\", "
    "t.tgname collate \"C\"";

const char* const rules =
    "select n.nspname, c.relname, r.rulename, rtrim(pg_get_ruledef(r.oid), ';') || case r.ev_enabled when 'O' then '' "
    "else format('; ALTER TABLE %I.%I %s RULE %I', n.nspname, c.relname, case r.ev_enabled when 'D' then 'DISABLE' "
    "when 'R' then 'ENABLE REPLICA' else 'ENABLE ALWAYS' end, r.rulename) end from pg_rewrite r "
    "join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace "
    "where r.rulename <> '_RETURN' and " IN_SCHEMAS NOT_OF_EXTENSION(
        "pg_class", "c.oid") "order by n.nspname collate \"C\", c.relname collate \"C\", r.rulename collate \"C\"";

const char* const statistics =
    "select n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid), "
    "(select " NAMED("rn.nspname", "c.relname") " from pg_class c join pg_namespace rn on rn.oid = c.relnamespace "
    "where c.oid = s.stxrelid), "
    "case when s.stxstattarget >= 0 then s.stxstattarget::text end "
    "from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where " IN_SCHEMAS NOT_OF_EXTENSION(
        "pg_statistic_ext", "s.oid") "order by n.nspname collate \"C\", s.stxname collate \"C\"";

const char* const sequence_parts =
    "select n.nspname, r.relname, case when s.seqtypid <> 'bigint'::regtype then format_type(s.seqtypid, null) end, "
    "case when a.attname is not null then format('%I.%I.%I', tn.nspname, t.relname, a.attname) end "
    "from pg_sequence s join pg_class r on r.oid = s.seqrelid join pg_namespace n on n.oid = r.relnamespace "
    "left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype = 'a' "
    "and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 "
    "left join pg_class t on t.oid = d.refobjid left join pg_namespace tn on tn.oid = t.relnamespace "
    "left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid where " IN_SCHEMAS
        NOT_OF_EXTENSION("pg_class", "r.oid") "order by r.oid";

const char* const event_triggers =
    "select e.evtname, format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()%s', e.evtname, e.evtevent, "
    "(select ' WHEN TAG IN (' || string_agg(quote_literal(tag), ', ') || ')' from unnest(e.evttags) tag), "
    "e.evtfoid::regproc, case e.evtenabled when 'D' then format('; ALTER EVENT TRIGGER %I DISABLE', e.evtname) "
    "when 'R' then format('; ALTER EVENT TRIGGER %I ENABLE REPLICA', e.evtname) "
    "when 'A' then format('; ALTER EVENT TRIGGER %I ENABLE ALWAYS', e.evtname) else '' end) "
    "from pg_event_trigger e where $1::oid[] is not null and " NOT_OF_EXTENSION(
        "pg_event_trigger", "e.oid") "order by e.evtname collate \"C\"";

std::string publications(int version) {
  std::string tables = version >= 150000
                           ? "(select ' FOR TABLE ' || string_agg(" NAMED("pn.nspname", "c.relname")
                             " || coalesce((select ' (' || string_agg(quote_ident(a.attname), ', ' order by a.attnum) "
                             "|| ')' from pg_attribute a where a.attrelid = c.oid and a.attnum = any(r.prattrs)), '') "
                             "|| coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', ''), ', ' "
                             "order by pn.nspname collate \"C\", c.relname collate \"C\")"
                           : "(select ' FOR TABLE ' || string_agg(" NAMED("pn.nspname", "c.relname") ", ', ' "
                             "order by pn.nspname collate \"C\", c.relname collate \"C\")";
  tables +=
      " from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace pn on pn.oid = "
      "c.relnamespace where r.prpubid = p.oid)";
  std::string schemas =
      version >= 150000
          ? "(select string_agg(quote_ident(sn.nspname), ', ' order by sn.nspname collate \"C\") "
            "from pg_publication_namespace s join pg_namespace sn on sn.oid = s.pnnspid where s.pnpubid = p.oid)"
          : "null::text";
  return "select p.pubname, case when p.puballtables then ' FOR ALL TABLES' else coalesce(t.list, '') || "
         "coalesce(case when t.list is null then ' FOR ' else ', ' end || 'TABLES IN SCHEMA ' || s.list, '') end "
         "|| format(' WITH (publish = %L%s)', concat_ws(', ', case when p.pubinsert then 'insert' end, "
         "case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end, "
         "case when p.pubtruncate then 'truncate' end), "
         "case when p.pubviaroot then ', publish_via_partition_root = true' else '' end "
         "|| case when to_jsonb(p)->>'pubgencols' = 's' then ', publish_generated_columns = stored' else '' end) "
         "from pg_publication p, lateral (select " +
         tables + " as list) t, lateral (select " + schemas +
         " as list) s where $1::oid[] is not null order by p.pubname collate \"C\"";
}

// pg_identify_object's types are not all words of COMMENT ON.
const char* const comments =
    "select coalesce(cn.nspname, o.schema, case when d.classoid = 'pg_namespace'::regclass then o.name end, ''), "
    "coalesce(c.relname, ''), "
    "case o.type when 'table column' then 'COLUMN' when 'view column' then 'COLUMN' "
    "when 'materialized view column' then 'COLUMN' when 'composite type column' then 'COLUMN' "
    "when 'composite type' then 'TYPE' when 'table constraint' then 'CONSTRAINT' "
    "when 'domain constraint' then 'CONSTRAINT' when 'statistics object' then 'STATISTICS' else upper(o.type) end "
    "|| ' ' || case o.type when 'domain constraint' then replace(o.identity, ' on ', ' ON DOMAIN ') "
    "when 'table constraint' then replace(o.identity, ' on ', ' ON ') when 'trigger' then replace(o.identity, ' on ', "
    "' ON ') "
    "when 'policy' then replace(o.identity, ' on ', ' ON ') when 'rule' then replace(o.identity, ' on ', ' ON ') "
    "else o.identity end, d.description "
    // What initdb made has comments by the thousand, and lower numbers than anything that came later
    // (FirstNormalObjectId).
    "from (select * from pg_description where objoid >= 16384 or classoid in ('pg_namespace'::regclass, "
    "'pg_extension'::regclass)) d cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) o "
    "left join pg_constraint k on d.classoid = 'pg_constraint'::regclass and k.oid = d.objoid "
    "left join pg_trigger tg on d.classoid = 'pg_trigger'::regclass and tg.oid = d.objoid "
    "left join pg_policy pl on d.classoid = 'pg_policy'::regclass and pl.oid = d.objoid "
    "left join pg_rewrite rw on d.classoid = 'pg_rewrite'::regclass and rw.oid = d.objoid "
    "left join pg_index ix on d.classoid = 'pg_class'::regclass and ix.indexrelid = d.objoid "
    "left join pg_class c on c.oid = coalesce(nullif(k.conrelid, 0), tg.tgrelid, pl.polrelid, rw.ev_class, "
    "ix.indrelid, "
    "case when d.classoid = 'pg_class'::regclass then d.objoid end) "
    "left join pg_namespace cn on cn.oid = c.relnamespace "
    "left join pg_type dt on dt.oid = k.contypid left join pg_namespace dn on dn.oid = dt.typnamespace "
    "left join pg_namespace n on n.nspname = coalesce(cn.nspname, dn.nspname, o.schema, "
    "case when d.classoid = 'pg_namespace'::regclass then o.name end) "
    "where (n.oid = any($1::oid[]) or d.classoid in ('pg_event_trigger'::regclass, 'pg_publication'::regclass, "
    "'pg_extension'::regclass)) "
    // An extension brings a comment.
    "and (d.classoid <> 'pg_extension'::regclass or d.description is distinct from (select x.comment from "
    "pg_available_extensions() x where quote_ident(x.name) = o.identity)) "
    "and not (d.classoid = 'pg_namespace'::regclass and o.name = 'public' and d.description = 'standard public "
    "schema') "
    "and not exists (select from pg_depend own where own.classid = d.classoid and own.objid = d.objoid and own.deptype "
    "= 'e') "
    "and not (c.relispartition is true and d.classoid = 'pg_constraint'::regclass) order by 1, 2, 3";

// An owner's own rights are not told: who owns what is another question.
const char* const grants =
    "with object (schema, relation, identity, acl, base, owner) as ("
    "select n.nspname, c.relname, case c.relkind when 'S' then 'SEQUENCE ' else 'TABLE ' end || " NAMED("n.nspname", "c.relname")
    ", c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::\"char\", c.relowner), c.relowner "
    "from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relacl is not null "
    "and c.relkind in ('r', 'p', 'v', 'm', 'S') and " IN_SCHEMAS NOT_OF_EXTENSION("pg_class", "c.oid")
    "union all select n.nspname, '', case p.prokind when 'p' then 'PROCEDURE ' else 'FUNCTION ' end || "
    "format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), p.proacl, acldefault('f', p.proowner), p.proowner "
    "from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.proacl is not null and " IN_SCHEMAS
        NOT_OF_EXTENSION("pg_proc", "p.oid")
    "union all select n.nspname, '', 'SCHEMA ' || quote_ident(n.nspname), n.nspacl, coalesce((select i.initprivs from "
    "pg_init_privs i where i.classoid = 'pg_namespace'::regclass and i.objoid = n.oid), acldefault('n', n.nspowner)), n.nspowner "
    "from pg_namespace n where n.nspacl is not null and " IN_SCHEMAS NOT_OF_EXTENSION("pg_namespace", "n.oid")
    "union all select n.nspname, '', 'TYPE ' || " NAMED("n.nspname", "t.typname") ", t.typacl, acldefault('T', t.typowner), "
    "t.typowner from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typacl is not null and (t.typrelid = 0 "
    "or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')) and "
    IN_SCHEMAS NOT_OF_EXTENSION("pg_type", "t.oid") "), "
    "entry as ("
    "select o.schema, o.relation, o.identity, o.owner, a.grantee, a.privilege_type as privilege, a.is_grantable, true as now "
    "from object o, aclexplode(o.acl) a "
    "union all select o.schema, o.relation, o.identity, o.owner, a.grantee, a.privilege_type, a.is_grantable, false "
    "from object o, aclexplode(o.base) a "
    "union all select n.nspname, c.relname, 'TABLE ' || " NAMED("n.nspname", "c.relname") ", c.relowner, a.grantee, "
    "a.privilege_type || ' (' || quote_ident(t.attname) || ')', a.is_grantable, true "
    "from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace, "
    "aclexplode(t.attacl) a where not t.attisdropped and " IN_SCHEMAS NOT_OF_EXTENSION("pg_class", "c.oid") ") "
    "select schema, relation, identity, case grantee when 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(grantee)) end, "
    "json_agg(privilege order by privilege collate \"C\") filter (where now), "
    "json_agg(privilege order by privilege collate \"C\") filter (where now and is_grantable) "
    "from entry where grantee <> owner and grantee is distinct from to_regrole('pg_database_owner')::oid "
    "group by schema, relation, identity, grantee "
    "having array_agg(privilege order by privilege) filter (where now) is distinct from "
    "array_agg(privilege order by privilege) filter (where not now) "
    "order by 1, 2, 3, 4";

const char* const beyond_not_covered =
    "with n as (select oid, nspname from pg_namespace where oid = any($1::oid[])) "
    "select * from ("
    "select 'aggregate', n.nspname, '', p.proname::text, '(' || pg_get_function_identity_arguments(p.oid) || ')' "
    "from pg_proc p join n on n.oid = p.pronamespace where p.prokind = 'a' and" NOT_OF_EXTENSION("pg_proc", "p.oid")
    "union all select 'foreign table', n.nspname, '', c.relname, '' from pg_class c join n on n.oid = c.relnamespace "
    "where c.relkind = 'f' and" NOT_OF_EXTENSION("pg_class", "c.oid")
    "union all select 'table of a type', n.nspname, '', c.relname, '' from pg_class c join n on n.oid = c.relnamespace "
    "where c.relkind in ('r', 'p') and c.reloftype <> 0 "
    "union all select 'base type', n.nspname, '', t.typname, '' from pg_type t join n on n.oid = t.typnamespace "
    "where (t.typtype = 'b' and t.typelem = 0 or not t.typisdefined) and" NOT_OF_EXTENSION("pg_type", "t.oid")
    "union all select 'operator', n.nspname, '', o.oprname, '' from pg_operator o join n on n.oid = o.oprnamespace "
    "where" NOT_OF_EXTENSION("pg_operator", "o.oid")
    "union all select 'operator class', n.nspname, '', o.opcname, '' from pg_opclass o join n on n.oid = o.opcnamespace "
    "where" NOT_OF_EXTENSION("pg_opclass", "o.oid")
    "union all select 'operator family', n.nspname, '', f.opfname, '' from pg_opfamily f join n on n.oid = f.opfnamespace "
    "where" NOT_OF_EXTENSION("pg_opfamily", "f.oid") "and not exists (select from pg_depend d join pg_opclass o on o.oid = d.objid "
    "where d.classid = 'pg_opclass'::regclass and d.refclassid = 'pg_opfamily'::regclass and d.refobjid = f.oid "
    "and o.opcname = f.opfname) "
    "union all select 'conversion', n.nspname, '', v.conname, '' from pg_conversion v join n on n.oid = v.connamespace "
    "where" NOT_OF_EXTENSION("pg_conversion", "v.oid")
    "union all select 'text search parser', n.nspname, '', t.prsname, '' from pg_ts_parser t "
    "join n on n.oid = t.prsnamespace where" NOT_OF_EXTENSION("pg_ts_parser", "t.oid")
    "union all select 'text search template', n.nspname, '', t.tmplname, '' from pg_ts_template t "
    "join n on n.oid = t.tmplnamespace where" NOT_OF_EXTENSION("pg_ts_template", "t.oid")
    "union all select 'transform', '', '', format('FOR %s LANGUAGE %I', format_type(f.trftype, null), l.lanname), '' "
    "from pg_transform f join pg_language l on l.oid = f.trflang where" NOT_OF_EXTENSION("pg_transform", "f.oid")
    "union all select 'access method', '', '', m.amname, '' from pg_am m where m.oid >= 16384 and" NOT_OF_EXTENSION("pg_am", "m.oid")
    "union all select 'foreign data wrapper', '', '', w.fdwname, '' from pg_foreign_data_wrapper w "
    "where" NOT_OF_EXTENSION("pg_foreign_data_wrapper", "w.oid")
    "union all select 'user mapping', '', '', format('FOR %I SERVER %I', m.usename, m.srvname), '' from pg_user_mappings m "
    "union all select 'text search configuration', n.nspname, '', t.cfgname, '' from pg_ts_config t "
    "join n on n.oid = t.cfgnamespace where" NOT_OF_EXTENSION("pg_ts_config", "t.oid")
    "union all select 'text search dictionary', n.nspname, '', t.dictname, '' from pg_ts_dict t "
    "join n on n.oid = t.dictnamespace where" NOT_OF_EXTENSION("pg_ts_dict", "t.oid")
    "union all select 'cast', '', '', format('%s AS %s', format_type(c.castsource, null), format_type(c.casttarget, null)), '' "
    "from pg_cast c where c.oid >= 16384 and not exists (select from pg_depend i where i.classid = 'pg_cast'::regclass "
    "and i.objid = c.oid and i.deptype = 'i') and" NOT_OF_EXTENSION("pg_cast", "c.oid")
    "union all select 'foreign server', '', '', s.srvname, '' from pg_foreign_server s where" NOT_OF_EXTENSION("pg_foreign_server", "s.oid")
    "union all select 'language', '', '', l.lanname, '' from pg_language l where l.oid >= 16384 and" NOT_OF_EXTENSION("pg_language", "l.oid")
    "union all select 'subscription', '', '', s.subname, '' from pg_subscription s where s.subdbid = "
    "(select oid from pg_database where datname = current_database()) "
    "union all select 'default privileges', coalesce(dn.nspname, ''), '', pg_get_userbyid(d.defaclrole)::text, '' from pg_default_acl d "
    "left join pg_namespace dn on dn.oid = d.defaclnamespace where d.defaclnamespace = 0 or d.defaclnamespace = any($1::oid[]) "
    "union all select 'security label', '', '', s.objtype || ' ' || s.objname, '' from pg_seclabels s "
    "union all select 'part of a partition', n.nspname, c.relname, k.conname, 'constraint' from pg_constraint k "
    "join pg_class c on c.oid = k.conrelid join n on n.oid = c.relnamespace where c.relispartition and k.conparentid = 0 "
    "and k.coninhcount = 0 and k.contype in ('p', 'u', 'f', 'c', 'x') "
    "union all select 'part of a partition', n.nspname, c.relname, x.relname, 'index' from pg_index i "
    "join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid join n on n.oid = c.relnamespace "
    "where c.relispartition and not x.relispartition "
    "and not exists (select from pg_constraint k where k.conindid = i.indexrelid) "
    "union all select 'part of a partition', n.nspname, c.relname, a.attname, 'default' from pg_attribute a "
    "join pg_class c on c.oid = a.attrelid join n on n.oid = c.relnamespace join pg_inherits i on i.inhrelid = c.oid "
    "join pg_attribute pa on pa.attrelid = i.inhparent and pa.attname = a.attname "
    "left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "
    "left join pg_attrdef pd on pd.adrelid = pa.attrelid and pd.adnum = pa.attnum "
    "where c.relispartition and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' "
    "and pg_get_expr(d.adbin, d.adrelid) is distinct from pg_get_expr(pd.adbin, pd.adrelid) "
    "union all select 'clustered on an index', n.nspname, '', c.relname, x.relname from pg_index i "
    "join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid join n on n.oid = c.relnamespace "
    "where i.indisclustered and" NOT_OF_EXTENSION("pg_class", "c.oid")
    "union all select 'statistics of a column', n.nspname, c.relname, a.attname, a.attstattarget::text from pg_attribute a "
    "join pg_class c on c.oid = a.attrelid join n on n.oid = c.relnamespace where c.relkind in ('i', 'I', 'm') "
    "and a.attnum > 0 and not a.attisdropped and a.attstattarget >= 0 and" NOT_OF_EXTENSION("pg_class", "c.oid")
    "union all select 'options of a column', n.nspname, c.relname, a.attname, " COLUMN_OPTIONS " "
    "from pg_attribute a join pg_class c on c.oid = a.attrelid join n on n.oid = c.relnamespace "
    "where " COLUMN_OPTIONS " is not null and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped "
    "union all select 'default of a view', n.nspname, c.relname, a.attname, '' from pg_attrdef d "
    "join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum join pg_class c on c.oid = d.adrelid "
    "join n on n.oid = c.relnamespace where c.relkind = 'v' "
    ") found (kind, schema, tab, name, detail) "
    "order by kind collate \"C\", schema collate \"C\", tab collate \"C\", name collate \"C\", detail collate \"C\"";

}  // namespace sluice::read::queries
