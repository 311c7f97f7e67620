// Enums, schemas, sequences, roles and views.
import { is } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import { readColumn, sequenceOptions } from './columns';
import { type Any, type Context } from './context';

const { getMaterializedViewConfig, getViewConfig, PgColumn, PgView } = pg as Any;

export const readEnum = (value: Any) => ({
  name: value.enumName,
  schema: value.schema || 'public',
  values: value.enumValues,
});

export const readSequence = (sequence: Any) => ({
  name: sequence.seqName,
  schema: sequence.schema ?? 'public',
  ...sequenceOptions(sequence.seqOptions, '-9223372036854775808', '9223372036854775807'),
});

export const readRole = (role: Any) => ({
  name: role.name,
  createDb: role.createDb ?? false,
  createRole: role.createRole ?? false,
  inherit: role.inherit ?? true,
});

export function readView(context: Context, view: Any) {
  const materialized = !is(view, PgView);
  const config = materialized ? getMaterializedViewConfig(view) : getViewConfig(view);
  const schema: string = config.schema ?? 'public';
  const columns: Any = {};
  for (const field of Object.values(config.selectedFields ?? {}) as Any[]) {
    if (!is(field, PgColumn)) continue;
    const column = field as Any;
    const result = readColumn(context, column, column.name, config.name, schema);
    // drizzle-kit is not as thorough here as with the columns of a table; no statement comes of it.
    if (column.baseColumn !== undefined) delete result.typeSchema;
    if (typeof column.default === 'string') result.default = `'${column.default}'`;
    columns[column.name] = result;
  }
  return {
    columns,
    definition: config.isExisting ? undefined : context.sql(config.query),
    name: config.name,
    schema,
    isExisting: config.isExisting,
    with: config.with,
    withNoData: config.withNoData,
    materialized,
    tablespace: config.tablespace,
    using: config.using,
  };
}
