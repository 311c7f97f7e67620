-- Everything about a database that a schema can say, one line per fact, without what differs between two databases
-- that are the same: object identifiers and the order of columns.
with namespace as (
  select oid, nspname from pg_namespace
  where nspname not like 'pg\_%' and nspname not in ('information_schema', 'drizzle', 'sluice')
),
relation as (
  select c.*, n.nspname, format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join namespace n on n.oid = c.relnamespace
  where c.relname not like '\_\_drizzle\_migrations%'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
)
select fact from (
  select format('schema %I', nspname) from namespace where nspname <> 'public'
  union all
  select format('enum %I.%I: %s', n.nspname, t.typname,
                (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid))
  from pg_type t join namespace n on n.oid = t.typnamespace where t.typtype = 'e'
  union all
  select format('relation %s: kind %s, persistence %s, row security %s, forced %s, options %s, access method %s, tablespace %s, comment %s',
                name, relkind, relpersistence, relrowsecurity, relforcerowsecurity, reloptions,
                (select amname from pg_am where oid = relam), reltablespace, obj_description(oid, 'pg_class'))
  from relation where relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select format('column %s.%I: %s%s%s%s%s', r.name, a.attname, format_type(a.atttypid, a.atttypmod),
                case when a.attnotnull then ' not null' end,
                case when a.attidentity <> '' then ' identity ' || a.attidentity::text end,
                case when a.attgenerated <> '' then ' generated ' || a.attgenerated::text end,
                coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
                  || coalesce(' collate ' || (select collname from pg_collation where oid = nullif(a.attcollation, 100) and oid <> t.typcollation), ''))
  from relation r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
  where r.relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select format('constraint %s %I: %s%s', r.name, c.conname, pg_get_constraintdef(c.oid), case when not c.convalidated then ' not valid' end)
  from pg_constraint c join relation r on r.oid = c.conrelid where c.contype <> 'n'
  union all
  select format('index %s%s', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then ' invalid' end)
  from pg_index i join relation r on r.oid = i.indrelid
  union all
  select format('sequence %s: %s start %s increment %s min %s max %s cache %s cycle %s owner %s', r.name, format_type(s.seqtypid, null),
                s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
                (select format('%s.%I %s', o.name, a.attname, d.deptype)
                 from pg_depend d join relation o on o.oid = d.refobjid
                 join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                 where d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype in ('a', 'i')))
  from pg_sequence s join relation r on r.oid = s.seqrelid
  union all
  select format('view %s (populated %s): %s', name, relispopulated, pg_get_viewdef(oid)) from relation where relkind in ('v', 'm')
  union all
  select format('policy %s %I: %s %s to %s using %s with check %s', r.name, p.polname, case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd,
                (select array_agg(case when role = 0 then 'public' else pg_get_userbyid(role) end order by 1) from unnest(p.polroles) role),
                pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
  from pg_policy p join relation r on r.oid = p.polrelid
  union all
  select format('function %s', p.oid::regprocedure) from pg_proc p join namespace n on n.oid = p.pronamespace
  where not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  union all
  select format('trigger %s', pg_get_triggerdef(t.oid)) from pg_trigger t join relation r on r.oid = t.tgrelid where not t.tgisinternal
  union all
  select format('extension %I', extname) from pg_extension where extname <> 'plpgsql'
) facts (fact)
order by fact collate "C"
