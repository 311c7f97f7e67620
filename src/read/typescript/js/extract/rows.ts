// The schema as drizzle-kit 1.0 keeps it: a list of rows for its snapshots of versions 8 and 9. From drizzle-orm 1.0, and
// from 0.x as well: what a folder says does not depend on which of them is installed.
import { is, SQL } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import { sequenceOptions, sqlType } from './columns';
import { type Any, type Context } from './context';
import { readPolicy } from './policies';
import { rowDefault } from './row_defaults';
import { nameOf, schemaOf } from './tables';

const { getMaterializedViewConfig, getTableConfig, getViewConfig, PgEnumColumn, PgView } = pg as Any;

const sqlText = (context: Context, fragment: Any, source?: 'indexes') =>
  is(fragment, SQL) ? context.sql(fragment, source) : null;

// A short name for a long one, as drizzle-kit makes it up.
function checksum(text: string): string {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const count = BigInt(letters.length), range = count ** 12n;
  let sum = 0n, power = 1n;
  for (const letter of text) {
    sum = (sum + BigInt(letter.codePointAt(0)!) * power) % range;
    power = (power * 53n) % range;
  }
  let result = '';
  for (let i = 0; i < 12; i++, sum /= count) result = letters[Number(sum % count)] + result;
  return result;
}

function foreignKeyName(table: string, columns: string[], tableTo: string, columnsTo: string[]): string {
  const name = `${table}_${columns.join('_')}_${tableTo}_${columnsTo.join('_')}_fkey`;
  if (name.length <= 63) return name;
  return table.length < 45 ? `${table}_${checksum(name)}_fkey` : `${checksum(name)}_fkey`;
}

const highestOf = (type: string) =>
  type === 'integer' ? '2147483647' : type === 'bigint' ? '9223372036854775807' : '32767';

// drizzle-orm 0.x gives every constraint a name and does not say whether it was given: then by what it would make up.
const given = (flag: boolean | undefined, name: string | undefined, madeUp: string) =>
  flag ?? (name !== undefined && name !== madeUp);

function columnRow(context: Context, column: Any, schema: string, table: string, inKey: Set<string>) {
  let base = column;
  while (base.baseColumn !== undefined) base = base.baseColumn;
  const name = context.name(column);
  const full = sqlType(column).replace(', ', ',').replace(/^timestamp \(/, 'timestamp(');
  const type = full.replace(/\[\d*\]/g, '');
  const dimensions = full.match(/\[\d*\]/g)?.length ?? 0;
  const isEnum = base.enum !== undefined && (is(base, PgEnumColumn) || base.enum.enumName !== undefined);
  const { generated, generatedIdentity: identity } = column;
  const as = typeof generated?.as === 'function' ? generated.as() : generated?.as;
  const options = identity && sequenceOptions(identity.sequenceOptions, '-32768', highestOf(full));
  return {
    schema, table, name, type,
    typeSchema: isEnum ? base.enum.schema || 'public' : null,
    notNull: column.notNull || column.primary || inKey.has(name),
    dimensions,
    default: rowDefault(context, column, base, type, isEnum, dimensions),
    generated: generated ? { as: sqlText(context, as) ?? String(as), type: 'stored' } : null,
    identity: identity ? {
      type: identity.type,
      name: identity.sequenceName ?? `${table}_${name}_seq`,
      increment: options.increment, startWith: options.startWith, minValue: options.minValue, maxValue: options.maxValue,
      cache: Number(options.cache), cycle: options.cycle,
    } : null,
    entityType: 'columns',
  };
}

class TableRows {
  constructor(private readonly context: Context, private readonly rows: Any[], private readonly table: Any) {}

  read(linked: Any[]) {
    const { context, table } = this;
    const config = getTableConfig(table);
    const name: string = config.name, schema: string = config.schema ?? 'public';
    const policies = [...config.policies ?? [], ...linked];
    this.add('tables', { schema, name, isRlsEnabled: Boolean(config.enableRLS) || policies.length > 0 });
    const names = (columns: Any[]) => columns.map((column) => context.name(column));
    const inKey = new Set<string>(config.primaryKeys.flatMap((key: Any) => names(key.columns)));
    for (const column of config.columns) this.rows.push(columnRow(context, column, schema, name, inKey));
    for (const { config: index, ...rest } of config.indexes) this.index(schema, name, index, rest);
    for (const key of config.foreignKeys) this.foreignKey(schema, name, key);
    for (const key of config.primaryKeys) {
      const columns = names(key.columns);
      const old = `${name}_${columns.join('_')}_pk`;
      const explicit = given(key.isNameExplicit, key.name, old);
      this.add('pks', { schema, table: name, name: explicit ? key.name : `${name}_pkey`, columns, nameExplicit: explicit });
    }
    const unnamed = config.columns.filter((column: Any) => column.primary);
    if (config.primaryKeys.length === 0)
      for (const column of unnamed.slice(0, 1))
        this.add('pks', { schema, table: name, name: `${name}_pkey`, columns: [context.name(column)], nameExplicit: false });
    this.uniques(schema, name, config, names);
    for (const check of config.checks)
      this.add('checks', { schema, table: name, name: check.name, value: context.sql(check.value, 'indexes') });
    for (const policy of policies) this.rows.push(policyRow(context, policy, schema, name));
  }

  private add(entityType: string, row: Any) {
    this.rows.push({ ...row, entityType });
  }

  private index(schema: string, table: string, index: Any, rest: Any) {
    const { context } = this;
    const expressions = index.columns.some((column: Any) => is(column, SQL));
    const madeUp = `${table}_${index.columns.map((column: Any) => context.name(column)).join('_')}_index`;
    const where = index.where ? context.sql(index.where, 'indexes') : '';
    this.add('indexes', {
      schema, table,
      name: index.name || madeUp,
      nameExplicit: rest.isNameExplicit ?? (expressions || Boolean(index.name && index.name !== madeUp)),
      columns: index.columns.map((column: Any) => {
        if (is(column, SQL))
          return { value: context.sql(column, 'indexes'), isExpression: true, asc: true, nullsFirst: false, opclass: null };
        const options = column.indexConfig;
        const asc = options?.order ? options.order === 'asc' : true;
        return {
          value: context.name(column), isExpression: false, asc,
          nullsFirst: options?.nulls ? options.nulls === 'first' : !asc,
          opclass: options?.opClass ? { name: options.opClass, default: false } : null,
        };
      }),
      isUnique: index.unique ?? false,
      where: where === '' || where === 'true' ? null : where,
      with: Object.entries(index.with ?? {}).map(([key, value]) => `${key}=${value}`).join(', '),
      method: index.method ?? 'btree',
      concurrently: index.concurrently ?? false,
    });
  }

  private foreignKey(schema: string, table: string, key: Any) {
    const { context } = this;
    const reference = key.reference();
    const columns = reference.columns.map((column: Any) => context.name(column));
    const columnsTo = reference.foreignColumns.map((column: Any) => context.name(column));
    const tableTo = nameOf(reference.foreignTable);
    const explicit = given(key.isNameExplicit?.(), reference.name,
      `${table}_${columns.join('_')}_${tableTo}_${columnsTo.join('_')}_fk`);
    this.add('fks', {
      schema, table,
      name: explicit ? key.getName() : foreignKeyName(table, columns, tableTo, columnsTo),
      nameExplicit: explicit,
      columns,
      schemaTo: schemaOf(reference.foreignTable) ?? 'public',
      tableTo,
      columnsTo,
      onUpdate: key.onUpdate?.toUpperCase() ?? null,
      onDelete: key.onDelete?.toUpperCase() ?? null,
    });
  }

  private uniques(schema: string, table: string, config: Any, names: (columns: Any[]) => string[]) {
    const seen = new Set<string>();
    for (const unique of config.uniqueConstraints ?? []) {
      const columns = names(unique.columns);
      const madeUp = `${table}_${columns.join('_')}_unique`;
      const explicit = given(unique.isNameExplicit, unique.name, madeUp);
      seen.add(columns.join('\0'));
      this.add('uniques', {
        schema, table, name: explicit ? unique.name : madeUp, nameExplicit: explicit, columns,
        nullsNotDistinct: unique.nullsNotDistinct,
      });
    }
    for (const column of config.columns) {
      const name = this.context.name(column);
      if (!column.isUnique || seen.has(name)) continue;
      const explicit = column.uniqueName !== undefined && column.uniqueName !== `${table}_${column.name}_unique`;
      this.add('uniques', {
        schema, table,
        name: explicit ? column.uniqueName : `${table}_${name}_key`,
        nameExplicit: explicit,
        columns: [name],
        nullsNotDistinct: column.uniqueType === 'not distinct',
      });
    }
  }
}

function policyRow(context: Context, policy: Any, schema: string, table: string) {
  const { name, as, for: command, to, using, withCheck } = readPolicy(context, policy);
  return {
    schema, table, name, as, for: command, roles: to, using: using ?? null, withCheck: withCheck ?? null,
    entityType: 'policies',
  };
}

const viewOptions = [
  'checkOption', 'securityBarrier', 'securityInvoker', 'autovacuumEnabled', 'autovacuumFreezeMaxAge',
  'autovacuumFreezeMinAge', 'autovacuumFreezeTableAge', 'autovacuumMultixactFreezeMaxAge',
  'autovacuumMultixactFreezeMinAge', 'autovacuumMultixactFreezeTableAge', 'autovacuumVacuumCostDelay',
  'autovacuumVacuumCostLimit', 'autovacuumVacuumScaleFactor', 'autovacuumVacuumThreshold', 'fillfactor',
  'logAutovacuumMinDuration', 'parallelWorkers', 'toastTupleTarget', 'userCatalogTable', 'vacuumIndexCleanup',
  'vacuumTruncate',
];

function viewRow(context: Context, view: Any) {
  const materialized = !is(view, PgView);
  const config = materialized ? getMaterializedViewConfig(view) : getViewConfig(view);
  if (config.isExisting) return undefined;
  const options = Object.fromEntries(viewOptions.map((option) => [option, config.with?.[option] ?? null]));
  return {
    schema: config.schema ?? 'public',
    name: config.name,
    definition: context.sql(config.query),
    with: Object.values(options).some((value) => value !== null) ? options : null,
    withNoData: config.withNoData ?? null,
    using: config.using ?? null,
    tablespace: config.tablespace ?? null,
    materialized,
    entityType: 'views',
  };
}

function roleRow(role: Any) {
  return {
    name: role.name,
    superuser: role.superuser ?? false,
    createDb: role.createDb ?? false,
    createRole: role.createRole ?? false,
    inherit: role.inherit ?? true,
    canLogin: role.canLogin ?? false,
    replication: role.replication ?? false,
    bypassRls: role.bypassRls ?? false,
    connLimit: role.connLimit ?? -1,
    password: role.password ?? null,
    validUntil: role.validUntil ?? null,
    entityType: 'roles',
  };
}

// `found` are the exports by kind, after the first reading found nothing wrong with them.
export function readRows(context: Context, found: Record<string, { value: Any }[]>): Any[] {
  const rows: Any[] = [];
  const existing = (schema: Any) => schema.isExisting === true;
  for (const { value } of found.schemas)
    if (value.schemaName !== 'public' && !existing(value)) rows.push({ name: value.schemaName, entityType: 'schemas' });
  const tables = new Set(found.tables.map(({ value }) => value));
  const linked = found.policies.map(({ value }) => value).filter((policy) => policy._linkedTable);
  for (const table of tables)
    new TableRows(context, rows, table).read(linked.filter((policy) => policy._linkedTable === table));
  for (const policy of linked)
    if (!tables.has(policy._linkedTable))
      rows.push(policyRow(context, policy, schemaOf(policy._linkedTable) ?? 'public', nameOf(policy._linkedTable)));
  for (const { value } of found.enums)
    rows.push({ schema: value.schema || 'public', name: value.enumName, values: value.enumValues, entityType: 'enums' });
  for (const { value } of found.sequences) {
    const options = sequenceOptions(value.seqOptions, '-9223372036854775808', '9223372036854775807');
    rows.push({
      schema: value.schema ?? 'public', name: value.seqName, incrementBy: options.increment, minValue: options.minValue,
      maxValue: options.maxValue, startWith: options.startWith, cacheSize: Number(options.cache), cycle: options.cycle,
      entityType: 'sequences',
    });
  }
  for (const { value } of found.roles) if (!value._existing) rows.push(roleRow(value));
  for (const { value } of [...found.views, ...found.materializedViews]) {
    const row = viewRow(context, value);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
