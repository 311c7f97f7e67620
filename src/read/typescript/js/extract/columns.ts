import { is, SQL } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import { type Any, type Context } from './context';
import { defaultText } from './defaults';

const { PgArray, PgEnumColumn } = pg as Any;

const textOf = (value: Any): string | undefined => (value === undefined ? undefined : String(value));

// drizzle-orm 0.x has a class for arrays whose type is complete; in 1.0 the column itself knows its dimensions.
export function sqlType(column: Any): string {
  const type: string = column.getSQLType();
  if (PgArray === undefined && typeof column.dimensions === 'number' && column.dimensions > 0 && !type.endsWith(']')) {
    return /vec\(|^vector|^bit/.test(type) ? type : type + '[]'.repeat(column.dimensions);
  }
  return type;
}

function enumSchema(column: Any): string | undefined {
  while (column.baseColumn !== undefined) column = column.baseColumn;
  return column.enum !== undefined && is(column, PgEnumColumn) ? (column as Any).enum.schema || 'public' : undefined;
}

// Bounds and start of a sequence, as text. `lowest` and `highest` are what the type allows.
export function sequenceOptions(options: Any, lowest: string, highest: string) {
  const increment = textOf(options?.increment) ?? '1';
  const descending = parseFloat(increment) < 0;
  const minValue = textOf(options?.minValue) ?? (descending ? lowest : '1');
  const maxValue = textOf(options?.maxValue) ?? (descending ? '-1' : highest);
  return {
    increment,
    startWith: textOf(options?.startWith) ?? (descending ? maxValue : minValue),
    minValue,
    maxValue,
    cache: textOf(options?.cache) ?? '1',
    cycle: options?.cycle ?? false,
  };
}

const highestOf = (type: string) =>
  type === 'integer' ? '2147483647' : type === 'bigint' ? '9223372036854775807' : '32767';

function generatedText(context: Context, as: Any): string {
  if (typeof as === 'function') as = as();
  return is(as, SQL) ? context.sql(as) : as;
}

// One column as the snapshot has it. The order of the keys is the order in the file.
export function readColumn(context: Context, column: Any, name: string, owner: string, schema: string) {
  const type = sqlType(column);
  const { generated, generatedIdentity: identity } = column;
  const typeSchema = enumSchema(column);
  const { primary: primaryKey, notNull } = column;
  const result: Any = typeSchema === undefined
    ? { name, type, primaryKey, notNull }
    : { name, type, typeSchema, primaryKey, notNull };
  if (generated) result.generated = { as: generatedText(context, generated.as), type: 'stored' };
  if (identity) {
    result.identity = {
      type: identity.type,
      name: identity.sequenceName ?? `${owner}_${name}_seq`,
      schema,
      // The lowest value does not follow the type: so drizzle-kit has it, and old snapshots with it.
      ...sequenceOptions(identity.sequenceOptions, '-32768', highestOf(type)),
    };
  }
  if (column.default !== undefined) result.default = defaultText(context, column, type);
  return result;
}
