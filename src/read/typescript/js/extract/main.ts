// Runs inside the engine after the user's files: turns drizzle's objects into the JSON of a snapshot.
import { is } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import { type Any, type Casing, clipped, Context, type Problem } from './context';
import { Doctor } from './doctor';
import { readEnum, readRole, readSequence, readView } from './objects';
import { readPolicy } from './policies';
import { readRows } from './rows';
import { nameOf, schemaOf, Tables } from './tables';

const { isPgEnum, isPgMaterializedView, isPgSequence, isPgView, PgPolicy, PgRole, PgSchema, PgTable } = pg as Any;

// Old versions lack some of the classes.
const isA = (value: Any, type: Any) => type !== undefined && is(value, type);

// A schema file, and the namespaces of those that it exports all of, in their order.
interface Module {
  file: number;
  namespace: Any;
  stars: Module[];
}

interface Found {
  value: Any;
  file: number;
  name: string;
}

// The exports of a module in the order in which a CommonJS loader would make them: its own by name, then those that
// come from `export *`, statement by statement. The order of tables in snapshots comes from here.
// Where two files export one name, the first wins (a namespace would have neither).
function* exportsOf(module: Module, seen = new Set<string>(), nested = false): Generator<Found> {
  // What a module exports itself hides the same name of a star.
  const fromStars = (name: string, value: Any) =>
    module.stars.some(({ namespace }) => name in namespace && namespace[name] === value);
  for (const [name, value] of Object.entries(module.namespace)) {
    if (fromStars(name, value) || seen.has(name) || (nested && name === 'default')) continue;
    seen.add(name);
    yield { value, file: module.file, name };
  }
  for (const star of module.stars) yield* exportsOf(star, seen, true);
}

function classify(modules: Module[]) {
  const found: Record<string, Found[]> = {
    tables: [], enums: [], schemas: [], sequences: [], views: [], materializedViews: [], roles: [], policies: [],
  };
  const seen = new Set<Any>();
  for (const module of modules) {
    for (const item of exportsOf(module)) {
      const { value } = item;
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
      const kind = isPgEnum(value) ? 'enums'
        : is(value, PgTable) ? 'tables'
        : isA(value, PgSchema) ? 'schemas'
        : isPgView?.(value) ? 'views'
        : isPgMaterializedView?.(value) ? 'materializedViews'
        : isPgSequence?.(value) ? 'sequences'
        : isA(value, PgRole) ? 'roles'
        : isA(value, PgPolicy) ? 'policies'
        : undefined;
      if (kind === undefined) continue;
      seen.add(value);
      found[kind].push(item);
    }
  }
  return found;
}

export interface Extraction {
  json: string;
  problems: Problem[];
  sources: [key: string, file: number, name: string][];
  properties: [schema: string, table: string, column: string, property: string][];
}

// `asRows`: as drizzle-kit 1.0 keeps it, instead of version 7.
export function extract(modules: Module[], casing: Casing, asRows = false): Extraction {
  const context = new Context(casing);
  const doctor = new Doctor(context);
  const found = classify(modules);
  const sources: Extraction['sources'] = [];
  const byLabel = new Map<string, Extraction['sources'][number]>();
  const all = [...found.tables, ...found.enums, ...found.views, ...found.materializedViews, ...found.schemas,
    ...found.sequences, ...found.roles, ...found.policies];
  for (const { value, file, name } of all) doctor.remember(value, { file, name });

  // Tables, views and sequences of a schema share their names, and PostgreSQL may see fewer letters than we do.
  const byName = new Map<string, { kind: string; key: string; export: string }>();
  const notTwice = (kind: string, key: string, item: Found) => {
    const dot = key.indexOf('.') + 1;
    const space = kind === 'table' || kind === 'view' || kind === 'sequence' ? 'relation' : kind;
    const name = `${space} ${key.slice(0, dot)}${clipped(key.slice(dot))}`;
    const other = byName.get(name);
    if (other === undefined) {
      byName.set(name, { kind, key, export: item.name });
      return;
    }
    const short = key === other.key ? 'have one name' : 'have one name to PostgreSQL, which keeps 63 bytes of it';
    context.error({
      code: 'same-name',
      message: `${other.kind} ${other.key} and ${kind} ${key} ${short}: exports ${other.export} and ${item.name}`,
      hint: key === other.key ? 'rename one of them' : 'shorten one of the names',
      file: item.file,
      search: [item.name],
    });
  };

  // Puts an object under its key, unless another one stands there.
  const put = (into: Any, kind: string, key: string, item: Found, read: () => Any) => {
    const label = `${kind} ${key}`;
    const other = byLabel.get(label);
    if (other !== undefined) {
      context.error({
        code: `duplicate-${kind}`,
        message: `two ${kind}s have the name ${key}: exports ${other[2]} and ${item.name}`,
        hint: 'rename one of them, or export only one',
        file: item.file,
        search: [item.name],
        also: { file: other[1], name: other[2] },
      } as Any);
      return;
    }
    notTwice(kind, key, item);
    const source: Extraction['sources'][number] = [label, item.file, item.name];
    sources.push(source);
    byLabel.set(label, source);
    into[key] = read();
  };

  const tables: Any = {};
  const reader = new Tables(context, doctor);
  for (const item of found.tables) {
    const key = `${schemaOf(item.value) ?? 'public'}.${nameOf(item.value)}`;
    put(tables, 'table', key, item, () => reader.read(item.value));
  }

  const managed = new Set(['public', ...found.schemas.map((item) => item.value.schemaName)]);
  for (const { value } of found.tables) managed.add(schemaOf(value) ?? 'public');
  for (const { table, column, target } of reader.references) {
    const schema = schemaOf(target) ?? 'public';
    if (managed.has(schema) && !(`${schema}.${nameOf(target)}` in tables)) doctor.unknownTarget(table, column, target);
  }

  const policies: Any = {};
  for (const item of found.policies) {
    const policy = item.value;
    const linked = policy._linkedTable;
    if (!linked) {
      context.warning({
        code: 'policy-without-table',
        message: `policy "${policy.name}" is left out: it belongs to no table`,
        hint: 'put it into the table, or call .link(table) on it',
        file: item.file,
        search: [item.name],
      });
      continue;
    }
    const key = `${schemaOf(linked) ?? 'public'}.${nameOf(linked)}`;
    if (tables[key]?.policies[policy.name] !== undefined || policies[policy.name] !== undefined) {
      doctor.duplicate(linked, 'policy', policy.name);
      continue;
    }
    if (tables[key]) {
      tables[key].policies[policy.name] = readPolicy(context, policy);
    } else {
      policies[policy.name] = {
        ...readPolicy(context, policy),
        schema: schemaOf(linked) ?? 'public',
        on: `"${schemaOf(linked) ?? 'public'}"."${nameOf(linked)}"`,
      };
    }
  }

  const sequences: Any = {};
  for (const item of found.sequences) {
    const key = `${item.value.schema ?? 'public'}.${item.value.seqName}`;
    put(sequences, 'sequence', key, item, () => readSequence(item.value));
  }
  const roles: Any = {};
  for (const item of found.roles) {
    if (!item.value._existing) put(roles, 'role', item.value.name, item, () => readRole(item.value));
  }
  const views: Any = {};
  const configOf = (view: Any) => (isPgView(view) ? (pg as Any).getViewConfig(view) : (pg as Any).getMaterializedViewConfig(view));
  for (const item of [...found.views, ...found.materializedViews]) {
    const { schema, name } = configOf(item.value);
    put(views, 'view', `${schema ?? 'public'}.${name}`, item, () => readView(context, item.value));
  }
  const enums: Any = {};
  for (const item of found.enums) {
    const key = `${item.value.schema || 'public'}.${item.value.enumName}`;
    put(enums, 'enum', key, item, () => readEnum(item.value));
    for (const value of item.value.enumValues) {
      if (clipped(value) === value) continue;
      context.error({
        code: 'enum-value-too-long',
        message: `enum ${key} has the value "${value}": PostgreSQL allows 63 bytes`,
        file: item.file,
        search: [value, item.name],
      });
    }
  }
  const schemas: Any = {};
  for (const item of found.schemas) {
    const name: string = item.value.schemaName;
    if (name !== 'public') schemas[name] = name;
  }

  if (all.length === 0) {
    context.warning({
      code: 'no-tables',
      message: 'the schema files export no table, enum, view or other database object',
      hint: 'objects must be exported to be seen: export const users = pgTable(...)',
      file: modules[0]?.file,
    });
  }
  const wrong = context.problems.some((problem) => problem.severity === 'error');
  const json = asRows && !wrong ? JSON.stringify(readRows(context, found)) : JSON.stringify({
    version: '7', dialect: 'postgresql', tables, enums, schemas, sequences, roles, policies, views,
    _meta: { columns: {}, schemas: {}, tables: {} },
  });
  return { json, problems: context.problems, sources, properties: reader.properties };
}

// The query of a view is written when it is declared. drizzle-orm's own builder knows nothing of the casing then, and
// asks for columns that are not there.
function useCasing(casing: Casing) {
  const builder = (pg as Any).QueryBuilder?.prototype;
  if (typeof builder?.getDialect !== 'function') return;
  builder.getDialect = function () {
    this.dialect ??= new (pg as Any).PgDialect(this.dialectConfig ?? { casing });
    return this.dialect;
  };
}

Object.assign((globalThis as Any).__sluice, { extract, useCasing });
